package verify

import (
	"bytes"
	"crypto"
	"crypto/sha1" // of ESSCertID in RFC 3161: it only names a certificate
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// maxToken bounds a time-stamp token, in bytes, and maxDepth how deep it is nested:
// the library takes long over what is.
const maxToken, maxDepth = 64 << 10, 32

var (
	oidContentType  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidTSTInfo      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidSigningCert  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCert2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidExtKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidSHA256       = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384       = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512       = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
)

// stamped checks a time-stamp token over the checkpoint's note, RFC 3161. Its own
// signature is always checked; whose it is only when authorities are named.
func (t Trust) stamped(v *vouched, token []byte) error {
	ts, p7, err := openToken(token)
	if err != nil {
		return err
	}
	imprint := sha256.Sum256([]byte(v.note))
	if ts.HashAlgorithm != crypto.SHA256 || !bytes.Equal(ts.HashedMessage, imprint[:]) {
		return errors.New("its time-stamp is over something else than the SHA-256 of the checkpoint's note")
	}
	signer, err := signerOf(p7)
	if err != nil {
		return fmt.Errorf("its time-stamp is not made as RFC 3161 has it: %w", err)
	}
	v.by, v.at = signer.Subject.String(), ts.Time.UTC()
	if t.Authorities == nil {
		return errOther
	}
	between := x509.NewCertPool()
	for _, c := range ts.Certificates {
		between.AddCert(c)
	}
	_, err = signer.Verify(x509.VerifyOptions{
		Roots: t.Authorities, Intermediates: between, CurrentTime: ts.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	})
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &unknown):
		return errOther
	case err != nil:
		return fmt.Errorf("the certificate of its time-stamp does not hold: %w", err)
	}
	v.who = v.by
	return nil
}

// openToken reads a token, in its one form: the library takes others, and what
// DER has no second spelling for cannot hide anything.
func openToken(token []byte) (*timestamp.Timestamp, *pkcs7.PKCS7, error) {
	if len(token) > maxToken {
		return nil, nil, fmt.Errorf("its time-stamp has %d bytes, at most %d are read", len(token), maxToken)
	}
	if err := isDER(token, maxDepth); err != nil {
		return nil, nil, fmt.Errorf("its time-stamp is no token of RFC 3161 in DER: %w", err)
	}
	p7, err := pkcs7.Parse(token)
	if err != nil {
		return nil, nil, fmt.Errorf("its time-stamp cannot be read: %w", err)
	}
	if len(p7.Certificates) == 0 {
		return nil, nil, errors.New("its time-stamp brings no certificate: ask the authority for one with its certificate")
	}
	ts, err := timestamp.Parse(token) // checks the signature with the certificate in it
	if err != nil {
		return nil, nil, fmt.Errorf("the signature of its time-stamp: %w", err)
	}
	return ts, p7, inOutline(token, p7)
}

