package verify

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"github.com/everqual/everqual"
)

// mostRecords are in one file.
const mostRecords = 1000

// records reads pairs of lines: the entry of a record and its body.
func (b *bundleCheck) records(m member) {
	rest, offset := m.content, 0
	for n := 0; len(rest) > 0; n++ {
		text, after, ok := bytes.Cut(rest, []byte{'\n'})
		body, next, whole := bytes.Cut(after, []byte{'\n'})
		switch {
		case !ok || !whole:
			b.wrong(m, offset, "a record is two lines, its entry and its body")
			return
		case n == mostRecords:
			b.wrong(m, offset, "a file has at most %d records", mostRecords)
		}
		b.record(m, offset, text, body)
		if n == 0 && b.last.Sequence > 0 && m.name != fmt.Sprintf("ledger/records/%012d", b.last.Sequence) {
			b.wrong(m, offset, "a file has the name of its first record, which is %d", b.last.Sequence)
		}
		offset += len(rest) - len(next)
		rest = next
	}
}

func (b *bundleCheck) record(m member, offset int, text, body []byte) {
	b.Records++
	place := Finding{File: m.name, Offset: m.at + int64(offset)}
	wrong := func(field, format string, args ...any) {
		f := place
		f.Field, f.Message = field, fmt.Sprintf(format, args...)
		b.Find(f)
	}
	r, said, err := recordOf(text, body)
	place.Record = r.Sequence
	switch {
	case err != nil:
		wrong("", "the entry of record number %d here: %v", b.Records, err)
		return
	case r.Sequence <= b.last.Sequence || r.Sequence > uint64(len(b.leaves)):
		wrong("sequence", "it follows record %d in a ledger of %d records", b.last.Sequence, len(b.leaves))
		return
	case !bytes.Equal(leafOf(text), b.leaves[r.Sequence-1]):
		wrong("", "the entry does not give leaf %d of the tree: the record was changed, or the leaf", r.Sequence)
	}
	if said != sum(body) {
		wrong("body", "the body was changed: the entry says %s", said.Short())
	}
	if r.Sequence == b.last.Sequence+1 && r.Previous != b.last.Hash {
		wrong("previous", "it is not the hash of the record before")
	}
	if key := [16]byte(leafOf([]byte(r.Key))); b.keys[key] {
		wrong("key", "a record before has the key %q", r.Key)
	} else {
		b.keys[key] = true
	}
	b.last = r
	b.last.Body = nil
	for len(b.heads) < int(r.Sequence) {
		b.heads = append(b.heads, [sha256.Size]byte{})
	}
	b.heads[r.Sequence-1] = sha256.Sum256(text)
	b.says(place, r)
}

// says notes what a record says of others, and what it rests on.
func (b *bundleCheck) says(place Finding, r everqual.Record) {
	for _, f := range append(b.retention.record(r), b.approvals.record(r)...) {
		f.File, f.Offset = place.File, place.Offset
		b.Find(f)
	}
	b.vouches(place, r)
	b.moves.take(place, r.Sequence, r.Kind, r.Body)
	on, err := restsOn(r.Kind, r.Body)
	if err != nil {
		place.Field, place.Message = "body", fmt.Sprintf("it is no %s: %v", r.Kind, err)
		b.Find(place)
	}
	for _, d := range on {
		if _, ok := b.wanted[d]; !ok {
			b.wanted[d] = r.Sequence
		}
	}
}
