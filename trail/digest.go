package trail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// document is a digest file as "Digest file contents" of the CloudTrail user
// guide describes it. The previous fields are nil in the digest that starts a
// chain.
type document struct {
	Account       string
	Start, End    time.Time
	EndText       string // as written, which is what is signed
	Bucket        string
	Object        string
	Fingerprint   string
	Algorithm     string
	Previous      *string // key of the previous digest
	PreviousStore *string // bucket of the previous digest
	PreviousHash  *string
	PreviousHashAlgorithm,
	PreviousSignature *string
	Logs []logEntry
}

// logEntry is one log file in a digest.
type logEntry struct {
	Bucket, Object, Hash, HashAlgorithm string
}

// member is where the value of a JSON object's member goes.
type member struct {
	into     any
	required bool // present; null only for a pointer
}

// parseDigest reads a digest. Fields that are not known are passed over; names
// count exactly, and one that occurs twice is an error, because readers differ
// in which of them they take.
func parseDigest(b []byte) (d document, err error) {
	var start string
	var logs []json.RawMessage
	err = members(b, map[string]member{
		"awsAccountId":                {&d.Account, false},
		"digestStartTime":             {&start, true},
		"digestEndTime":               {&d.EndText, true},
		"digestS3Bucket":              {&d.Bucket, true},
		"digestS3Object":              {&d.Object, true},
		"digestPublicKeyFingerprint":  {&d.Fingerprint, true},
		"digestSignatureAlgorithm":    {&d.Algorithm, false},
		"previousDigestS3Bucket":      {&d.PreviousStore, false},
		"previousDigestS3Object":      {&d.Previous, false},
		"previousDigestHashValue":     {&d.PreviousHash, false},
		"previousDigestHashAlgorithm": {&d.PreviousHashAlgorithm, false},
		"previousDigestSignature":     {&d.PreviousSignature, true},
		"logFiles":                    {&logs, true},
	})
	if err != nil {
		return d, err
	}
	if d.Start, err = time.Parse(time.RFC3339, start); err != nil {
		return d, fmt.Errorf("digestStartTime %q is no time", start)
	}
	if d.End, err = time.Parse(time.RFC3339, d.EndText); err != nil {
		return d, fmt.Errorf("digestEndTime %q is no time", d.EndText)
	}
	if (d.Previous == nil) != (d.PreviousSignature == nil) {
		return d, errors.New("previousDigestS3Object and previousDigestSignature are not both given or both null")
	}
	d.Logs, err = parseLogs(logs)
	return d, err
}

func parseLogs(raw []json.RawMessage) (logs []logEntry, err error) {
	for i, r := range raw {
		var l logEntry
		err := members(r, map[string]member{
			"s3Bucket":      {&l.Bucket, true},
			"s3Object":      {&l.Object, true},
			"hashValue":     {&l.Hash, true},
			"hashAlgorithm": {&l.HashAlgorithm, true},
		})
		if err != nil {
			return nil, fmt.Errorf("logFiles[%d]: %w", i, err)
		}
		logs = append(logs, l)
	}
	return logs, nil
}

// members reads one JSON object into the fields by its exact names.
func members(b []byte, fields map[string]member) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("no JSON object")
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return fmt.Errorf("no JSON at byte %d", dec.InputOffset())
		}
		if seen[name] {
			return fmt.Errorf("%q occurs twice", name)
		}
		seen[name] = true
		if err := field(dec, name, fields); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("no JSON at byte %d", dec.InputOffset())
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("something follows the JSON object at byte %d", dec.InputOffset())
	}
	for name, m := range fields {
		if m.required && !seen[name] {
			return fmt.Errorf("%q is missing", name)
		}
	}
	return nil
}

func field(dec *json.Decoder, name string, fields map[string]member) error {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return fmt.Errorf("no JSON at byte %d", dec.InputOffset())
	}
	m, known := fields[name]
	if !known {
		return nil
	}
	_, optional := m.into.(**string)
	if string(raw) == "null" && !optional {
		return fmt.Errorf("%q is null", name)
	}
	if err := json.Unmarshal(raw, m.into); err != nil {
		return fmt.Errorf("%q is of the wrong kind", name)
	}
	return nil
}
