package rule

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding/json keeps neither duplicate keys nor the place of a value, and
// both decide here what matches and what an error says. So events, patterns
// and rule files share this small reader of RFC 8259 texts.

const (
	maxDepth   = 200      // nested objects and arrays; real events stay below 30
	maxEvent   = 16 << 20 // bytes; EventBridge carries at most 1 MB
	maxPattern = 64 << 10 // bytes; the AWS quota is 2,048 characters
	maxFile    = 4 << 20  // bytes of one rule file
)

type kind uint8

const (
	object kind = iota
	array
	text
	number
	boolean
	null
)

func (k kind) String() string {
	return [...]string{"an object", "an array", "a string", "a number", "a boolean", "null"}[k]
}

// node is one JSON value. text is the decoded string, or the literal of a
// number, boolean or null.
type node struct {
	kind    kind
	at      int // byte offset of the first byte
	end     int // and of the byte after the last, of objects and arrays
	text    string
	members []member // of an object, in order, duplicates kept
	items   []node   // of an array
}

type member struct {
	key   string
	at    int
	value node
}

func (n *node) scalar() bool { return n.kind != object && n.kind != array }

type reader struct {
	s     string
	i     int
	depth int
}

// parseJSON reads the one JSON value that b holds.
func parseJSON(b []byte, limit int) (*node, error) {
	if len(b) > limit {
		return nil, faultf(limit, "longer than %d bytes; split it or shorten it", limit)
	}
	r := &reader{s: string(b)}
	n, err := r.value()
	if err != nil {
		return nil, err
	}
	if r.space(); r.i < len(r.s) {
		return nil, faultf(r.i, "text after the end of the JSON value; remove it")
	}
	return &n, nil
}

func (r *reader) space() {
	for r.i < len(r.s) {
		switch r.s[r.i] {
		case ' ', '\t', '\r', '\n':
			r.i++
		default:
			return
		}
	}
}

// peek returns the next byte after white space, 0 at the end.
func (r *reader) peek() byte {
	if r.space(); r.i < len(r.s) {
		return r.s[r.i]
	}
	return 0
}

func (r *reader) value() (n node, err error) {
	switch c := r.peek(); {
	case c == '{':
		return r.nested(object)
	case c == '[':
		return r.nested(array)
	case c == '"':
		n = node{kind: text, at: r.i}
		n.text, err = r.str()
		return n, err
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	}
	for _, w := range [...]node{{kind: boolean, text: "true"}, {kind: boolean, text: "false"}, {kind: null, text: "null"}} {
		if strings.HasPrefix(r.s[r.i:], w.text) {
			w.at = r.i
			r.i += len(w.text)
			return w, nil
		}
	}
	if r.i >= len(r.s) {
		return n, faultf(r.i, "the JSON text ends too early")
	}
	return n, faultf(r.i, "no JSON value begins here; strings and keys need double quotes")
}

func (r *reader) nested(k kind) (n node, err error) {
	if r.depth++; r.depth > maxDepth {
		return n, faultf(r.i, "nested deeper than %d levels", maxDepth)
	}
	defer func() { r.depth-- }()
	n = node{kind: k, at: r.i}
	r.i++
	end := byte('}')
	if k == array {
		end = ']'
	}
	if r.peek() == end {
		r.i++
		n.end = r.i
		return n, nil
	}
	for {
		if k == object {
			err = r.member(&n)
		} else {
			err = r.item(&n)
		}
		if err != nil {
			return n, err
		}
		switch c := r.peek(); {
		case c == end:
			r.i++
			n.end = r.i
			return n, nil
		case c != ',':
			return n, faultf(r.i, `expected "," or "%c"`, end)
		}
		r.i++
	}
}

func (r *reader) item(n *node) error {
	v, err := r.value()
	n.items = append(n.items, v)
	return err
}

func (r *reader) member(n *node) error {
	if r.peek() != '"' {
		return faultf(r.i, "expected a key in double quotes")
	}
	m := member{at: r.i}
	var err error
	if m.key, err = r.str(); err != nil {
		return err
	}
	if r.peek() != ':' {
		return faultf(r.i, `expected ":" after the key %q`, m.key)
	}
	r.i++
	m.value, err = r.value()
	n.members = append(n.members, m)
	return err
}

// number reads a number of RFC 8259 §6 and keeps its text.
func (r *reader) number() (node, error) {
	n := node{kind: number, at: r.i}
	if r.s[r.i] == '-' {
		r.i++
	}
	whole := r.i
	ok := r.digits() && (r.s[whole] != '0' || r.i == whole+1)
	if ok && r.i < len(r.s) && r.s[r.i] == '.' {
		r.i++
		ok = r.digits()
	}
	if ok && r.i < len(r.s) && r.s[r.i]|0x20 == 'e' {
		if r.i++; r.i < len(r.s) && (r.s[r.i] == '+' || r.s[r.i] == '-') {
			r.i++
		}
		ok = r.digits()
	}
	if n.text = r.s[n.at:r.i]; !ok {
		return n, faultf(n.at, "%q is no JSON number", n.text)
	}
	return n, nil
}

func (r *reader) digits() bool {
	from := r.i
	for r.i < len(r.s) && '0' <= r.s[r.i] && r.s[r.i] <= '9' {
		r.i++
	}
	return r.i > from
}

// str reads a string. Bytes that are no UTF-8 and lone surrogates become
// U+FFFD, as encoding/json has it: one bad byte must not hide an event.
func (r *reader) str() (string, error) {
	r.i++
	from, plain := r.i, true
	for r.i < len(r.s) {
		switch c := r.s[r.i]; {
		case c == '"':
			s := r.s[from:r.i]
			r.i++
			if plain && utf8.ValidString(s) {
				return s, nil
			}
			return unescape(s, from)
		case c == '\\':
			plain = false
			r.i += 2
		case c < ' ':
			return "", faultf(r.i, "control character in a string; write it as \\u%04x", c)
		default:
			r.i++
		}
	}
	return "", faultf(from-1, "the string has no closing quote")
}

func unescape(s string, at int) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			c, size := utf8.DecodeRuneInString(s[i:])
			b.WriteRune(c)
			i += size
			continue
		}
		c, size := escape(s[i:])
		if size == 0 {
			return "", faultf(at+i, `\%c is no JSON escape; write \\ for a backslash`, s[i+1])
		}
		b.WriteRune(c)
		i += size
	}
	return b.String(), nil
}

// escape decodes the escape that s begins with and returns its length, 0 when
// there is none.
func escape(s string) (rune, int) {
	if k := strings.IndexByte(`"\/bfnrt`, s[1]); k >= 0 {
		return rune("\"\\/\b\f\n\r\t"[k]), 2
	}
	c, ok := unit(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(c) {
		return c, 6
	}
	if low, ok := unit(s[6:]); ok {
		if pair := utf16.DecodeRune(c, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

// unit decodes the \uXXXX that s begins with.
func unit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(v), err == nil
}
