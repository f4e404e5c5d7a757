package assess

import (
	"github.com/everqual/everqual"
	"github.com/jmespath-community/go-jmespath/pkg/parsing"
	"github.com/jmespath-community/go-jmespath/pkg/util"
)

// project evaluates the list-making nodes. Null in place of a list is an empty
// list: asked, and none is set.
func (e *evaluator) project(n node, v any) (any, error) {
	left, err := e.eval(n.Children[0], v)
	if err != nil {
		return nil, err
	}
	if _, missing := left.(*absent); missing {
		return left, nil
	}
	if s, ok := left.(string); ok && isTextSlice(n) {
		return s, nil
	}
	list, missing, err := e.elements(n, left)
	if err != nil || missing != nil {
		return presenceOf(missing), err
	}
	if n.NodeType == parsing.ASTFlatten {
		return e.flatten(list)
	}
	out := make([]any, 0, len(list))
	for _, x := range list {
		keep, err := e.passes(n, x)
		if err != nil {
			return nil, err
		}
		if !keep {
			continue
		}
		r, err := e.eval(n.Children[1], x)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func presenceOf(a *absent) any {
	if a == nil {
		return nil
	}
	return a
}

// isTextSlice tells whether a projection is of the form text[0:3].
func isTextSlice(n node) bool {
	first := n.Children[0]
	return n.NodeType == parsing.ASTProjection && first.NodeType == parsing.ASTIndexExpression &&
		len(first.Children) > 1 && first.Children[1].NodeType == parsing.ASTSlice
}

// elements returns what a projection runs over.
func (e *evaluator) elements(n node, v any) ([]any, *absent, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil, nil
	case []any:
		if n.NodeType != parsing.ASTValueProjection {
			return x, nil, e.spend(len(x))
		}
	case tagMap:
		return e.elements(n, untag(x))
	case map[string]any:
		if n.NodeType == parsing.ASTValueProjection {
			list, err := values(x)
			return list, nil, err
		}
	}
	if n.NodeType == parsing.ASTValueProjection {
		return nil, missing(everqual.Mistyped, "an object is needed, not "+kindOf(v)), nil
	}
	return nil, noList(v), nil
}

// values returns the values of an object in the order of its keys.
func values(m map[string]any) ([]any, error) {
	list := make([]any, 0, len(m))
	for _, k := range sortedKeys(m) {
		if p, poisoned := m[k].(*poison); poisoned {
			return nil, unreadTrouble(p.unread)
		}
		list = append(list, m[k])
	}
	return list, nil
}

// passes applies the condition of a filter. An absent element stays, because
// nobody knows.
func (e *evaluator) passes(n node, x any) (bool, error) {
	if _, missing := x.(*absent); missing || n.NodeType != parsing.ASTFilterProjection {
		return true, nil
	}
	r, err := e.settled(n.Children[2], x)
	if err != nil {
		return false, err
	}
	return !util.IsFalse(untag(presence(r))), nil
}

// flatten merges the lists in a list. A null among lists is an empty list; a
// null among other values is an element.
func (e *evaluator) flatten(list []any) (any, error) {
	hasLists, hasOthers := false, false
	for _, x := range list {
		_, isList := x.([]any)
		hasLists = hasLists || isList
		hasOthers = hasOthers || !isList && x != nil
	}
	out := []any{}
	for _, x := range list {
		inner, isList := x.([]any)
		if err := e.spend(len(inner)); err != nil {
			return nil, err
		}
		switch {
		case isList:
			out = append(out, inner...)
		case x != nil || hasOthers && !hasLists:
			out = append(out, x)
		}
	}
	return out, nil
}
