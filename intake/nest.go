package intake

import (
	"errors"
	"fmt"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule/syntax"
)

// Bounds of one event. CloudTrail's largest event is below 1 MB, EventBridge's
// 256 KB; neither nests deeper than a few dozen levels.
const (
	maxEvent = 4 << 20
	maxDepth = 1000
)

// nest is one JSON object or list that is being cut out of the stream. It
// follows strings and brackets only; whether the text is JSON is checked when
// it is whole.
type nest struct {
	place     everqual.Place
	size      int64
	open      []byte // the brackets that are open, at most maxDepth
	deeper    int    // and how many more
	objects   int    // how many of open are '{'
	prev      byte   // last byte outside strings that is no white space
	key       []byte // the last key at depth 1, its first bytes
	lists     bool   // "Records" and "Events" at depth 1 are lists of events
	shell     []byte // when a list of events was found: the text without its elements
	content   bool   // there was more than opening brackets
	unchecked bool   // the shell is too large to be kept
	lines     int    // newlines passed
	bare      bool   // the first line is nothing but an opening bracket
	indented  bool   // the second line begins with white space
	broken    error  // what was seen to be wrong
}

// outcome is why the scan of a nest stopped.
type outcome int

const (
	whole     outcome = iota // its last bracket is closed
	listOpen                 // a list of events begins at depth 1
	cutByLine                // its line ended before its brackets were closed
	cutHere                  // what comes next cannot be part of it
	ended                    // the stream ended within
)

var (
	errBrackets = errors.New("not JSON: its brackets do not match")
	errNewline  = errors.New("not JSON: a newline within a string")
	errTooLarge = fmt.Errorf("larger than %d MiB, the most that one event may be: skipped", maxEvent>>20)
	errTooDeep  = fmt.Errorf("nested deeper than %d levels: skipped", maxDepth)
)

// Classes of bytes outside strings.
const (
	ordinary = iota
	blank
	structural
)

var classes = [256]byte{
	' ': blank, '\t': blank, '\r': blank,
	'\n': structural, '"': structural, '{': structural, '}': structural, '[': structural, ']': structural,
}

// scan goes on with n to its end, collecting its bytes in s.unit.
func (s *splitter) scan(n *nest) outcome {
	mark := s.pos
	for {
		if s.pos == s.end {
			s.keep(n, mark)
			if !s.fill() {
				return ended
			}
			mark = s.pos
		}
		c := s.buf[s.pos]
		if k := classes[c]; k != structural {
			s.pos++
			if k == ordinary {
				n.prev, n.content = c, n.content || c != ':' && c != ','
			}
			continue
		}
		done, out := false, whole
		switch c {
		case '"':
			mark, _ = s.text(n, mark)
			continue
		case '\n':
			s.pos++
			s.line++
			s.keep(n, mark)
			done, out = s.cutAtLine(n), cutByLine
			mark = s.pos
		case '{', '[':
			done, out = s.opening(n, c)
		default:
			done, out = s.closing(n, c)
		}
		if done {
			s.keep(n, mark)
			return out
		}
	}
}

// keep collects what was taken since mark, within the limit.
func (s *splitter) keep(n *nest, mark int) {
	taken := s.buf[mark:s.pos]
	n.size += int64(len(taken))
	if n.size > maxEvent {
		n.broken = errTooLarge
		return
	}
	s.unit = append(s.unit, taken...)
}

// opening takes a bracket, unless it cannot stand here: within an object, an
// object can only follow a colon. So an object that lost its end ends here, and
// what begins is not lost with it.
func (s *splitter) opening(n *nest, c byte) (done bool, out outcome) {
	inObject := len(n.open) > 0 && n.open[len(n.open)-1] == '{' && n.deeper == 0
	if c == '{' && inObject && n.prev != ':' {
		return true, cutHere
	}
	s.pos++
	if c == '[' && n.lists && inObject && len(n.open) == 1 && n.prev == ':' && eventList(n.key) {
		n.prev = c
		return true, listOpen
	}
	n.prev = c
	switch {
	case len(n.open) < maxDepth:
		n.open = append(n.open, c)
		if c == '{' {
			n.objects++
		}
	default:
		n.deeper++
		n.broken = errTooDeep
	}
	return false, whole
}

// eventList tells whether key names a list of events: CloudTrail's log files,
// or the reply of `aws cloudtrail lookup-events`.
func eventList(key []byte) bool { return string(key) == "Records" || string(key) == "Events" }

// closing takes a bracket. A bracket that closes an outer one closes all
// within it.
func (s *splitter) closing(n *nest, c byte) (done bool, out outcome) {
	want, count := byte('{'), n.objects
	if c == ']' {
		want, count = '[', len(n.open)-n.objects
	}
	if n.deeper > 0 {
		s.pos++
		n.deeper--
		return false, whole
	}
	if count == 0 {
		n.broken = errBrackets
		if c == ']' && len(s.frames) > 0 { // it closes the list around
			return true, cutHere
		}
		s.pos++
		return false, whole
	}
	s.pos++
	n.prev = c
	for {
		top := n.open[len(n.open)-1]
		n.open = n.open[:len(n.open)-1]
		if top == '{' {
			n.objects--
		}
		if top == want {
			return len(n.open) == 0, whole
		}
		n.broken = errBrackets
	}
}

// text takes a string. No string goes on behind its line: a newline ends it,
// and then, as at the end of the stream, closed is false.
func (s *splitter) text(n *nest, mark int) (newMark int, closed bool) {
	isKey := len(n.open) == 1 && n.open[0] == '{' && (n.prev == '{' || n.prev == ',')
	if isKey {
		n.key = n.key[:0]
	}
	n.prev, n.content = '"', true
	s.pos++
	for escaped := false; ; {
		if s.pos == s.end {
			s.keep(n, mark)
			mark = 0
			if !s.fill() {
				return s.pos, false
			}
		}
		from := s.pos
		i := from
		if !escaped {
			i = syntax.SkipPlain(s.buf[:s.end], from)
		}
		if isKey && len(n.key) < 8 {
			n.key = append(n.key, s.buf[from:min(i, from+8-len(n.key))]...)
		}
		s.pos = i
		if i == s.end {
			continue
		}
		switch c := s.buf[i]; {
		case c == '\n':
			n.broken = errNewline
			return mark, false
		case escaped:
			escaped = false
		case c == '"':
			s.pos++
			return mark, true
		case c == '\\':
			escaped = true
			if isKey && len(n.key) < 8 {
				n.key = append(n.key, c)
			}
		}
		s.pos++
	}
}

// cutAtLine decides at a newline whether n goes on in the next line. A text of
// one line that is not closed was cut short, unless it visibly goes on; a text
// of many lines ends where a line begins with a bracket and its own lines are
// indented.
func (s *splitter) cutAtLine(n *nest) bool {
	c, ok := s.peek()
	if !ok || c == '\n' || c == '\r' {
		return false
	}
	first := n.lines == 0
	n.lines++
	if first {
		n.bare = !n.content && len(n.open) == 1 && n.prev == n.open[0]
		n.indented = c == ' ' || c == '\t'
	}
	switch c {
	case '}', ']', ',':
		return false
	case '{', '[':
		return n.indented || !n.bare || n.open[0] == '['
	}
	return first && (n.broken != nil || !strings.ContainsRune("{[,:", rune(n.prev)))
}
