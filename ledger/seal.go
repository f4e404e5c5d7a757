package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/everqual/everqual"
	"golang.org/x/mod/sumdb/tlog"
)

// seal makes the record that follows head, with its leaf of the Merkle tree.
func seal(e Entry, head Head, now time.Time) (everqual.Record, error) {
	if err := sound(e); err != nil {
		return everqual.Record{}, everqual.Permanent(fmt.Errorf("append %q: %w", e.Key, err))
	}
	body, err := encode(e.Body)
	if err != nil {
		return everqual.Record{}, everqual.Permanent(fmt.Errorf("encode %s: %w", e.Key, err))
	}
	r := everqual.Record{
		Sequence: head.Sequence + 1, Kind: e.Kind, Key: e.Key, Subjects: slices.Clone(e.Subjects),
		Time: now.UTC().Truncate(time.Millisecond), Body: body, Previous: head.Hash,
	}
	entry, err := EntryOf(r)
	leaf := tlog.RecordHash(entry)
	r.Hash, r.Tree = everqual.DigestOf(entry), leaf[:]
	return r, err
}

// sound refuses what some store could not give back as it was.
func sound(e Entry) error {
	if e.Key == "" || e.Kind == "" {
		return errors.New("a record needs a kind and a key")
	}
	for _, s := range append([]string{e.Key, string(e.Kind)}, e.Subjects...) {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%q is no valid UTF-8", s)
		}
	}
	return nil
}

// EntryOf returns the bytes that stand for r in hash chain and Merkle tree: the
// JSON of its fields, in this order, with the body as its digest. No subjects are
// the empty list.
func EntryOf(r everqual.Record) ([]byte, error) {
	return encode(struct {
		Sequence uint64          `json:"sequence"`
		Kind     everqual.Kind   `json:"kind"`
		Key      string          `json:"key"`
		Subjects []string        `json:"subjects"`
		Time     string          `json:"time"`
		Body     everqual.Digest `json:"body"`
		Previous everqual.Digest `json:"previous"`
	}{r.Sequence, r.Kind, r.Key, append([]string{}, r.Subjects...), r.Time.UTC().Format(time.RFC3339Nano), everqual.DigestOf(r.Body), r.Previous})
}

// HashOf returns the hash that chains r: SHA-256 over its entry.
func HashOf(r everqual.Record) (everqual.Digest, error) {
	b, err := EntryOf(r)
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
