package pattern

import (
	"slices"
	"strings"

	"github.com/everqual/everqual/rule/syntax"
)

// test is one match value of a pattern, asked of one scalar of an event.
type test interface{ holds(s scalar) bool }

// scalar is a string, number, boolean or null of an event. text is the decoded
// string, or the literal of any other.
type scalar struct {
	kind syntax.Kind
	text string
}

// missing is {"exists": false}: no scalar satisfies it, only the lack of one.
var missing test = never{}

type (
	never    struct{}
	anyValue struct{}                 // {"exists": true}
	word     struct{ literal string } // null, true, false
	equal    struct{ text string }    // exact string
	inverse  struct{ none []test }    // {"anything-but": ...}
	prefix   struct{ text string }
	suffix   struct{ text string }
)

func (never) holds(scalar) bool    { return false }
func (anyValue) holds(scalar) bool { return true }

func (t word) holds(s scalar) bool {
	return (s.kind == syntax.Null || s.kind == syntax.Boolean) && s.text == t.literal
}

func (t equal) holds(s scalar) bool { return s.kind == syntax.Text && s.text == t.text }

func (t prefix) holds(s scalar) bool {
	return s.kind == syntax.Text && strings.HasPrefix(s.text, t.text)
}
func (t suffix) holds(s scalar) bool {
	return s.kind == syntax.Text && strings.HasSuffix(s.text, t.text)
}

func (t inverse) holds(s scalar) bool {
	return !slices.ContainsFunc(t.none, func(x test) bool { return x.holds(s) })
}

// value compiles one element of a field's array.
func (c *compiler) value(n *syntax.Node) (test, error) {
	switch n.Kind {
	case syntax.Text:
		return exactText(n.Text), nil
	case syntax.Number:
		return exactNumber(n.Text), nil
	case syntax.Boolean, syntax.Null:
		return word{n.Text}, nil
	case syntax.Object:
		return c.operator(n)
	}
	return nil, syntax.Faultf(n.At, "a match value must be a string, number, true, false, null or {operator: argument}, this is %s", n.Kind)
}

// exactText compares texts that look like IP addresses as addresses, so that
// 2001:db8::1 equals 2001:0DB8:0:0:0:0:0:1.
func exactText(s string) test {
	if ip, ok := address(s); ok {
		return sameAddress{ip}
	}
	return equal{s}
}

// one returns the only member of an operator object.
func one(n *syntax.Node, what string) (*syntax.Member, error) {
	switch len(n.Members) {
	case 0:
		return nil, syntax.Faultf(n.At, "%s needs one operator, such as {\"prefix\": \"a\"}", what)
	case 1:
		return &n.Members[0], nil
	}
	return nil, syntax.Faultf(n.Members[1].At, "only one key is allowed in %s; write another element instead", what)
}

func (c *compiler) operator(n *syntax.Node) (test, error) {
	m, err := one(n, "a match expression")
	if err != nil {
		return nil, err
	}
	switch v := &m.Value; m.Key {
	case "exactly":
		s, err := textOf(m.Key, v)
		return equal{s}, err // also where it looks like an address
	case "prefix", "suffix":
		return c.affix(m.Key, v)
	case "equals-ignore-case", "wildcard":
		return c.textOperator(m.Key, v)
	case "anything-but":
		return c.anythingBut(v)
	case "numeric":
		return compileNumeric(v)
	case "cidr":
		return compileCIDR(v)
	case "exists":
		return compileExists(v)
	}
	return nil, syntax.Faultf(m.At, "unrecognized match type %q; the operators are prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr and exists, in lower case", m.Key)
}

func textOf(operator string, n *syntax.Node) (string, error) {
	if n.Kind != syntax.Text {
		return "", syntax.Faultf(n.At, "the argument of %s must be a string, this is %s", operator, n.Kind)
	}
	return n.Text, nil
}

func compileExists(n *syntax.Node) (test, error) {
	switch {
	case n.Kind != syntax.Boolean:
		return nil, syntax.Faultf(n.At, "the argument of exists must be true or false, this is %s", n.Kind)
	case n.Text == "true":
		return anyValue{}, nil
	}
	return missing, nil
}

