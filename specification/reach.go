package specification

import "slices"

// An operator looks at each element of a list, or at the list as a whole. A
// test case must do one of the two, or its meaning would hang on details.

type reach int

const (
	either    reach = 0 // exists: both come to the same
	elements  reach = 1
	wholeList reach = 2
)

// checkReach refuses a test case without quantifier that mixes the two, and
// says where to put the quantifier.
func (f *file) checkReach(c, expect *node, where []string) {
	if c.field("quantifier") != nil {
		return
	}
	if reachOf(expect) == elements|wholeList {
		f.at(expect, join(where, "expect"), "the expectation mixes operators that look at each element with operators "+
			"that look at the whole list; use two test cases, or say what is meant with a quantifier", "")
	}
}

func reachOf(n *node) reach {
	if n.kind == '[' {
		return wholeList
	}
	if n.kind != '{' || len(n.fields) != 1 {
		return elements
	}
	operand := n.fields[0]
	switch operand.key {
	case "contains", "contains_all", "contains_any", "contains_none", "same_set", "subset_of", "length", "empty":
		return wholeList
	case "equals":
		if operand.kind == '[' {
			return wholeList
		}
	case "in", "not_in":
		if slices.ContainsFunc(operand.items, func(x *node) bool { return x.kind == '[' }) {
			return wholeList
		}
	case "not":
		return reachOf(operand)
	case "all_of", "any_of", "none_of":
		r := either
		for _, x := range operand.items {
			r |= reachOf(x)
		}
		return r
	case "exists":
		return either
	}
	return elements
}
