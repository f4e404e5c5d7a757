package trail

import (
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// PublicKey is a key that CloudTrail signed digests with.
type PublicKey struct {
	// Fingerprint is the hexadecimal MD5 of the DER bytes as ListPublicKeys
	// gives them. It chooses a key and proves nothing.
	Fingerprint        string
	ValidFrom, ValidTo time.Time // either is zero when not stated
	Key                *rsa.PublicKey
}

// Keys are the keys that are trusted. ListPublicKeys answers for one region and
// one period: append what several calls gave.
type Keys []PublicKey

// ParseKeys reads what `aws cloudtrail list-public-keys` prints. A key whose
// fingerprint is not that of its bytes is refused.
func ParseKeys(b []byte) (Keys, error) {
	var list struct {
		PublicKeyList []struct {
			Value, Fingerprint                 string
			ValidityStartTime, ValidityEndTime json.RawMessage
		}
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("read list of public keys: %w", err)
	}
	if list.PublicKeyList == nil {
		return nil, errors.New("read list of public keys: PublicKeyList is missing")
	}
	keys := Keys{}
	for i, in := range list.PublicKeyList {
		k, err := newKey(in.Value, in.Fingerprint)
		if err == nil {
			k.ValidFrom, err = keyTime(in.ValidityStartTime)
		}
		if err == nil {
			k.ValidTo, err = keyTime(in.ValidityEndTime)
		}
		if err != nil {
			return nil, fmt.Errorf("read PublicKeyList[%d]: %w", i, err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// newKey reads the DER of a key, which is PKCS #1 in what the service answers
// and SubjectPublicKeyInfo in a sample of its documentation.
func newKey(value, fingerprint string) (PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return PublicKey{}, fmt.Errorf("value is not base64: %w", err)
	}
	sum := md5.Sum(der)
	computed := hex.EncodeToString(sum[:])
	if !strings.EqualFold(computed, fingerprint) {
		return PublicKey{}, fmt.Errorf("fingerprint is %q, that of the value is %s", fingerprint, computed)
	}
	key, err := parseDER(der)
	return PublicKey{Fingerprint: computed, Key: key}, err
}

func parseDER(der []byte) (*rsa.PublicKey, error) {
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, nil
	}
	other, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("value is neither a PKCS #1 nor an SPKI public key")
	}
	key, ok := other.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("value is a key of type %T, not RSA", other)
	}
	return key, nil
}

// keyTime reads a time as the versions of the AWS CLI print it: text of RFC
// 3339, or seconds since 1970.
func keyTime(raw json.RawMessage) (t time.Time, err error) {
	var text string
	var seconds float64
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return t, nil
	case json.Unmarshal(raw, &seconds) == nil:
		if math.Abs(seconds) > 1e11 { // beyond year 5000: milliseconds, perhaps
			return t, fmt.Errorf("time %s is no number of seconds", raw)
		}
		whole, part := math.Modf(seconds)
		return time.Unix(int64(whole), int64(part*1e9)).UTC(), nil
	case json.Unmarshal(raw, &text) == nil:
		if t, err = time.Parse(time.RFC3339, text); err == nil {
			return t.UTC(), nil
		}
	}
	return t, fmt.Errorf("time %s is neither RFC 3339 nor a number", raw)
}

// find returns the keys with a fingerprint: one, or one repeated with other
// periods.
func (k Keys) find(fingerprint string) (found Keys) {
	for _, key := range k {
		if strings.EqualFold(key.Fingerprint, fingerprint) {
			found = append(found, key)
		}
	}
	return found
}

// validBetween tells whether the key was valid at some time between from and
// to.
func (k PublicKey) validBetween(from, to time.Time) bool {
	return (k.ValidFrom.IsZero() || !k.ValidFrom.After(to)) && (k.ValidTo.IsZero() || !k.ValidTo.Before(from))
}
