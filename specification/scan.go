package specification

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a file, and with it every recursion here.
const maxDepth = 64

// node is a JSON value with its place in the text.
type node struct {
	start, end int // byte offsets of the value
	keyStart   int // byte offset of the key in front of it, -1 for none
	key        string
	scalar     any // nil, bool, json.Number or string
	fields     []*node
	byKey      map[string]*node
	items      []*node
	kind       byte // '{', '[', '"', '0', 't', 'f', 'n'
}

// field returns the value of a key, nil when there is none.
func (n *node) field(key string) *node {
	if n == nil {
		return nil
	}
	return n.byKey[key]
}

// text returns the value of a string.
func (n *node) text() (string, bool) {
	if n == nil || n.kind != '"' {
		return "", false
	}
	s, ok := n.scalar.(string)
	return s, ok
}

// value returns the node as encoding/json would, numbers as json.Number.
func (n *node) value() any {
	switch n.kind {
	case '{':
		m := make(map[string]any, len(n.fields))
		for _, f := range n.fields {
			m[f.key] = f.value()
		}
		return m
	case '[':
		list := make([]any, len(n.items))
		for i, x := range n.items {
			list[i] = x.value()
		}
		return list
	}
	return n.scalar
}

// fault is something wrong at a byte offset.
type fault struct {
	offset  int
	message string
}

// scanner reads one JSON text (RFC 8259) and remembers where everything is.
type scanner struct {
	src    []byte
	pos    int
	depth  int
	faults []fault // that need not stop the reading: duplicate keys
}

// scan returns the root value, and the faults in the order they were met. The
// root is nil when the text is no JSON.
func scan(src []byte) (*node, []fault) {
	s := &scanner{src: src}
	if i := invalidUTF8(src); i >= 0 {
		return nil, []fault{{i, fmt.Sprintf("invalid UTF-8: byte 0x%02x; save the file as UTF-8", src[i])}}
	}
	root, err := s.document()
	if err != nil {
		return nil, append(s.faults, *err)
	}
	return root, s.faults
}

func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return -1
}

func (s *scanner) document() (*node, *fault) {
	s.space()
	if s.pos == len(s.src) {
		return nil, s.fail("the file is empty")
	}
	root, err := s.value()
	if err != nil {
		return nil, err
	}
	s.space()
	if s.pos < len(s.src) {
		return nil, s.fail("more text after the end of the JSON value")
	}
	return root, nil
}

func (s *scanner) fail(format string, args ...any) *fault {
	return &fault{s.pos, fmt.Sprintf(format, args...)}
}

func (s *scanner) space() {
	for s.pos < len(s.src) && strings.IndexByte(" \t\r\n", s.src[s.pos]) >= 0 {
		s.pos++
	}
}

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

func (s *scanner) value() (*node, *fault) {
	n := &node{start: s.pos, keyStart: -1}
	var err *fault
	switch c := s.peek(); {
	case c == '{' || c == '[':
		err = s.container(n, c)
	case c == '"':
		n.kind = '"'
		n.scalar, err = s.text()
	case c == '-' || '0' <= c && c <= '9':
		n.kind = '0'
		n.scalar, err = s.number()
	default:
		err = s.word(n)
	}
	n.end = s.pos
	return n, err
}

func (s *scanner) container(n *node, open byte) *fault {
	if s.depth == maxDepth {
		return s.fail("nested deeper than %d levels", maxDepth)
	}
	s.depth++
	defer func() { s.depth-- }()
	n.kind = open
	s.pos++
	shut, member := byte('}'), s.field
	if open == '[' {
		shut, member = ']', s.item
	}
	for first := true; ; first = false {
		s.space()
		if s.peek() == shut && first {
			s.pos++
			return nil
		}
		if err := member(n); err != nil {
			return err
		}
		s.space()
		switch c := s.peek(); c {
		case shut:
			s.pos++
			return nil
		case ',':
			comma := s.pos
			s.pos++
			s.space()
			if s.peek() == shut {
				return &fault{comma, fmt.Sprintf("a comma before %q; remove it", shut)}
			}
		default:
			return s.unexpected(fmt.Sprintf("a comma or %q", shut))
		}
	}
}

func (s *scanner) item(n *node) *fault {
	v, err := s.value()
	n.items = append(n.items, v)
	return err
}

func (s *scanner) field(n *node) *fault {
	keyStart := s.pos
	if s.peek() != '"' {
		return s.unexpected("a key in double quotes")
	}
	key, err := s.text()
	if err != nil {
		return err
	}
	s.space()
	if s.peek() != ':' {
		return s.unexpected(fmt.Sprintf("a colon after the key %q", key))
	}
	s.pos++
	s.space()
	v, err := s.value()
	if err != nil {
		return err
	}
	v.key, v.keyStart = key, keyStart
	if n.field(key) != nil {
		s.faults = append(s.faults, fault{keyStart, fmt.Sprintf("the key %q is there twice", key)})
		return nil
	}
	if n.byKey == nil {
		n.byKey = map[string]*node{}
	}
	n.byKey[key] = v
	n.fields = append(n.fields, v)
	return nil
}

func (s *scanner) unexpected(want string) *fault {
	if s.pos >= len(s.src) {
		return s.fail("the file ends where %s should be", want)
	}
	r, _ := utf8.DecodeRune(s.src[s.pos:])
	hint := ""
	if r == '/' || r == '#' {
		hint = "; JSON has no comments"
	}
	return s.fail("%s instead of %s%s", strconv.QuoteRune(r), want, hint)
}

func (s *scanner) word(n *node) *fault {
	for word, v := range map[string]any{"true": true, "false": false, "null": nil} {
		if strings.HasPrefix(string(s.src[s.pos:min(len(s.src), s.pos+5)]), word) {
			n.kind, n.scalar = word[0], v
			s.pos += len(word)
			return nil
		}
	}
	return s.unexpected("a value")
}

func (s *scanner) text() (string, *fault) {
	start := s.pos
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; {
		case c == '"':
			s.pos++
			var v string
			if json.Unmarshal(s.src[start:s.pos], &v) != nil {
				return "", &fault{start, "a text with an escape that JSON does not know; a backslash is written \\\\"}
			}
			return v, nil
		case c == '\\':
			s.pos++
		case c < ' ':
			return "", s.fail("a text that is not closed on its line, or with a raw control character; a line break is written \\n")
		}
	}
	s.pos = len(s.src)
	return "", &fault{start, "a text that is not closed"}
}

func (s *scanner) number() (any, *fault) {
	start := s.pos
	for s.pos < len(s.src) && strings.IndexByte("+-.eE0123456789", s.src[s.pos]) >= 0 {
		s.pos++
	}
	raw := string(s.src[start:s.pos])
	if !json.Valid([]byte(raw)) {
		return nil, &fault{start, fmt.Sprintf("%s is no JSON number", raw)}
	}
	if _, err := strconv.ParseFloat(raw, 64); err != nil {
		return nil, &fault{start, fmt.Sprintf("the number %s is too large", raw)}
	}
	return json.Number(raw), nil
}

// within returns the byte offset in the source of the byte at offset i of a
// string node's decoded text.
func (n *node) within(src []byte, i int) int {
	pos := n.start + 1
	for i > 0 && pos < n.end-1 {
		size := 1
		if src[pos] == '\\' {
			size = 2
			if src[pos+1] == 'u' {
				size = 6
			}
			var c string
			if json.Unmarshal([]byte(`"`+string(src[pos:pos+size])+`"`), &c) == nil {
				i -= len(c) - 1
			}
		}
		pos += size
		i--
	}
	return pos
}
