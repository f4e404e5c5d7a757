// Package page lays the records of a ledger out in pages: some that follow each
// other, compressed together. Appending and reading cost what pages do, not what
// records do, and records resemble each other.
package page

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/klauspost/compress/s2"
)

const (
	// Most is how many records a page has at most: whoever reads one record reads
	// all of its page. It may grow, but pages are kept: what reads them relies on it.
	Most = 16
	// full is how many bytes of records end a page.
	full = 32 << 10
	// limit is what a page may hold: what is damaged must not ask for more.
	limit = 256 << 20
)

// The first byte of a page says what follows.
const (
	plain      byte = iota
	compressed      // with Snappy, https://github.com/google/snappy/blob/main/format_description.txt
)

// Encoder makes pages. The zero Encoder is ready; it belongs to one goroutine.
type Encoder struct{ text, small []byte } // memory for the next page

// Encode makes a page of the first records, and tells how many it took: at least
// one. Records follow each other without a gap.
func (e *Encoder) Encode(records []everqual.Record) (page []byte, n int) {
	e.text = append(e.text[:0], plain)
	for n < len(records) && n < Most && (n == 0 || len(e.text) < full) {
		e.text = appendRecord(e.text, records[n])
		n++
	}
	if len(e.text) > limit {
		return slices.Clone(e.text), n
	}
	if most := s2.MaxEncodedLen(len(e.text) - 1); len(e.small) < most {
		e.small = make([]byte, most)
	}
	if small := s2.EncodeSnappy(e.small, e.text[1:]); 1+len(small) < len(e.text) {
		return append([]byte{compressed}, small...), n
	}
	return slices.Clone(e.text), n
}

func appendRecord(b []byte, r everqual.Record) []byte {
	var at [len(time.RFC3339Nano)]byte
	b = appendField(b, r.Kind)
	b = appendField(b, r.Key)
	b = appendField(b, r.Time.UTC().AppendFormat(at[:0], time.RFC3339Nano))
	b = appendField(b, r.Previous)
	b = appendField(b, r.Hash)
	b = appendField(b, r.Tree)
	b = appendField(b, r.Body)
	b = binary.AppendUvarint(b, uint64(len(r.Subjects)))
	for _, s := range r.Subjects {
		b = appendField(b, s)
	}
	return b
}

func appendField[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Decode gives the records of a page back, of which the first has this sequence. An
// error names the record that cannot be read.
func Decode(first uint64, page []byte) ([]everqual.Record, error) {
	text, err := textOf(page)
	if err != nil {
		return nil, everqual.Permanent(fmt.Errorf("record %d: read its page: %w", first, err))
	}
	records := make([]everqual.Record, 0, Most)
	for t := (reader{string(text), text}); len(t.rest) > 0; {
		sequence := first + uint64(len(records))
		r, err := t.record()
		if err != nil {
			return nil, everqual.Permanent(fmt.Errorf("record %d: %w", sequence, err))
		}
		r.Sequence = sequence
		records = append(records, r)
	}
	if len(records) == 0 {
		return nil, everqual.Permanent(fmt.Errorf("record %d: its page is empty", first))
	}
	return records, nil
}

func textOf(page []byte) ([]byte, error) {
	switch {
	case len(page) > 1 && page[0] == compressed:
		if n, err := s2.DecodedLen(page[1:]); err != nil || n > limit {
			return nil, errors.New("it is damaged")
		}
		return s2.Decode(nil, page[1:])
	case len(page) > 1 && page[0] == plain:
		return page[1:], nil
	}
	return nil, errors.New("it is none")
}

// reader reads fields: as text of which the strings are parts, and the same as bytes.
type reader struct {
	rest  string
	bytes []byte
}

var errShort = errors.New("its page is cut short")

func (t *reader) number() (uint64, error) {
	v, n := binary.Uvarint(t.bytes)
	if n <= 0 {
		return 0, errShort
	}
	t.skip(n)
	return v, nil
}

func (t *reader) skip(n int) { t.rest, t.bytes = t.rest[n:], t.bytes[n:] }

func (t *reader) field() (s string, b []byte, err error) {
	n, err := t.number()
	if err != nil || n > uint64(len(t.rest)) {
		return "", nil, errShort
	}
	s, b = t.rest[:n], t.bytes[:n:n]
	t.skip(int(n))
	return s, b, nil
}

func (t *reader) record() (r everqual.Record, err error) {
	var texts [7]string
	var bytes [7][]byte
	for i := range texts {
		if texts[i], bytes[i], err = t.field(); err != nil {
			return r, err
		}
	}
	r.Kind, r.Key, r.Previous, r.Hash = everqual.Kind(texts[0]), texts[1], everqual.Digest(texts[3]), everqual.Digest(texts[4])
	if r.Time, err = time.Parse(time.RFC3339Nano, texts[2]); err != nil {
		return r, fmt.Errorf("read its time: %w", err)
	}
	if r.Body = bytes[6]; len(bytes[5]) > 0 {
		r.Tree = bytes[5]
	}
	n, err := t.number()
	if err != nil || n > uint64(len(t.rest)) { // a subject takes a byte at least
		return r, errShort
	}
	r.Subjects = make([]string, n)
	for i := range r.Subjects {
		if r.Subjects[i], _, err = t.field(); err != nil {
			return r, err
		}
	}
	return r, nil
}
