// Package intake is the first room: it turns raw messages into change events.
// One file per source says how (cloudtrail.go, eventbridge.go); the others find
// the messages in files, folders and streams, tell the place of each, and lose
// none: what cannot be read as an event comes out as an error in its place.
package intake

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule/syntax"
	"github.com/klauspost/compress/gzip"
)

// Item is a change event, or an error in the place of one.
type Item struct {
	Event everqual.ChangeEvent
	Err   error          // permanent; it does not repeat the place
	Place everqual.Place // where the event begins
	// Input says that Err is about an input that could not be opened. Every
	// other error counts as one unparsable event.
	Input bool
}

// Files accounts for the inputs. Each is read, skipped or failed.
type Files struct {
	// Read counts the inputs that were read to their end; Bytes are those
	// taken from them, decompressed.
	Read  int
	Bytes int64
	// Skipped inputs, or documents in them, hold no change events by their
	// nature; Failed ones could not be read, or not to their end.
	Skipped []everqual.InputProblem
	Failed  []everqual.InputProblem
}

// Reader reads inputs one after the other and accounts for them. The zero
// Reader is ready; it belongs to one goroutine.
type Reader struct {
	// Brief leaves all but identity and time out of read-only records, for callers
	// that only count these.
	Brief bool

	files  Files
	memory memory
	gunzip gunzip
}

// Files returns the account so far, also between two items.
func (r *Reader) Files() Files { return r.files }

// Reset begins a new account; what memory the reader has it keeps.
func (r *Reader) Reset() { r.files = Files{} }

// Read reads one stream: JSON or gzip of it, told by the first bytes and not
// by the name. It takes CloudTrail log files, JSON lines of records, envelopes
// or log files, pretty-printed and concatenated documents, lists of them, and
// the reply of `aws cloudtrail lookup-events`. Events before damage are
// delivered, then one error for what is damaged, then what follows it. Memory
// is bounded by one event, which is at most 4 MiB.
func (r *Reader) Read(ctx context.Context, name string, stream io.Reader) iter.Seq[Item] {
	return func(yield func(Item) bool) { r.read(ctx, name, stream, yield) }
}

// read returns false when the caller wants no more.
func (r *Reader) read(ctx context.Context, name string, stream io.Reader, yield func(Item) bool) bool {
	s := newSplitter(name, nil, r.memory)
	r.memory = memory{} // in use: a reading within this one takes its own
	defer func() { r.memory = memory{s.buf, s.unit} }()
	s.r, s.err = r.gunzip.text(interruptible{ctx, stream})

	var scratch bytes.Buffer
	items, skipped := 0, len(r.files.Skipped)
	for taken := int64(0); ; {
		v, ok := s.next()
		r.files.Bytes += s.offset() - taken
		taken = s.offset()
		if err := ctx.Err(); err != nil {
			return yield(Item{Err: err, Place: s.place(), Input: true}) && false
		}
		if !ok {
			break
		}
		item, ok := r.item(&scratch, v)
		if !ok {
			continue
		}
		if items++; !yield(item) {
			return false
		}
	}
	switch {
	case s.err != io.EOF:
		r.fail(s.place(), s.err)
	case items > 0 || len(r.files.Skipped) == skipped:
		r.files.Read++
	}
	return true
}

// item makes an item of a value; ok is false when there is nothing to say.
func (r *Reader) item(scratch *bytes.Buffer, v value) (item Item, ok bool) {
	item.Place = v.place
	item.Event, item.Err = r.event(scratch, v)
	if skip := (notEvents{}); errors.As(item.Err, &skip) {
		r.files.Skipped = append(r.files.Skipped, everqual.InputProblem{Place: v.place, Message: skip.what})
		return item, false
	}
	if item.Err == nil {
		return item, !v.shell
	}
	item.Err = everqual.Permanent(item.Err)
	return item, !v.doubtful
}

func (r *Reader) event(scratch *bytes.Buffer, v value) (e everqual.ChangeEvent, err error) {
	if v.err != nil {
		return e, v.err
	}
	if v.shell {
		if v.raw != nil && !json.Valid(v.raw) {
			err = errors.New("the document around the list of events is not JSON")
		}
		return e, err
	}
	text := v.raw
	members := v.members
	if members == nil && !syntax.ValidCompact(text) || !utf8.Valid(text) { // mend it, or say why not
		scratch.Reset()
		if err := compact(scratch, text, v.place); err != nil {
			return e, err
		}
		text, members = scratch.Bytes(), nil
	}
	if e, err = parse(text, members, v.place, r.Brief); err != nil {
		return everqual.ChangeEvent{}, err
	}
	return e, nil
}

func (r *Reader) fail(p everqual.Place, err error) {
	r.files.Failed = append(r.files.Failed, everqual.InputProblem{Place: p, Message: err.Error()})
}

// interruptible is a stream that ends with its context.
type interruptible struct {
	ctx    context.Context
	stream io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.stream.Read(p)
}

// foreign are the first bytes of formats that are not read, and what they are.
var foreign = []struct{ magic, what string }{
	{"\xff\xfe", "UTF-16 text: convert it to UTF-8"},
	{"\xfe\xff", "UTF-16 text: convert it to UTF-8"},
	{"\x28\xb5\x2f\xfd", "zstd data: decompress it first"},
	{"BZh", "bzip2 data: decompress it first"},
	{"\xfd7zXZ\x00", "xz data: decompress it first"},
	{"PK\x03\x04", "a zip archive: unpack it first"},
	{"PAR1", "a Parquet file: export the events as JSON"},
}

// gunzip is the memory for reading streams that may be gzip.
type gunzip struct {
	in *bufio.Reader
	z  *gzip.Reader
}

// text returns the text of a stream that may be gzip. It is valid until the next
// call.
func (g *gunzip) text(stream io.Reader) (io.Reader, error) {
	if g.in == nil {
		g.in = bufio.NewReaderSize(nil, 64<<10)
	}
	g.in.Reset(stream)
	head, err := g.in.Peek(8)
	if err != nil && err != io.EOF {
		return nil, err
	}
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return nil, errors.New(f.what)
		}
	}
	if !bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		return g.in, nil
	}
	if g.z == nil {
		g.z = new(gzip.Reader)
	}
	if err := g.z.Reset(g.in); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return gzipText{g.z}, nil
}

// gzipText says of an error that the compressed data are at fault.
type gzipText struct{ z *gzip.Reader }

func (g gzipText) Read(p []byte) (int, error) {
	n, err := g.z.Read(p)
	switch {
	case err == io.ErrUnexpectedEOF:
		err = errors.New("the gzip data is cut short")
	case err == gzip.ErrHeader:
		err = errors.New("no gzip data follows the gzip data")
	case err != nil && err != io.EOF:
		err = fmt.Errorf("gzip: %w", err)
	}
	return n, err
}
