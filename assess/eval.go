package assess

import (
	"errors"
	"maps"
	"math"

	"github.com/everqual/everqual"
	"github.com/jmespath-community/go-jmespath/pkg/functions"
	"github.com/jmespath-community/go-jmespath/pkg/parsing"
	"github.com/jmespath-community/go-jmespath/pkg/util"
)

// evaluator walks the syntax tree of a JMESPath expression. It follows the
// JMESPath rules, but is stricter where they would hide something: it tells
// absent from null, stops at what could not be read, keeps the elements that a
// projection would drop, refuses to order what is no number, and visits the
// keys of an object in sorted order.
type evaluator struct {
	root  map[string]any
	scope map[string]any // of let
	steps int
	// gap is an absent element that the expression has dropped on its way.
	gap *absent
}

type node = parsing.ASTNode

var errBounds = errors.New("it takes too many steps or makes too large a value")

// spend counts work, and stops an expression that does not come to an end.
func (e *evaluator) spend(n int) error {
	if e.steps += n; e.steps > maxSteps {
		return errBounds
	}
	return nil
}

func (e *evaluator) eval(n node, v any) (any, error) {
	if err := e.spend(1); err != nil {
		return nil, err
	}
	switch n.NodeType {
	case parsing.ASTIdentity, parsing.ASTCurrentNode:
		return v, nil
	case parsing.ASTRootNode:
		return e.root, nil
	case parsing.ASTLiteral:
		return n.Value, nil
	case parsing.ASTField:
		return e.field(n.Value.(string), v)
	case parsing.ASTSubexpression, parsing.ASTIndexExpression, parsing.ASTPipe:
		return e.chain(n, v)
	case parsing.ASTIndex:
		return index(n.Value.(int), v), nil
	case parsing.ASTSlice:
		return e.slice(n.Value.([]*int), v)
	case parsing.ASTProjection, parsing.ASTFilterProjection, parsing.ASTValueProjection, parsing.ASTFlatten:
		return e.project(n, v)
	case parsing.ASTMultiSelectList, parsing.ASTMultiSelectHash, parsing.ASTKeyValPair:
		return e.multi(n, v)
	case parsing.ASTOrExpression, parsing.ASTAndExpression, parsing.ASTNotExpression:
		return e.logic(n, v)
	case parsing.ASTComparator:
		return e.comparator(n, v)
	case parsing.ASTArithmeticExpression, parsing.ASTArithmeticUnaryExpression:
		return e.arithmetic(n, v)
	case parsing.ASTExpRef:
		return e.reference(n.Children[0]), nil
	case parsing.ASTFunctionExpression:
		return e.function(n, v)
	case parsing.ASTLetExpression:
		return e.let(n, v)
	case parsing.ASTVariable:
		value, ok := e.scope[n.Value.(string)]
		if !ok {
			return nil, troubled(everqual.Invalid, "the variable %s is not defined", n.Value)
		}
		return value, nil
	}
	return nil, errors.New("unknown syntax " + n.NodeType.String())
}

// settled evaluates a part whose result is used as a whole: there a projected
// list loses its nulls and absent elements, as in JMESPath. A lost absent
// element is remembered.
func (e *evaluator) settled(n node, v any) (any, error) {
	r, err := e.eval(n, v)
	list, ok := r.([]any)
	if err != nil || !ok || !isProjection(n) {
		return r, err
	}
	kept := make([]any, 0, len(list))
	for _, x := range list {
		if a, missing := x.(*absent); missing {
			e.noteGap(a)
		} else if x != nil {
			kept = append(kept, x)
		}
	}
	return kept, e.spend(len(list))
}

func (e *evaluator) noteGap(a *absent) {
	if e.gap == nil {
		e.gap = a
	}
}

func (e *evaluator) field(name string, v any) (any, error) {
	switch x := v.(type) {
	case nil, *absent:
		return v, nil
	case tagMap:
		return x[name], nil
	case map[string]any:
		r, ok := x[name]
		if p, poisoned := r.(*poison); poisoned {
			return nil, unreadTrouble(p.unread)
		}
		if ok {
			return r, nil
		}
	}
	return noField(name, v), nil
}

// chain evaluates left to right; null and absent go through.
func (e *evaluator) chain(n node, v any) (any, error) {
	left, err := e.settled(n.Children[0], v)
	if err != nil {
		return nil, err
	}
	_, missing := left.(*absent)
	if n.NodeType != parsing.ASTPipe && (left == nil || missing) {
		return left, nil
	}
	return e.eval(n.Children[1], left)
}

func index(i int, v any) any {
	list, ok := v.([]any)
	if !ok {
		if _, missing := v.(*absent); missing || v == nil {
			return v
		}
		return noList(v)
	}
	if i < 0 {
		i += len(list)
	}
	if i < 0 || i >= len(list) {
		return missing(everqual.NoMatch, "the list has no such element")
	}
	return list[i]
}