// inOutline tells why what stands around the signed part of a token is not as RFC
// 3161 and RFC 5652 have it: no signature is over that.
func inOutline(token []byte, p7 *pkcs7.PKCS7) error {
	var o struct {
		Type    asn1.ObjectIdentifier
		Content struct {
			Version int
			Digests []pkix.AlgorithmIdentifier `asn1:"set"`
			Inner   struct {
				Type    asn1.ObjectIdentifier
				Content []byte `asn1:"explicit,tag:0"`
			}
			Certificates asn1.RawValue `asn1:"tag:0"`
			Revoked      asn1.RawValue `asn1:"optional,tag:1"`
			Signers      asn1.RawValue `asn1:"set"`
		} `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(token, &o); err != nil {
		return fmt.Errorf("its time-stamp is not written as RFC 3161 has it: %w", err)
	}
	c, signer := o.Content, p7.Signers[0] // one without a signer has no signature to check
	null := func(a pkix.AlgorithmIdentifier) bool {
		return len(a.Parameters.FullBytes) == 0 || bytes.Equal(a.Parameters.FullBytes, asn1.NullBytes)
	}
	if c.Version != 3 || !c.Inner.Type.Equal(oidTSTInfo) || signer.Version != 1 || len(c.Digests) != 1 ||
		!c.Digests[0].Algorithm.Equal(signer.DigestAlgorithm.Algorithm) || !null(c.Digests[0]) || !null(signer.DigestAlgorithm) || !null(signer.DigestEncryptionAlgorithm) {
		return errors.New("its time-stamp is not written as RFC 3161 has it")
	}
	return nil
}

// isDER tells why b is not one value in DER, as far as its outline goes.
func isDER(b []byte, deep int) error {
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(b, &v)
	switch {
	case err != nil:
	case len(rest) > 0:
		err = fmt.Errorf("%d bytes follow it", len(rest))
	case deep == 0:
		err = fmt.Errorf("it is nested deeper than %d levels", maxDepth)
	}
	for inside := v.Bytes; err == nil && v.IsCompound && len(inside) > 0; inside = rest {
		var next asn1.RawValue
		if rest, err = asn1.Unmarshal(inside, &next); err == nil {
			err = isDER(next.FullBytes, deep-1)
		}
	}
	return err
}

// signerOf is the certificate that signed, when the signature says that it is for
// a time-stamp and by this certificate: RFC 3161, 2.3 and 2.4.2, and RFC 5816.
func signerOf(p7 *pkcs7.PKCS7) (*x509.Certificate, error) {
	signer := p7.GetOnlySigner()
	if signer == nil {
		return nil, errors.New("it must have one signer")
	}
	var content asn1.ObjectIdentifier
	if err := p7.UnmarshalSignedAttribute(oidContentType, &content); err != nil || !content.Equal(oidTSTInfo) {
		return nil, errors.New("its signature is not for a time-stamp")
	}
	named, err := namedCert(p7)
	if err != nil {
		return nil, err
	}
	if !named(signer.Raw) {
		return nil, errors.New("its signature names another certificate than the one in it")
	}
	critical := slices.ContainsFunc(signer.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidExtKeyUsage) && e.Critical })
	only := len(signer.UnknownExtKeyUsage) == 0 && slices.Equal(signer.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping})
	if !critical || !only {
		return nil, errors.New("its certificate is not for time-stamping alone")
	}
	return signer, nil
}

// namedCert tells which certificate a signature names as its own.
func namedCert(p7 *pkcs7.PKCS7) (func(cert []byte) bool, error) {
	var two struct {
		Certs []struct {
			Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
			Hash      []byte
			Issuer    asn1.RawValue `asn1:"optional"`
		}
		Policies asn1.RawValue `asn1:"optional"`
	}
	if err := p7.UnmarshalSignedAttribute(oidSigningCert2, &two); err == nil && len(two.Certs) > 0 {
		first := two.Certs[0]
		return func(cert []byte) bool {
			h, ok := hashed(first.Algorithm.Algorithm, cert)
			return ok && bytes.Equal(h, first.Hash)
		}, nil
	}
	var one struct {
		Certs []struct {
			Hash   []byte
			Issuer asn1.RawValue `asn1:"optional"`
		}
		Policies asn1.RawValue `asn1:"optional"`
	}
	if err := p7.UnmarshalSignedAttribute(oidSigningCert, &one); err == nil && len(one.Certs) > 0 {
		return func(cert []byte) bool {
			h := sha1.Sum(cert)
			return bytes.Equal(h[:], one.Certs[0].Hash)
		}, nil
	}
	return nil, errors.New("its signature does not name its certificate")
}

func hashed(algorithm asn1.ObjectIdentifier, b []byte) ([]byte, bool) {
	switch {
	case len(algorithm) == 0 || algorithm.Equal(oidSHA256): // the default
		h := sha256.Sum256(b)
		return h[:], true
	case algorithm.Equal(oidSHA384):
		h := sha512.Sum384(b)
		return h[:], true
	case algorithm.Equal(oidSHA512):
		h := sha512.Sum512(b)
		return h[:], true
	}
	return nil, false
}