// affix compiles prefix and suffix, whose argument may be
// {"equals-ignore-case": string}.
func (c *compiler) affix(operator string, n *syntax.Node) (test, error) {
	if n.Kind != syntax.Object {
		return c.textOperator(operator, n)
	}
	m, err := one(n, operator)
	if err != nil {
		return nil, err
	}
	if m.Key != "equals-ignore-case" {
		return nil, syntax.Faultf(m.At, "unsupported %s pattern %q; only equals-ignore-case is allowed here", operator, m.Key)
	}
	s, err := textOf(m.Key, &m.Value)
	if operator == "prefix" {
		return foldPrefix{folded(s)}, err
	}
	return foldSuffix{folded(s)}, err
}

// textOperator compiles the operators whose argument is one string.
func (c *compiler) textOperator(operator string, n *syntax.Node) (test, error) {
	s, err := textOf(operator, n)
	if err != nil {
		return nil, err
	}
	switch operator {
	case "prefix":
		return prefix{s}, nil
	case "suffix":
		return suffix{s}, nil
	case "equals-ignore-case":
		return foldEqual{folded(s)}, nil
	}
	return compileWildcard(s, n.At)
}

// anythingBut compiles a string, a number, a list of either, or one of
// the text operators with a string or a list. Its texts are compared as they
// are, also when they look like IP addresses.
func (c *compiler) anythingBut(n *syntax.Node) (test, error) {
	switch n.Kind {
	case syntax.Object:
		return c.anythingButOperator(n)
	case syntax.Array:
		if len(n.Items) == 0 {
			return nil, syntax.Faultf(n.At, "empty arrays are not allowed in anything-but; list what is excluded")
		}
		return anythingButList(n.Items)
	case syntax.Text, syntax.Number:
		return anythingButList([]syntax.Node{*n})
	}
	return nil, syntax.Faultf(n.At, "the argument of anything-but must be a string, a number, a list or an object, this is %s", n.Kind)
}

func anythingButList(items []syntax.Node) (test, error) {
	var t inverse
	for i := range items {
		switch n := &items[i]; {
		case n.Kind != syntax.Text && n.Kind != syntax.Number:
			return nil, syntax.Faultf(n.At, "%s is not supported inside anything-but; list strings or numbers", n.Kind)
		case n.Kind != items[0].Kind:
			return nil, syntax.Faultf(n.At, "strings and numbers cannot be mixed inside anything-but; list one kind")
		case n.Kind == syntax.Text:
			t.none = append(t.none, equal{n.Text})
		default:
			v, err := numeral(n)
			if err != nil {
				return nil, err
			}
			t.none = append(t.none, span{low: v, high: v, lowIn: true, highIn: true})
		}
	}
	return t, nil
}

func (c *compiler) anythingButOperator(n *syntax.Node) (test, error) {
	m, err := one(n, "anything-but")
	if err != nil {
		return nil, err
	}
	switch m.Key {
	case "prefix", "suffix", "equals-ignore-case", "wildcard":
	default:
		return nil, syntax.Faultf(m.At, "unsupported anything-but pattern %q; prefix, suffix, equals-ignore-case and wildcard are allowed", m.Key)
	}
	items := []syntax.Node{m.Value}
	if m.Value.Kind == syntax.Array {
		if items = m.Value.Items; len(items) == 0 {
			return nil, syntax.Faultf(m.Value.At, "empty arrays are not allowed in anything-but; list what is excluded")
		}
	}
	var t inverse
	for i := range items {
		inner, err := c.textOperator(m.Key, &items[i])
		if err != nil {
			return nil, err
		}
		if items[i].Text == "" && (m.Key == "prefix" || m.Key == "suffix") {
			return nil, syntax.Faultf(items[i].At, "an empty %s inside anything-but would refuse every string", m.Key)
		}
		t.none = append(t.none, inner)
	}
	return t, nil
}
