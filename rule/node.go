package rule

import (
	"bytes"
	"unicode/utf8"

	"github.com/everqual/everqual/rule/syntax"
)

// node is a JSON value of an event that the matcher has selected. It is taken
// apart only as far as a path leads: most of an event never is.
type node struct {
	key    []byte // of a member
	raw    []byte
	inner  []node // members or items, when opened
	opened bool
	room   *room // where the inner nodes are kept
}

// room is memory for the nodes of one event, kept for the next.
type room struct{ free []node }

// take returns an empty list with space for n nodes.
func (r *room) take(n int) []node {
	if n > cap(r.free)-len(r.free) {
		r.free = make([]node, 0, max(n, 256))
	}
	at := len(r.free)
	r.free = r.free[:at+n]
	return r.free[at : at : at+n]
}

// clear forgets the event.
func (r *room) clear() {
	clear(r.free)
	r.free = r.free[:0]
}

// is tells whether n is there and begins with c: { [ or ".
func (n *node) is(c byte) bool { return n != nil && len(n.raw) > 0 && n.raw[0] == c }

// open returns the members of an object or the items of a list, none of anything
// else. What is no JSON ends it.
func (n *node) open() []node {
	if n == nil || n.opened {
		return n.known()
	}
	n.opened = true
	object := n.is('{')
	if !object && !n.is('[') {
		return nil
	}
	n.inner = n.room.take(min(len(n.raw)/16, 24)) // a CloudTrail record has some twenty members
	for i := syntax.SkipSpace(n.raw, 1); i < len(n.raw) && n.raw[i] != '}' && n.raw[i] != ']'; {
		one := node{room: n.room}
		if object {
			if n.raw[i] != '"' {
				break
			}
			end, odd, err := syntax.SkipKey(n.raw, i+1)
			if err != nil {
				break
			}
			if one.key = n.raw[i+1 : end]; odd {
				one.key = []byte(unquote(one.key))
			}
			i = syntax.SkipSpace(n.raw, syntax.SkipSpace(n.raw, end+1)+1)
		}
		end, err := syntax.SkipValue(n.raw, i)
		if err != nil {
			break
		}
		one.raw = n.raw[i:end]
		n.inner = append(n.inner, one)
		if i = syntax.SkipSpace(n.raw, end); i < len(n.raw) && n.raw[i] == ',' {
			i = syntax.SkipSpace(n.raw, i+1)
		}
	}
	return n.inner
}

func (n *node) known() []node {
	if n == nil {
		return nil
	}
	return n.inner
}

// unquote decodes the text between the quotes of a string.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw)
	}
	out, _ := syntax.Unquote(make([]byte, 0, len(raw)), string(raw))
	return string(out)
}
