package pattern

import (
	"strings"
	"unicode/utf8"

	"github.com/everqual/everqual/rule/syntax"
)

// segment is a place in the tree of the paths that patterns ask for. Paths are
// cut at their dots, so {"a":{"b":1}} and {"a.b":1} lead to the same place.
type segment struct {
	path     int32 // number of the path that ends here, -1 when none does
	children map[string]*segment
	// lengths has bit n set when a child's name has n bytes (63: or more):
	// most keys of an event are turned away by it.
	lengths uint64
}

func newSegment() *segment { return &segment{path: -1, children: map[string]*segment{}} }

// add returns the place where path ends.
func (g *segment) add(path string) *segment {
	for name := range strings.SplitSeq(path, ".") {
		next := g.children[name]
		if next == nil {
			next = newSegment()
			g.children[name] = next
			g.lengths |= 1 << min(len(name), 63)
		}
		g = next
	}
	return g
}

// child returns the place of one key, nil when no pattern asks for it.
func (g *segment) child(name string, odd bool) *segment {
	if g.lengths>>min(len(name), 63)&1 != 0 {
		if next := g.children[name]; next != nil {
			return next
		}
	}
	if !odd {
		return nil
	}
	for g != nil {
		part, rest, more := strings.Cut(name, ".")
		if g = g.children[part]; !more {
			return g
		}
		name = rest
	}
	return nil
}

// leaf is one scalar at a wanted path.
type leaf struct {
	scalar
	next int32 // the next leaf of the same path, -1 at the end
	in   int32 // the array element that it lies in, -1 outside all arrays
}

// element is an element of an array, and what that array lies in. A scalar that
// is itself an element is not in that array: scalars of one array combine
// freely.
type element struct {
	parent       int32 // -1 at the top
	array, index int32
	depth        int32 // 0 at the top
}

// list is the leaves of one path, valid when of is the event at hand.
type list struct {
	of          uint32
	first, last int32
}

// capture reads an event and keeps the scalars at wanted paths.
type capture struct {
	b        []byte
	leaves   []leaf
	elements []element
	arrays   int32
	lists    []list  // by path
	touched  []int32 // paths that have leaves
	event    uint32  // counts events
	decoded  []byte  // strings that had escapes
}

func (c *capture) reset(b []byte) {
	c.event++
	c.b, c.arrays = b, 0
	c.leaves, c.elements, c.touched, c.decoded = c.leaves[:0], c.elements[:0], c.touched[:0], c.decoded[:0]
}

// first returns the first leaf of a path, -1 when there is none.
func (c *capture) first(path int32) int32 {
	if c.lists[path].of != c.event {
		return -1
	}
	return c.lists[path].first
}

func (c *capture) read(root *segment) error {
	i := syntax.SkipSpace(c.b, 0)
	if i == len(c.b) {
		return syntax.ErrCut
	}
	if c.b[i] != '{' {
		return errObject
	}
	i, err := c.object(i, root, -1, 0)
	if err == nil && syntax.SkipSpace(c.b, i) != len(c.b) {
		err = errAfter
	}
	return err
}

// value reads the value at i, which has the place g.
func (c *capture) value(i int, g *segment, in int32, depth int) (int, error) {
	if i >= len(c.b) {
		return i, syntax.ErrCut
	}
	switch c.b[i] {
	case '{':
		if len(g.children) == 0 {
			return syntax.SkipNested(c.b, i)
		}
		return c.object(i, g, in, depth+1)
	case '[':
		return c.array(i, g, in, depth+1)
	}
	return c.scalarAt(i, g, in)
}

