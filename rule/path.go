package rule

import (
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
	at := []*syntax.Node{o.detail}
	if p.envelope {
		at = []*syntax.Node{o.root}
	}
	for i, s := range p.steps {
		var next []*syntax.Node
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

// get returns the members of an object by name. CloudTrail writes the first
// letters of one name in several ways (arn, aRN, ARN), so the exact spelling
// is preferred and any other accepted.
func get(n *syntax.Node, name string) []*syntax.Node {
	var exact, other []*syntax.Node
	if n == nil || n.Kind != syntax.Object {
		return nil
	}
	for i := range n.Members {
		switch m := &n.Members[i]; {
		case m.Key == name:
			exact = append(exact, &m.Value)
		case strings.EqualFold(m.Key, name):
			other = append(other, &m.Value)
		}
	}
	if exact != nil {
		return exact
	}
	return other
}

// first returns the first member of that name, nil when there is none.
func first(n *syntax.Node, name string) *syntax.Node {
	if found := get(n, name); len(found) > 0 {
		return found[0]
	}
	return nil
}

// spread appends n, or its elements where a list may stand. A list of one is
// often logged as its element alone, which counts as the list.
func spread(n *syntax.Node, to []*syntax.Node, list bool) []*syntax.Node {
	if !list || n.Kind != syntax.Array {
		return append(to, n)
	}
	for i := range n.Items {
		to = append(to, &n.Items[i])
	}
	return to
}

// word returns the text of a string, or of the form {"tag": 1, "content":
// text} in which EC2 logs the elements of some lists.
func word(n *syntax.Node) string {
	if n != nil && n.Kind == syntax.Object {
		n = first(n, "content")
	}
	if n == nil || n.Kind != syntax.Text {
		return ""
	}
	return n.Text
}

// wordAt is the word of the first member of that name.
func wordAt(n *syntax.Node, name string) string { return word(first(n, name)) }
