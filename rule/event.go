package rule

import "slices"

// Event is a parsed event, so that many patterns can be tested on it. It is
// safe for concurrent use.
type Event struct {
	root *node
	// fields holds the scalars by dotted path. Objects and arrays are no
	// fields: patterns cannot see them.
	fields map[string][]leaf
	arrays int
}

// leaf is one scalar and the array elements that it lies in, outermost first.
// A scalar that is itself an element is not in that array: scalars of one
// array combine freely.
type leaf struct {
	value *node
	in    []place
}

// place is one element of one array of the event.
type place struct{ array, index int }

// ParseEvent reads an event: one JSON object of at most 16 MiB and 200 levels.
// The error is an *Error with the line and column of the fault.
func ParseEvent(b []byte) (*Event, error) {
	n, err := parseEvent(b)
	if err != nil {
		return nil, located("", b, err)
	}
	return newEvent(n, nil), nil
}

func parseEvent(b []byte) (*node, error) {
	n, err := parseJSON(b, maxEvent)
	if err == nil && n.kind != object {
		err = faultf(n.at, "an event must be an object, this is %s", n.kind)
	}
	return n, err
}

// newEvent lists the fields of root; with a pattern, only those that it reads.
func newEvent(root *node, p *Pattern) *Event {
	e := &Event{root: root, fields: map[string][]leaf{}}
	e.add(root, "", nil, p)
	return e
}

func (e *Event) add(n *node, path string, in []place, p *Pattern) {
	switch n.kind {
	case object:
		for i := range n.members {
			m := &n.members[i]
			child := m.key
			if n != e.root {
				child = path + "." + m.key
			}
			if p == nil || p.paths[child] {
				e.add(&m.value, child, in, p)
			}
		}
	case array:
		id := e.arrays
		e.arrays++
		for i := range n.items {
			item := &n.items[i]
			if item.scalar() {
				e.add(item, path, in, p)
			} else {
				e.add(item, path, append(slices.Clip(in), place{id, i}), p)
			}
		}
	default:
		e.fields[path] = append(e.fields[path], leaf{n, in})
	}
}
