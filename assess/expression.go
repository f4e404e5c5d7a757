package assess

import (
	"errors"
	"fmt"

	"github.com/everqual/everqual"
	"github.com/jmespath-community/go-jmespath/pkg/parsing"
)

// Bounds on one evaluation.
const (
	maxExpression = 8000    // bytes
	maxSteps      = 2000000 // nodes visited and list elements made
)

// selectAttribute evaluates an expression over the attributes. The value is a
// JSON value, in which *absent stands for what is not there; lists made by a
// projection keep their nulls and absent elements, which JMESPath would drop,
// so that nothing escapes judgement.
func (s *subject) selectAttribute(expression string) (any, *trouble) {
	tree, err := compile(expression)
	if err != nil {
		return nil, troubled(everqual.Invalid, "the JMESPath expression is not valid: %v", err)
	}
	e := &evaluator{root: s.root}
	value, err := e.eval(tree, s.root)
	if err == nil {
		err = e.measure(value)
	}
	var t *trouble
	switch {
	case errors.As(err, &t):
		return nil, t
	case err != nil:
		return nil, troubled(everqual.Invalid, "the expression cannot be evaluated: %v", err)
	case e.gap != nil:
		return nil, troubled(e.gap.reason, "not every element has what the expression asks for: %s", e.gap.help())
	}
	return value, nil
}

// compile parses an expression. The parser may panic on input that is no
// JMESPath at all; that is an error like any other.
func compile(expression string) (tree parsing.ASTNode, err error) {
	if len(expression) > maxExpression {
		return tree, fmt.Errorf("longer than %d bytes", maxExpression)
	}
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("it cannot be parsed")
		}
	}()
	return parsing.NewParser().Parse(expression)
}

// isProjection tells whether a node gives a list of its own making.
func isProjection(n parsing.ASTNode) bool {
	switch n.NodeType {
	case parsing.ASTProjection, parsing.ASTFilterProjection, parsing.ASTValueProjection, parsing.ASTFlatten:
		return true
	}
	return false
}
