package rule

import (
	"slices"
	"strings"
	"unicode"

	"github.com/everqual/everqual/rule/syntax"
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

func parsePath(n *syntax.Node) (path, error) {
	if n.Kind != syntax.Text {
		return path{}, syntax.Faultf(n.At, "a path must be a string, this is %s", n.Kind)
	}
	p := path{text: n.Text}
	rest, ok := strings.CutPrefix(n.Text, "$.")
	p.envelope = ok
	for name := range strings.SplitSeq(rest, ".") {
		s := step{name: name}
		s.name, s.list = strings.CutSuffix(name, "[]")
		if s.name == "" || strings.ContainsFunc(s.name, foreign) {
			return path{}, syntax.Faultf(n.At, "bad path %q: write names joined by dots, with [] after a list, as in requestParameters.instancesSet.items[].instanceId", n.Text)
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
	if p.text == "" {
		return nil
	}
	at := []*node{o.detail}
	if p.envelope {
		at = []*node{o.root}
	}
	for i, s := range p.steps {
		var next []*node
		for _, n := range at {
			for _, v := range get(n, s.name) {
				next = spread(v, next, s.list)
			}
		}
		if at = next; i == 0 && !p.envelope {
			o.unwrap(at)
		}
	}
	var out []string
	for _, n := range at {
		if s := word(n); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// one returns the string that the event has at the path; ok is false when there
// is none, or when there are several that differ.
func (p path) one(o *origin) (string, bool) {
	found := slices.Compact(p.values(o))
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

// get returns the members of an object by name. CloudTrail writes the first
// letters of one name in several ways (arn, aRN, ARN), so the exact spelling
// is preferred and any other accepted.
func get(n *node, name string) []*node {
	var exact, other []*node
	members := n.open()
	for i := range members {
		switch m := &members[i]; {
		case string(m.key) == name:
			exact = append(exact, m)
		case m.named(name):
			other = append(other, m)
		}
	}
	if exact != nil {
		return exact
	}
	return other
}

// first returns the first member of that name as get has it, nil when there is
// none.
func first(n *node, name string) (other *node) {
	members := n.open()
	for i := range members {
		switch m := &members[i]; {
		case string(m.key) == name:
			return m
		case other == nil && m.named(name):
			other = m
		}
	}
	return other
}

// named tells whether the member has the name in any case.
func (n *node) named(name string) bool {
	return len(n.key) == len(name) && strings.EqualFold(string(n.key), name)
}

// spread appends n, or its elements where a list may stand. A list of one is
// often logged as its element alone, which counts as the list.
func spread(n *node, to []*node, list bool) []*node {
	if !list || !n.is('[') {
		return append(to, n)
	}
	items := n.open()
	for i := range items {
		to = append(to, &items[i])
	}
	return to
}

// word returns the text of a string, or of the form {"tag": 1, "content":
// text} in which EC2 logs the elements of some lists.
func word(n *node) string {
	if n.is('{') {
		n = first(n, "content")
	}
	if !n.is('"') {
		return ""
	}
	return unquote(n.raw[1 : len(n.raw)-1])
}

// wordAt is the word of the first member of that name.
func wordAt(n *node, name string) string { return word(first(n, name)) }