func (c *capture) object(i int, g *segment, in int32, depth int) (int, error) {
	b := c.b
	if depth > syntax.MaxDepth {
		return i, errDeep
	}
	if i = syntax.SkipSpace(b, i+1); i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return i, syntax.ErrJSON
		}
		from := i + 1
		end, odd, err := syntax.SkipKey(b, from)
		if err != nil {
			return end, err
		}
		if i = syntax.SkipSpace(b, end+1); i >= len(b) || b[i] != ':' {
			return i, syntax.ErrJSON
		}
		i = syntax.SkipSpace(b, i+1)
		key := unsafeString(b[from:end])
		if odd {
			if key, err = c.unquote(key); err != nil {
				return from, err
			}
		}
		if next := g.child(key, odd); next != nil {
			i, err = c.value(i, next, in, depth)
		} else {
			i, err = syntax.SkipValue(b, i)
		}
		if err != nil {
			return i, err
		}
		if i = syntax.SkipSpace(b, i); i >= len(b) {
			return i, syntax.ErrCut
		}
		switch b[i] {
		case ',':
			i = syntax.SkipSpace(b, i+1)
		case '}':
			return i + 1, nil
		default:
			return i, syntax.ErrJSON
		}
	}
}

func (c *capture) array(i int, g *segment, in int32, depth int) (int, error) {
	b := c.b
	if depth > syntax.MaxDepth {
		return i, errDeep
	}
	if i = syntax.SkipSpace(b, i+1); i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	array := c.arrays
	c.arrays++
	for index := int32(0); ; index++ {
		var err error
		if i < len(b) && (b[i] == '{' || b[i] == '[') {
			c.elements = append(c.elements, element{in, array, index, c.depth(in) + 1})
			i, err = c.value(i, g, int32(len(c.elements)-1), depth)
		} else {
			i, err = c.value(i, g, in, depth)
		}
		if err != nil {
			return i, err
		}
		if i = syntax.SkipSpace(b, i); i >= len(b) {
			return i, syntax.ErrCut
		}
		switch b[i] {
		case ',':
			i = syntax.SkipSpace(b, i+1)
		case ']':
			return i + 1, nil
		default:
			return i, syntax.ErrJSON
		}
	}
}

func (c *capture) depth(in int32) int32 {
	if in < 0 {
		return -1
	}
	return c.elements[in].depth
}

func (c *capture) scalarAt(i int, g *segment, in int32) (int, error) {
	if g.path < 0 {
		return syntax.SkipValue(c.b, i)
	}
	var s scalar
	var err error
	if c.b[i] == '"' {
		from := i + 1
		if i, err = syntax.SkipString(c.b, from); err == nil {
			s.kind = syntax.Text
			s.text, err = c.unquote(unsafeString(c.b[from : i-1]))
		}
	} else {
		s, i, err = literal(c.b, i)
	}
	if err == nil {
		c.add(g.path, leaf{s, -1, in})
	}
	return i, err
}

func (c *capture) add(path int32, l leaf) {
	n := int32(len(c.leaves))
	c.leaves = append(c.leaves, l)
	if at := &c.lists[path]; at.of == c.event {
		c.leaves[at.last].next = n
		at.last = n
		return
	}
	c.lists[path] = list{c.event, n, n}
	c.touched = append(c.touched, path)
}

// unquote decodes a string. Most have nothing to decode.
func (c *capture) unquote(s string) (string, error) {
	if plain(s) {
		return s, nil
	}
	from, ok := len(c.decoded), false
	if c.decoded, ok = syntax.Unquote(c.decoded, s); !ok {
		return "", syntax.ErrJSON
	}
	return unsafeString(c.decoded[from:]), nil
}

// plain tells whether s is printable ASCII without a backslash.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

const maxEvent = 16 << 20 // bytes; EventBridge carries at most 1 MB

// Valid checks that an event is one JSON object of at most 16 MiB and 200
// levels. The error is a *syntax.Error with the line and column of the fault.
func Valid(event []byte) error {
	_, err := ParseEvent(event)
	return err
}

// ParseEvent reads an event that Valid accepts.
func ParseEvent(event []byte) (*syntax.Node, error) {
	n, err := syntax.Parse(event, maxEvent)
	if err == nil && n.Kind != syntax.Object {
		err = syntax.Faultf(n.At, "an event must be an object, this is %s", n.Kind)
	}
	return n, syntax.Located("", event, err)
}
