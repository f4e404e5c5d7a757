package ledger

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/everqual/everqual"
	"golang.org/x/mod/sumdb/tlog"
)

// body is what an entry's becomes in its record.
type body struct {
	text   []byte
	digest everqual.Digest
	err    error
}

// few is how many bodies one processor encodes sooner than another would wake up.
const few = 16

// bodiesOf encodes the bodies of entries. That is most of what sealing costs, and needs
// no record before it: many are shared among the processors.
func bodiesOf(entries []Entry) []body {
	bodies := make([]body, len(entries))
	part := max(few, len(entries)/runtime.GOMAXPROCS(0)+1)
	var others sync.WaitGroup
	for from := 0; from < len(entries); from += part {
		some := func() {
			for i := from; i < min(from+part, len(entries)); i++ {
				text, err := encode(entries[i].Body)
				bodies[i] = body{text, everqual.DigestOf(text), err}
			}
		}
		if from+part < len(entries) {
			others.Go(some)
		} else {
			some()
		}
	}
	others.Wait()
	return bodies
}

// seal makes the record that follows head, with its leaf of the Merkle tree.
func seal(e Entry, b body, head Head, now time.Time) (everqual.Record, error) {
	if err := sound(e); err != nil {
		return everqual.Record{}, everqual.Permanent(fmt.Errorf("append %q: %w", e.Key, err))
	}
	if b.err != nil {
		return everqual.Record{}, everqual.Permanent(fmt.Errorf("encode %s: %w", e.Key, b.err))
	}
	r := everqual.Record{
		Sequence: head.Sequence + 1, Kind: e.Kind, Key: e.Key, Subjects: slices.Clone(e.Subjects),
		Time: now.UTC().Truncate(time.Millisecond), Body: b.text, Previous: head.Hash,
	}
	entry := entryOf(r, b.digest)
	leaf := tlog.RecordHash(entry)
	r.Hash, r.Tree = everqual.DigestOf(entry), leaf[:]
	return r, nil
}

// sound refuses what some store could not give back as it was.
func sound(e Entry) error {
	if e.Key == "" || e.Kind == "" {
		return errors.New("a record needs a kind and a key")
	}
	if !utf8.ValidString(e.Key) || !utf8.ValidString(string(e.Kind)) {
		return fmt.Errorf("%q or %q is no valid UTF-8", e.Key, e.Kind)
	}
	for _, s := range e.Subjects {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%q is no valid UTF-8", s)
		}
	}
	return nil
}

// EntryOf returns the bytes that stand for r in hash chain and Merkle tree: the
// JSON of its fields, in this order, with the body as its digest. No subjects are
// the empty list.
func EntryOf(r everqual.Record) []byte { return entryOf(r, everqual.DigestOf(r.Body)) }

func entryOf(r everqual.Record, body everqual.Digest) []byte {
	b := make([]byte, 0, 512)
	b = strconv.AppendUint(append(b, `{"sequence":`...), r.Sequence, 10)
	b = appendText(append(b, `,"kind":`...), string(r.Kind))
	b = appendText(append(b, `,"key":`...), r.Key)
	b = append(b, `,"subjects":[`...)
	for i, s := range r.Subjects {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, s)
	}
	b = r.Time.UTC().AppendFormat(append(b, `],"time":"`...), time.RFC3339Nano)
	b = appendText(append(b, `","body":`...), string(body))
	b = appendText(append(b, `,"previous":`...), string(r.Previous))
	return append(b, '}')
}

// appendText appends s as JSON, as encode does: most texts need no escapes.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			escaped, _ := encode(s) // of a string: cannot fail
			return append(b, escaped...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// HashOf returns the hash that chains r: SHA-256 over its entry.
func HashOf(r everqual.Record) everqual.Digest { return everqual.DigestOf(EntryOf(r)) }

// assessmentDigest covers what an assessment says, not when it was said.
func assessmentDigest(a everqual.Assessment) (everqual.Digest, error) {
	a.AssessedAt = time.Time{}
	b, err := encode(a)
	return everqual.DigestOf(b), err
}
