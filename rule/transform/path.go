package transform

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/everqual/everqual/rule/syntax"
)

// path is the part of JSONPath that EventBridge evaluates.
type path []step

// step goes from a value to one below it, or to all of them.
type step struct {
	name  string // of an object's member; "" for an element
	index int
	all   bool
}

// parsePath reads a path. An error tells the column only: a path is one line, and
// stands in a text of its own.
func parsePath(s string) (path, error) {
	p, err := steps(s)
	if e, ok := syntax.Located("", []byte(s), err).(*syntax.Error); ok {
		return nil, fmt.Errorf("column %d: %s", e.Column, e.Problem)
	}
	return p, nil
}

func steps(s string) (p path, err error) {
	if utf8.RuneCountInString(s) > MaxPath {
		return nil, syntax.Faultf(0, "longer than %d characters", MaxPath)
	}
	if !strings.HasPrefix(s, "$") {
		return nil, syntax.Faultf(0, `a path begins with "$", as in $.detail.state`)
	}
	for i := 1; i < len(s); {
		var next step
		switch s[i] {
		case '.':
			next, i, err = member(s, i+1)
		case '[':
			next, i, err = element(s, i+1)
		default:
			err = syntax.Faultf(i, "%s cannot stand here: names have letters, digits, - _ and / only, and are joined by dots", quoted(s[i:]))
		}
		if err != nil {
			return nil, err
		}
		p = append(p, next)
	}
	return p, nil
}

// member reads what follows a dot at i, and returns where it ends.
func member(s string, i int) (step, int, error) {
	end := i
	for end < len(s) && nameByte(s[end]) {
		end++
	}
	switch {
	case end > i:
		return step{name: s[i:end]}, end, nil
	case i == len(s):
		return step{}, i, syntax.Faultf(i, "a name is missing after the dot")
	case s[i] == '*':
		return step{all: true}, i + 1, nil
	case s[i] == '.':
		return step{}, i, syntax.Faultf(i-1, `EventBridge has no ".."; write the whole path`)
	case s[i] == '[':
		return step{}, i, syntax.Faultf(i-1, "remove the dot before [")
	}
	return step{}, i, syntax.Faultf(i, "%s cannot stand in a name: EventBridge takes letters, digits, - _ and /", quoted(s[i:]))
}

func nameByte(c byte) bool { return letter(rune(c)) || c == '-' || c == '_' || c == '/' }

// element reads what follows a bracket at i, and returns where it ends.
func element(s string, i int) (step, int, error) {
	size := strings.IndexByte(s[i:], ']')
	if size < 0 {
		return step{}, i, syntax.Faultf(i-1, "the bracket is not closed")
	}
	inner, end := s[i:i+size], i+size+1
	if inner == "*" {
		return step{all: true}, end, nil
	}
	if n, err := strconv.ParseUint(inner, 10, 31); err == nil {
		return step{index: int(n)}, end, nil
	}
	return step{}, i, syntax.Faultf(i, "%s", bracketHint(inner))
}

func bracketHint(inner string) string {
	const only = "; only [n], with n from 0, and [*] can stand in brackets"
	switch {
	case inner == "":
		return "the brackets are empty" + only
	case strings.ContainsAny(inner[:1], `'"`):
		return "EventBridge takes no names in brackets; write .name"
	case inner[0] == '?' || inner[0] == '(':
		return "EventBridge has no filters or scripts" + only
	case strings.Contains(inner, ":"):
		return "EventBridge has no slices" + only
	case strings.Contains(inner, ","):
		return "EventBridge has no unions" + only
	}
	return strconv.Quote(inner) + " is no element" + only
}

// quoted is the first character of s in quotes.
func quoted(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return strconv.Quote(s[:size])
}

// of returns the value at p, nil when there is none. With a * it is the array
// of all values found below what stands before the first *.
func (p path) of(n *syntax.Node) *syntax.Node {
	for i, s := range p {
		if s.all {
			if n.Scalar() {
				return nil
			}
			list := &syntax.Node{Kind: syntax.Array}
			p[i:].collect(n, &list.Items)
			return list
		}
		if n = s.of(n); n == nil {
			return nil
		}
	}
	return n
}

func (p path) collect(n *syntax.Node, found *[]syntax.Node) {
	if len(p) == 0 {
		*found = append(*found, *n)
		return
	}
	if !p[0].all {
		if n = p[0].of(n); n != nil {
			p[1:].collect(n, found)
		}
		return
	}
	for i := range n.Members {
		p[1:].collect(&n.Members[i].Value, found)
	}
	for i := range n.Items {
		p[1:].collect(&n.Items[i], found)
	}
}

// of returns the one value that s leads to from n. Of a key written twice the
// last one counts.
func (s step) of(n *syntax.Node) *syntax.Node {
	if s.name == "" {
		if s.index < len(n.Items) {
			return &n.Items[s.index]
		}
		return nil
	}
	for i := len(n.Members) - 1; i >= 0; i-- {
		if n.Members[i].Key == s.name {
			return &n.Members[i].Value
		}
	}
	return nil
}
