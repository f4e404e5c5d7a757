package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule/syntax"
)

// splitter cuts a stream into the JSON values that should be events, reading
// every byte once and holding one value at a time. It takes JSON lines,
// pretty-printed and concatenated documents, lists of events, and documents
// around a list of events (see eventList). Damage costs the value that it
// befell: what follows is found again at the next line, or within a list at
// the next element.
type splitter struct {
	source
	name   string
	unit   []byte        // the value being cut out, at most maxEvent
	nest   nest          // where it stands
	spans  []syntax.Span // the members of an intact event
	frames []frame       // the open lists: at most one of documents and, in that, one of events

	garbage   bool // something in this line was no JSON and is reported
	separator bool // a document ended in this line: a comma may follow
	done      bool
}

// frame is an open list.
type frame struct {
	place    everqual.Place
	document *nest // the document that the list is in, or nil
	count    int   // elements so far
	comma    bool  // an element ended, a comma is due
	fault    bool  // what is wrong since the last element is reported
	lines    int   // newlines between elements so far
	indented bool  // the first of them was followed by white space
}

// value is one JSON value of the stream, or what is wrong in its place.
type value struct {
	raw   []byte // valid until the next call
	place everqual.Place
	err   error
	// shell is a document without the events of its list, which came before;
	// nil when it is too large to be checked.
	shell bool
	// doubtful values stand in a line that is reported as no JSON already:
	// they count only when they are events.
	doubtful bool
	// members are those of raw where it is known to be valid JSON without white
	// space, nil elsewhere.
	members []syntax.Span
}

func newSplitter(name string, r io.Reader, m memory) *splitter {
	if m.buf == nil {
		m.buf = make([]byte, sourceBuffer)
	}
	return &splitter{source: source{r: r, buf: m.buf, line: 1}, name: name, unit: m.unit}
}

// memory is what one stream leaves for the next to use again.
type memory struct{ buf, unit []byte }

func (s *splitter) place() everqual.Place {
	return everqual.Place{Input: s.name, Line: s.line, Offset: s.offset()}
}

// next returns the next value; ok is false at the end.
func (s *splitter) next() (v value, ok bool) {
	for !s.done && !ok {
		if len(s.frames) == 0 {
			v, ok = s.document()
		} else {
			v, ok = s.element(&s.frames[len(s.frames)-1])
		}
	}
	return v, ok
}

// blanks takes white space within a line.
func (s *splitter) blanks() {
	for ; s.pos < s.end; s.pos++ {
		if classes[s.buf[s.pos]] != blank {
			return
		}
	}
}

// document takes one step where no list is open.
func (s *splitter) document() (v value, found bool) {
	c, ok := s.peek()
	if !ok {
		s.done = true
		return value{place: s.place(), err: s.ending("")}, s.err != io.EOF
	}
	switch {
	case c == '\n':
		s.pos++
		s.newline()
	case classes[c] == blank:
		s.blanks()
	case c == '\x1e': // RFC 7464 puts a record separator before each text
		s.pos++
	case c == '{', c == '"' && !s.garbage:
		return s.value()
	case c == '[' && !s.garbage:
		s.push(nil)
	case c == ',' && s.separator:
		s.separator = false
		s.pos++
	case c == '\xef' && string(s.ahead(3)) == "\xef\xbb\xbf": // byte order mark
		s.pos += 3
	default:
		return s.noise()
	}
	return v, false
}

func (s *splitter) newline() {
	s.line++
	s.freshLine()
}

func (s *splitter) freshLine() { s.garbage, s.separator = false, false }

// noise takes what is no JSON, up to the end of the line or an object in it.
// One line is reported once.
func (s *splitter) noise() (v value, found bool) {
	place := s.place()
	head := s.token("\n{")
	if s.garbage {
		return v, false
	}
	s.garbage = true
	return value{place: place, err: fmt.Errorf("not JSON: %q", head)}, true
}

// token takes at least one byte, and all up to one of stop.
func (s *splitter) token(stop string) (head string) {
	first := s.buf[s.pos]
	s.pos++
	text := append([]byte{first}, s.takeUntil(stop)...)
	return strings.ToValidUTF8(string(bytes.TrimSpace(text)), "\uFFFD")
}

// push opens a list; its bracket is the next byte, unless the scan of its
// document has taken it.
func (s *splitter) push(document *nest) {
	p := s.place()
	if document == nil {
		s.pos++
	} else {
		p.Offset--
	}
	s.frames = append(s.frames, frame{place: p, document: document})
}

// pop closes the innermost list, and what was cut in it costs the element that
// it is part of.
func (s *splitter) pop() {
	s.frames = s.frames[:len(s.frames)-1]
	if len(s.frames) > 0 {
		f := &s.frames[len(s.frames)-1]
		f.comma, f.fault = false, true
	}
}

// element takes one step in the list f.
func (s *splitter) element(f *frame) (v value, found bool) {
	c, ok := s.peek()
	if !ok {
		s.done = true
		return value{place: f.place, err: s.ending("within the list of events that begins here")}, true
	}
	switch c {
	case ' ', '\t', '\r':
		s.blanks()
		return v, false
	case '\n':
		s.pos++
		s.newline()
		return s.listLine(f)
	case ',':
		s.pos++
		if f.comma {
			f.comma = false
			return v, false
		}
		return s.between(f, "an empty element in the list of events")
	case ']':
		return s.closeList(f)
	case '{', '[', '"':
		if f.comma {
			f.comma = false
			return s.between(f, "a comma is missing in the list of events")
		}
		return s.value()
	}
	v = value{place: s.place()}
	v.err = fmt.Errorf("an element of the list of events is no object: %q", s.token(",[]{\"\n"))
	f.count++
	f.comma, f.fault = true, false
	return v, true
}

