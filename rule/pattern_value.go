package rule

import (
	"slices"
	"strings"
)

// test is one match value of a pattern, asked of one scalar of an event.
type test interface{ holds(n *node) bool }

// missing is {"exists": false}: no scalar satisfies it, only the lack of one.
var missing test = never{}

type (
	never    struct{}
	anyValue struct{}                              // {"exists": true}
	word     struct{ literal string }              // null, true, false
	equal    struct{ text string }                 // exact string
	textTest struct{ accepts func(s string) bool } // a test of strings only
	inverse  struct{ none []test }                 // {"anything-but": ...}
)

func (never) holds(*node) bool    { return false }
func (anyValue) holds(*node) bool { return true }

func (t word) holds(n *node) bool {
	return (n.kind == null || n.kind == boolean) && n.text == t.literal
}

func (t equal) holds(n *node) bool { return n.kind == text && n.text == t.text }

func (t textTest) holds(n *node) bool { return n.kind == text && t.accepts(n.text) }

func (t inverse) holds(n *node) bool {
	return !slices.ContainsFunc(t.none, func(x test) bool { return x.holds(n) })
}

// compileValue compiles one element of a field's array.
func compileValue(n *node) (test, error) {
	switch n.kind {
	case text:
		return exactText(n.text), nil
	case number:
		return exactNumber(n.text), nil
	case boolean, null:
		return word{n.text}, nil
	case object:
		return compileOperator(n)
	}
	return nil, faultf(n.at, "a match value must be a string, number, true, false, null or {operator: argument}, this is %s", n.kind)
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
func one(n *node, what string) (*member, error) {
	switch len(n.members) {
	case 0:
		return nil, faultf(n.at, "%s needs one operator, such as {\"prefix\": \"a\"}", what)
	case 1:
		return &n.members[0], nil
	}
	return nil, faultf(n.members[1].at, "only one key is allowed in %s; write another element instead", what)
}

func compileOperator(n *node) (test, error) {
	m, err := one(n, "a match expression")
	if err != nil {
		return nil, err
	}
	switch v := &m.value; m.key {
	case "exactly":
		s, err := textOf(m.key, v)
		return exactText(s), err
	case "prefix", "suffix":
		return compileAffix(m.key, v)
	case "equals-ignore-case", "wildcard":
		return compileText(m.key, v)
	case "anything-but":
		return compileAnythingBut(v)
	case "numeric":
		return compileNumeric(v)
	case "cidr":
		return compileCIDR(v)
	case "exists":
		return compileExists(v)
	}
	return nil, faultf(m.at, "unrecognized match type %q; the operators are exactly, prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr and exists", m.key)
}

func textOf(operator string, n *node) (string, error) {
	if n.kind != text {
		return "", faultf(n.at, "the argument of %s must be a string, this is %s", operator, n.kind)
	}
	return n.text, nil
}

func compileExists(n *node) (test, error) {
	switch {
	case n.kind != boolean:
		return nil, faultf(n.at, "the argument of exists must be true or false, this is %s", n.kind)
	case n.text == "true":
		return anyValue{}, nil
	}
	return missing, nil
}

// compileAffix compiles prefix and suffix, whose argument may be
// {"equals-ignore-case": string}.
func compileAffix(operator string, n *node) (test, error) {
	if n.kind != object {
		return compileText(operator, n)
	}
	m, err := one(n, operator)
	if err != nil {
		return nil, err
	}
	if m.key != "equals-ignore-case" {
		return nil, faultf(m.at, "unsupported %s pattern %q; only equals-ignore-case is allowed here", operator, m.key)
	}
	s, err := textOf(m.key, &m.value)
	if operator == "prefix" {
		return textTest{folded(s).prefixOf}, err
	}
	return textTest{folded(s).suffixOf}, err
}

// compileText compiles the operators whose argument is one string.
func compileText(operator string, n *node) (test, error) {
	s, err := textOf(operator, n)
	if err != nil {
		return nil, err
	}
	switch operator {
	case "prefix":
		return textTest{func(v string) bool { return strings.HasPrefix(v, s) }}, nil
	case "suffix":
		return textTest{func(v string) bool { return strings.HasSuffix(v, s) }}, nil
	case "equals-ignore-case":
		return textTest{folded(s).equals}, nil
	}
	w, err := compileWildcard(s, n.at)
	return textTest{w.matches}, err
}

// compileAnythingBut compiles a string, a number, a list of either, or one of
// the text operators with a string or a list. Its texts are compared as they
// are, also when they look like IP addresses.
func compileAnythingBut(n *node) (test, error) {
	switch n.kind {
	case object:
		return compileAnythingButOperator(n)
	case array:
		if len(n.items) == 0 {
			return nil, faultf(n.at, "empty arrays are not allowed in anything-but")
		}
		return compileAnythingButList(n.items)
	case text, number:
		return compileAnythingButList([]node{*n})
	}
	return nil, faultf(n.at, "the argument of anything-but must be a string, a number, a list or an object, this is %s", n.kind)
}

func compileAnythingButList(items []node) (test, error) {
	var t inverse
	for i := range items {
		switch n := &items[i]; {
		case n.kind != text && n.kind != number:
			return nil, faultf(n.at, "%s is not supported inside anything-but; list strings or numbers", n.kind)
		case n.kind != items[0].kind:
			return nil, faultf(n.at, "strings and numbers cannot be mixed inside anything-but")
		case n.kind == text:
			t.none = append(t.none, equal{n.text})
		default:
			v, err := comparable(n)
			if err != nil {
				return nil, err
			}
			t.none = append(t.none, span{low: v, high: v, lowIn: true, highIn: true})
		}
	}
	return t, nil
}

func compileAnythingButOperator(n *node) (test, error) {
	m, err := one(n, "anything-but")
	if err != nil {
		return nil, err
	}
	switch m.key {
	case "prefix", "suffix", "equals-ignore-case", "wildcard":
	default:
		return nil, faultf(m.at, "unsupported anything-but pattern %q; prefix, suffix, equals-ignore-case and wildcard are allowed", m.key)
	}
	items := []node{m.value}
	if m.value.kind == array {
		if items = m.value.items; len(items) == 0 {
			return nil, faultf(m.value.at, "empty arrays are not allowed in anything-but")
		}
	}
	var t inverse
	for i := range items {
		inner, err := compileText(m.key, &items[i])
		if err != nil {
			return nil, err
		}
		if items[i].text == "" && (m.key == "prefix" || m.key == "suffix") {
			return nil, faultf(items[i].at, "an empty %s inside anything-but would refuse every string", m.key)
		}
		t.none = append(t.none, inner)
	}
	return t, nil
}
