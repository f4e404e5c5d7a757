package specification

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	jmespath "github.com/jmespath-community/go-jmespath"
	"github.com/jmespath-community/go-jmespath/pkg/functions"
	"github.com/jmespath-community/go-jmespath/pkg/parsing"
)

// checkAttribute compiles the JMESPath expression of a test case.
func (f *file) checkAttribute(n *node, where []string) {
	expression, ok := n.text()
	if !ok || expression == "" || len(expression) > 4*2000 {
		return
	}
	tree, err := compile(expression)
	if err != nil {
		offset, message := 0, err.Error()
		var syntax jmespath.SyntaxError
		if errors.As(err, &syntax) {
			offset, message = syntax.Offset, strings.TrimPrefix(message, "SyntaxError: ")
		}
		f.add(n.within(f.src, offset), pointer(where), "the JMESPath expression is not valid: "+plain(message), "")
		return
	}
	f.checkFunctions(tree, n, where, expression)
}

// compile parses an expression. The parser may panic on input that is no
// JMESPath at all; that is an error like any other.
func compile(expression string) (tree parsing.ASTNode, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("it cannot be parsed")
		}
	}()
	return parsing.NewParser().Parse(expression)
}

// plain words the parser's messages without its token names.
func plain(message string) string {
	return strings.NewReplacer(
		"Incomplete expression", "it ends too early",
		"tQuotedIdentifier or tUnquotedIdentifier", "a name",
		"TOKEOF", "the end", "TOKUnquotedIdentifier", "a name", "TOKQuotedIdentifier", "a quoted name",
		"TOKRbracket", "]", "TOKLbracket", "[", "TOKRparen", ")", "TOKLparen", "(", "TOKRbrace", "}", "TOKLbrace", "{",
		"TOKComma", "a comma", "TOKColon", "a colon", "TOKDot", "a dot", "TOKStar", "*", "TOKNumber", "a number",
		"TOKStringLiteral", "a text", "TOKJSONLiteral", "a literal", "TOKAssign", "=", "TOKFilter", "[?", "TOKFlatten", "[]",
		"lbracket, or lbrace", "[ or {", "identifier", "a name", "Invalid token: ", "unexpected ", "Unexpected token", "unexpected text",
	).Replace(message)
}

// checkFunctions refuses functions that JMESPath does not have: the parser
// takes any name, and the test case could then never be evaluated.
func (f *file) checkFunctions(tree parsing.ASTNode, n *node, where []string, expression string) {
	if name, ok := tree.Value.(string); ok && tree.NodeType == parsing.ASTFunctionExpression {
		var known []string
		for _, entry := range functions.GetDefaultFunctions() {
			known = append(known, entry.Name)
		}
		if !slices.Contains(known, name) {
			f.add(n.within(f.src, max(0, strings.Index(expression, name+"("))), pointer(where),
				fmt.Sprintf("JMESPath has no function %q", name), nearest(name, known))
		}
	}
	for _, child := range tree.Children {
		f.checkFunctions(child, n, where, expression)
	}
}