// between reports what is wrong between two elements, once.
func (s *splitter) between(f *frame, what string) (v value, found bool) {
	if f.fault {
		return v, false
	}
	f.fault = true
	return value{place: s.place(), err: errors.New(what)}, true
}

// listLine decides at a newline between elements whether the list goes on.
func (s *splitter) listLine(f *frame) (v value, found bool) {
	c, ok := s.peek()
	if !ok || c == '\n' || c == '\r' {
		return v, false
	}
	if f.lines++; f.lines == 1 {
		f.indented = c == ' ' || c == '\t'
	}
	opens := c == '{' || c == '['
	anew := f.indented || f.comma || c == '[' || f.document != nil && beginsDocument.Match(s.ahead(64))
	if !opens || !anew {
		return v, false
	}
	v = value{place: f.place, err: errors.New("the list of events that begins here is cut short: another JSON text begins before its end")}
	s.pop()
	return v, true
}

// beginsDocument matches the beginning of a document around a list of events,
// which is no event itself.
var beginsDocument = regexp.MustCompile(`^\{\s*"(Records|Events)"\s*:`)

// closeList takes the closing bracket, and goes on with the document around.
func (s *splitter) closeList(f *frame) (v value, found bool) {
	if f.count > 0 && !f.comma && !f.fault {
		return s.between(f, "an empty element at the end of the list of events")
	}
	s.pos++
	n := f.document
	s.frames = s.frames[:len(s.frames)-1]
	if n == nil {
		s.separator = true
		return v, false
	}
	n.prev, n.lines = ']', 1
	s.unit = append(append(s.unit[:0], n.shell...), ']')
	return s.judge(n, s.scan(n))
}

// value takes an object, a list or a string that begins here.
func (s *splitter) value() (v value, found bool) {
	s.unit = s.unit[:0]
	n := &s.nest
	*n = nest{place: s.place(), open: n.open[:0], key: n.key[:0]}
	n.lists = len(s.frames) == 0 || len(s.frames) == 1 && s.frames[0].document == nil
	if !n.lists {
		if v, ok := s.intact(n); ok {
			return v, true
		}
	}
	if s.buf[s.pos] != '"' {
		return s.judge(n, s.scan(n))
	}
	mark, closed := s.text(n, s.pos)
	s.keep(n, mark)
	switch {
	case closed:
		return s.judge(n, whole)
	case n.broken == errNewline:
		return s.judge(n, cutHere)
	}
	return s.judge(n, ended)
}

// intact takes an event that lies in the buffer whole, valid and without white
// space, as CloudTrail writes them: there is nothing to be mended.
func (s *splitter) intact(n *nest) (v value, ok bool) {
	var end int
	if s.spans, end = syntax.CompactObject(s.buf[s.pos:s.end], s.spans[:0]); end < 0 {
		return v, false
	}
	v = value{raw: s.buf[s.pos : s.pos+end], place: n.place, members: s.spans}
	s.pos += end
	n.content = true
	s.follow(n, whole)
	return v, true
}

// judge makes a value of what was scanned, and notes what may follow it.
func (s *splitter) judge(n *nest, out outcome) (v value, found bool) {
	if n.lists && n.broken == errTooLarge && (out == listOpen || n.shell != nil) {
		n.broken, n.unchecked = nil, true // what surrounds the events is large, not an event
	}
	if out == listOpen {
		n.shell = bytes.Clone(s.unit)
		kept := *n
		s.nest = nest{}
		s.push(&kept)
		return v, false
	}
	v = value{raw: s.unit, place: n.place, err: n.broken, shell: n.shell != nil}
	if n.unchecked {
		v.raw = nil
	}
	v.doubtful = s.garbage && len(s.frames) == 0
	if found = s.follow(n, out); out == whole {
		return v, found
	}
	s.done = out == ended
	if out == cutByLine {
		s.freshLine()
		s.unwind()
	}
	if found {
		v.err = s.cut(out)
	}
	return v, found
}

// cut says why a value is not whole.
func (s *splitter) cut(out outcome) error {
	switch out {
	case ended:
		return s.ending("within the JSON text that begins here")
	case cutByLine:
		return fmt.Errorf("not JSON: cut short at byte %d by the end of line %d", s.offset()-1, s.line-1)
	}
	return fmt.Errorf("not JSON: cut short at byte %d (line %d)", s.offset(), s.line)
}

// unwind closes the lists that ended with the line before: those that began in
// it, and indented ones when this line begins with a bracket.
func (s *splitter) unwind() {
	c, _ := s.peek()
	for len(s.frames) > 0 {
		f := s.frames[len(s.frames)-1]
		if f.lines > 0 && !(f.indented && (c == '{' || c == '[')) {
			return
		}
		s.pop()
	}
}

// follow notes what may follow a value, and whether it is worth reporting:
// brackets that open nothing are reported once.
func (s *splitter) follow(n *nest, out outcome) (report bool) {
	report = true
	if len(s.frames) == 0 {
		s.separator = out == whole
		if out == cutHere && !n.content {
			report, s.garbage = !s.garbage, true
		}
		return report
	}
	f := &s.frames[len(s.frames)-1]
	if out != whole && !n.content {
		report = !f.fault
	}
	f.count++
	f.comma, f.fault = out == whole, out != whole
	return report
}

// ending says why and where the stream ended.
func (s *splitter) ending(within string) error {
	where := strings.TrimSpace(fmt.Sprintf("at byte %d %s", s.offset(), within))
	if s.err == io.EOF {
		return fmt.Errorf("the input ends %s", where)
	}
	return fmt.Errorf("the input cannot be read further %s: %w", where, s.err)
}
