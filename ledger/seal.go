package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/everqual/everqual"
)

// seal makes the record that follows head.
func seal(e Entry, head Head, now time.Time) (everqual.Record, error) {
	body, err := encode(e.Body)
	if err != nil {
		return everqual.Record{}, everqual.Permanent(fmt.Errorf("encode %s: %w", e.Key, err))
	}
	r := everqual.Record{
		Sequence: head.Sequence + 1, Kind: e.Kind, Key: e.Key, Subjects: e.Subjects,
		Time: now.UTC().Truncate(time.Millisecond), Body: body, Previous: head.Hash,
	}
	r.Hash, err = HashOf(r)
	return r, err
}

// HashOf returns the hash that chains r: SHA-256 over the JSON of its fields,
// in this order, with the body as its digest.
func HashOf(r everqual.Record) (everqual.Digest, error) {
	b, err := encode(struct {
		Sequence uint64          `json:"sequence"`
		Kind     everqual.Kind   `json:"kind"`
		Key      string          `json:"key"`
		Subjects []string        `json:"subjects"`
		Time     string          `json:"time"`
		Body     everqual.Digest `json:"body"`
		Previous everqual.Digest `json:"previous"`
	}{r.Sequence, r.Kind, r.Key, r.Subjects, r.Time.UTC().Format(time.RFC3339Nano), everqual.DigestOf(r.Body), r.Previous})
	return everqual.DigestOf(b), err
}

// encode writes compact JSON without escaping HTML, so that a body keeps the
// characters that were received.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// assessmentDigest covers what an assessment says, not when it was said.
func assessmentDigest(a everqual.Assessment) (everqual.Digest, error) {
	a.AssessedAt = time.Time{}
	b, err := encode(a)
	return everqual.DigestOf(b), err
}
