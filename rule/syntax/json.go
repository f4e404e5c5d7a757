package syntax

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how deep objects and arrays may be nested; real events stay below
// 30.
const MaxDepth = 200

// Kind is the kind of a JSON value.
type Kind uint8

const (
	Object Kind = iota
	Array
	Text
	Number
	Boolean
	Null
)

// String is the kind with its article, for messages.
func (k Kind) String() string {
	return [...]string{"an object", "an array", "a string", "a number", "a boolean", "null"}[k]
}

// Node is one JSON value.
type Node struct {
	Kind    Kind
	At      int      // byte offset of the first byte
	End     int      // and of the byte after the last
	Text    string   // the decoded string, or the literal of a number, boolean or null
	Members []Member // of an object, in order, duplicates kept
	Items   []Node   // of an array
}

// Member is one key of an object and its value.
type Member struct {
	Key   string
	At    int // byte offset of the key
	Value Node
}

// Scalar tells whether n is neither an object nor an array.
func (n *Node) Scalar() bool { return n.Kind != Object && n.Kind != Array }

type reader struct {
	s     string
	i     int
	depth int
}

// Parse reads the one JSON value that b holds, of at most limit bytes. An error
// is a fault: Located gives it line and column.
func Parse(b []byte, limit int) (*Node, error) {
	if len(b) > limit {
		return nil, Faultf(limit, "longer than %d bytes; split it or shorten it", limit)
	}
	r := &reader{s: string(b)}
	n, err := r.value()
	if err != nil {
		return nil, err
	}
	if r.space(); r.i < len(r.s) {
		return nil, Faultf(r.i, "text after the end of the JSON value; remove it")
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

func (r *reader) value() (Node, error) {
	n, err := r.start()
	n.End = r.i
	return n, err
}

func (r *reader) start() (n Node, err error) {
	switch c := r.peek(); {
	case c == '{':
		return r.nested(Object)
	case c == '[':
		return r.nested(Array)
	case c == '"':
		n = Node{Kind: Text, At: r.i}
		n.Text, err = r.str()
		return n, err
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	}
	for _, w := range [...]Node{{Kind: Boolean, Text: "true"}, {Kind: Boolean, Text: "false"}, {Kind: Null, Text: "null"}} {
		if strings.HasPrefix(r.s[r.i:], w.Text) {
			w.At = r.i
			r.i += len(w.Text)
			return w, nil
		}
	}
	return n, r.noValue()
}

// noValue says why no value begins here.
func (r *reader) noValue() error {
	rest := r.s[r.i:]
	switch {
	case strings.TrimSpace(r.s) == "":
		return Faultf(r.i, "there is no text, only white space; write a JSON object")
	case rest == "":
		return Faultf(r.i, "the JSON text ends too early")
	case rest[0] == ']' || rest[0] == '}' || rest[0] == ',':
		return Faultf(r.i, "a value is missing here; remove the comma before, or write the value")
	}
	for _, w := range [...]string{"true", "false", "null"} {
		if len(rest) >= len(w) && strings.EqualFold(rest[:len(w)], w) {
			return Faultf(r.i, "%s is written in lower case", w)
		}
	}
	return Faultf(r.i, "no JSON value begins here; strings and keys need double quotes")
}

func (r *reader) nested(k Kind) (n Node, err error) {
	if r.depth++; r.depth > MaxDepth {
		return n, Faultf(r.i, "nested deeper than %d levels", MaxDepth)
	}
	defer func() { r.depth-- }()
	n = Node{Kind: k, At: r.i}
	r.i++
	end := byte('}')
	if k == Array {
		end = ']'
	}
	if r.peek() == end {
		r.i++
		return n, nil
	}
	for {
		if k == Object {
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
			return n, nil
		case c != ',':
			return n, Faultf(r.i, `expected "," or "%c"`, end)
		}
		r.i++
	}
}

func (r *reader) item(n *Node) error {
	v, err := r.value()
	n.Items = append(n.Items, v)
	return err
}

func (r *reader) member(n *Node) error {
	switch r.peek() {
	case '"':
	case '}':
		return Faultf(r.i, "a key is missing here; remove the comma before")
	default:
		return Faultf(r.i, "expected a key in double quotes")
	}
	m := Member{At: r.i}
	var err error
	if m.Key, err = r.str(); err != nil {
		return err
	}
	if r.peek() != ':' {
		return Faultf(r.i, `expected ":" after the key %q`, m.Key)
	}
	r.i++
	m.Value, err = r.value()
	n.Members = append(n.Members, m)
	return err
}

// number reads a number of RFC 8259 §6 and keeps its text.
func (r *reader) number() (Node, error) {
	n := Node{Kind: Number, At: r.i}
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
	if n.Text = r.s[n.At:r.i]; !ok {
		return n, Faultf(n.At, "%q is no JSON number", n.Text)
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
			return "", Faultf(r.i, "control character in a string; write it as \\u%04x", c)
		default:
			r.i++
		}
	}
	return "", Faultf(from-1, "the string has no closing quote")
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
			return "", Faultf(at+i, `\%c is no JSON escape; write \\ for a backslash`, s[i+1])
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

// Unquote appends the string whose text between the quotes is s: escapes are
// decoded, and bytes that are no UTF-8 become U+FFFD. ok is false when s is no
// JSON string.
func Unquote(to []byte, s string) (out []byte, ok bool) {
	for i := 0; i < len(s); {
		switch {
		case s[i] < ' ' || s[i] == '"':
			return to, false
		case s[i] == '\\':
			if i+1 == len(s) {
				return to, false
			}
			c, size := escape(s[i:])
			if size == 0 {
				return to, false
			}
			to = utf8.AppendRune(to, c)
			i += size
		default:
			c, size := utf8.DecodeRuneInString(s[i:])
			to = utf8.AppendRune(to, c)
			i += size
		}
	}
	return to, true
}