func (e *evaluator) slice(parts []*int, v any) (any, error) {
	params := util.MakeSliceParams(parts)
	switch x := v.(type) {
	case nil, *absent:
		return v, nil
	case []any:
		return util.Slice(x, params)
	case string:
		r, err := util.Slice([]rune(x), params)
		return string(r), err
	}
	return noList(v), nil
}

// multi makes a list or an object. Of what is absent only literals can be made.
func (e *evaluator) multi(n node, v any) (any, error) {
	_, nothing := v.(*absent)
	switch n.NodeType {
	case parsing.ASTKeyValPair:
		return e.settled(n.Children[0], v)
	case parsing.ASTMultiSelectList:
		list := make([]any, 0, len(n.Children))
		for _, child := range n.Children {
			r, err := e.settled(child, v)
			if err != nil {
				return nil, err
			}
			if _, missing := r.(*absent); missing && nothing {
				return v, nil
			}
			list = append(list, r)
		}
		return list, nil
	}
	object := make(map[string]any, len(n.Children))
	for _, child := range n.Children {
		r, err := e.eval(child, v)
		if err != nil {
			return nil, err
		}
		if _, missing := r.(*absent); missing && nothing {
			return v, nil
		}
		object[child.Value.(string)] = r
	}
	return object, nil
}

// logic treats absent as false: asking whether something is there is a fair
// question.
func (e *evaluator) logic(n node, v any) (any, error) {
	left, err := e.settled(n.Children[0], v)
	if err != nil {
		return nil, err
	}
	_, missing := left.(*absent)
	falsy := missing || util.IsFalse(untag(left))
	switch {
	case n.NodeType == parsing.ASTNotExpression:
		return falsy, nil
	case falsy == (n.NodeType == parsing.ASTOrExpression):
		return e.eval(n.Children[1], v)
	}
	return left, nil
}

func (e *evaluator) comparator(n node, v any) (any, error) {
	left, right, err := e.pair(n, v)
	if err != nil {
		return nil, err
	}
	switch n.Value {
	case parsing.TOKEQ:
		return equal(presence(left), presence(right)), nil
	case parsing.TOKNE:
		return !equal(presence(left), presence(right)), nil
	}
	a, b, err := numbers(left, right)
	switch n.Value {
	case parsing.TOKGT:
		return a > b, err
	case parsing.TOKGTE:
		return a >= b, err
	case parsing.TOKLT:
		return a < b, err
	}
	return a <= b, err
}

func (e *evaluator) pair(n node, v any) (left, right any, err error) {
	if left, err = e.settled(n.Children[0], v); err == nil {
		if right, err = e.settled(n.Children[1], v); err == nil {
			if err = e.measure(left); err == nil {
				err = e.measure(right)
			}
		}
	}
	return left, right, err
}

// presence turns absent into null.
func presence(v any) any {
	if _, missing := v.(*absent); missing {
		return nil
	}
	return v
}

func numbers(left, right any) (a, b float64, err error) {
	for _, v := range []any{left, right} {
		if x, missing := v.(*absent); missing {
			return 0, 0, &trouble{x.reason, x.help()}
		}
	}
	a, ok := left.(float64)
	b, ok2 := right.(float64)
	if !ok || !ok2 {
		return 0, 0, troubled(everqual.Mistyped, "the expression compares or computes with %s and %s; both must be numbers", kindOf(left), kindOf(right))
	}
	return a, b, nil
}

func (e *evaluator) arithmetic(n node, v any) (any, error) {
	if n.NodeType == parsing.ASTArithmeticUnaryExpression {
		n.Children = []node{{NodeType: parsing.ASTLiteral, Value: 0.0}, n.Children[0]}
	}
	left, right, err := e.pair(n, v)
	if err != nil {
		return nil, err
	}
	a, b, err := numbers(left, right)
	if err != nil {
		return nil, err
	}
	var r float64
	switch n.Value {
	case parsing.TOKPlus:
		r = a + b
	case parsing.TOKMinus:
		r = a - b
	case parsing.TOKStar, parsing.TOKMultiply:
		r = a * b
	case parsing.TOKDivide:
		r = a / b
	case parsing.TOKModulo:
		r = math.Mod(a, b)
	case parsing.TOKDiv:
		r = math.Floor(a / b)
	}
	if math.IsNaN(r) || math.IsInf(r, 0) {
		return nil, troubled(everqual.Invalid, "the expression computes what is no number")
	}
	return r, nil
}

func (e *evaluator) reference(n node) functions.ExpRef {
	return func(v any) (any, error) {
		r, err := e.settled(n, v)
		if a, missing := r.(*absent); missing {
			e.noteGap(a)
			return nil, err
		}
		return r, err
	}
}

func (e *evaluator) let(n node, v any) (any, error) {
	outer := e.scope
	defer func() { e.scope = outer }()
	inner := maps.Clone(outer)
	if inner == nil {
		inner = map[string]any{}
	}
	for _, binding := range n.Children[0].Children {
		r, err := e.settled(binding.Children[1], v)
		if err != nil {
			return nil, err
		}
		inner[binding.Children[0].Value.(string)] = r
	}
	e.scope = inner
	return e.eval(n.Children[1], v)
}
