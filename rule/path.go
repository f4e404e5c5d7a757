package rule

import (
	"strings"
	"unicode"
)

// path says where an event names resources, such as
// "responseElements.instancesSet.items[].instanceId". It begins in detail, or
// with "$." at the envelope. "[]" stands for every element of a list.
type path struct {
	text     string
	envelope bool
	steps    []step
}

type step struct {
	name string
	list bool
}

func parsePath(n *node) (path, error) {
	if n.kind != text {
		return path{}, faultf(n.at, "a path must be a string, this is %s", n.kind)
	}
	p := path{text: n.text}
	rest, ok := strings.CutPrefix(n.text, "$.")
	p.envelope = ok
	for name := range strings.SplitSeq(rest, ".") {
		s := step{name: name}
		s.name, s.list = strings.CutSuffix(name, "[]")
		if s.name == "" || strings.ContainsFunc(s.name, foreign) {
			return path{}, faultf(n.at, "bad path %q: write names joined by dots, with [] after a list, as in requestParameters.instancesSet.items[].instanceId", n.text)
		}
		p.steps = append(p.steps, s)
	}
	return p, nil
}

func foreign(c rune) bool {
	return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("-_$", c)
}

// values returns the strings that the event has at the path, in order.
func (p path) values(o *origin) []string {
	at := []*node{o.detail}
	if p.envelope {
		at = []*node{o.root}
	}
	for i, s := range p.steps {
		var next []*node
		for _, n := range at {
			for _, v := range n.get(s.name) {
				next = v.spread(next, s.list)
			}
		}
		if at = next; i == 0 && !p.envelope {
			o.unwrap(at)
		}
	}
	var out []string
	for _, n := range at {
		if s := n.word(); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// get returns the members of an object by name. CloudTrail writes the first
// letters of one name in several ways (arn, aRN, ARN), so the exact spelling
// is preferred and any other accepted.
func (n *node) get(name string) []*node {
	var exact, other []*node
	if n == nil || n.kind != object {
		return nil
	}
	for i := range n.members {
		switch m := &n.members[i]; {
		case m.key == name:
			exact = append(exact, &m.value)
		case strings.EqualFold(m.key, name):
			other = append(other, &m.value)
		}
	}
	if exact != nil {
		return exact
	}
	return other
}

// first returns the first member of that name, nil when there is none.
func (n *node) first(name string) *node {
	if found := n.get(name); len(found) > 0 {
		return found[0]
	}
	return nil
}

// spread appends n, or its elements where a list may stand. A list of one is
// often logged as its element alone, which counts as the list.
func (n *node) spread(to []*node, list bool) []*node {
	if !list || n.kind != array {
		return append(to, n)
	}
	for i := range n.items {
		to = append(to, &n.items[i])
	}
	return to
}

// word returns the text of a string, or of the form {"tag": 1, "content":
// text} in which EC2 logs the elements of some lists.
func (n *node) word() string {
	if n != nil && n.kind == object {
		n = n.first("content")
	}
	if n == nil || n.kind != text {
		return ""
	}
	return n.text
}
