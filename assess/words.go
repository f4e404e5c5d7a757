package assess

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/everqual/everqual"
	"github.com/jmespath-community/go-jmespath/pkg/parsing"
)

// Expected puts a test case's expectation into words, as every verdict carries
// it. It needs no observation, so a protocol can print it before execution.
func Expected(tc everqual.TestCase) string {
	s := inWords(tc.Expect)
	switch q := tc.Quantifier; q.Kind {
	case "":
		if tree, err := compile(tc.Attribute); err == nil && isList(tree) && reachOf(tc.Expect) != wholeList {
			s += " (every element)"
		}
	case "all":
		s += " (every element)"
	case "any":
		s += " (at least one element)"
	case "none":
		s += " (no element)"
	case "count":
		s += fmt.Sprintf(" (exactly %s)", elementsOf(q.N))
	case "at_least":
		s += fmt.Sprintf(" (at least %s)", elementsOf(q.N))
	case "at_most":
		s += fmt.Sprintf(" (at most %s)", elementsOf(q.N))
	}
	return s
}

func elementsOf(n int) string {
	if n == 1 {
		return "1 element"
	}
	return fmt.Sprintf("%d elements", n)
}

// isList tells whether an expression gives a list by its form.
func isList(n parsing.ASTNode) bool {
	switch n.NodeType {
	case parsing.ASTPipe:
		return isList(n.Children[1])
	case parsing.ASTMultiSelectList:
		return true
	}
	return isProjection(n)
}

// inWords words one expectation.
func inWords(e everqual.Expectation) string {
	operand := compact(e.Operand)
	switch e.Operator {
	case "equals":
		if e.Operand == nil {
			return "none set (null)"
		}
		return operand
	case "not":
		return "not " + inner(e.Operand)
	case "in":
		return "one of " + items(e.Operand)
	case "not_in":
		return "none of " + items(e.Operand)
	case "at_least", "at_most", "above", "below", "contains":
		return strings.ReplaceAll(e.Operator, "_", " ") + " " + operand
	case "between":
		if list, ok := e.Operand.([]any); ok && len(list) == 2 {
			return fmt.Sprintf("between %s and %s", compact(list[0]), compact(list[1]))
		}
	case "matches":
		return "matches the pattern " + plainText(e.Operand)
	case "starts_with":
		return "starts with " + operand
	case "ends_with":
		return "ends with " + operand
	case "equals_ignore_case":
		return operand + " (upper or lower case)"
	case "contains_all":
		return "contains all of " + items(e.Operand)
	case "contains_any":
		return "contains at least one of " + items(e.Operand)
	case "contains_none":
		return "contains none of " + items(e.Operand)
	case "same_set":
		if list, ok := e.Operand.([]any); ok && len(list) == 0 {
			return "no elements"
		}
		return "exactly the elements " + items(e.Operand)
	case "subset_of":
		return "only elements of " + items(e.Operand)
	case "length":
		return "length " + inner(e.Operand)
	case "within":
		return "within " + ranges(e.Operand)
	case "not_within":
		return "no address within " + ranges(e.Operand)
	case "excludes_cidr":
		return "does not cover " + ranges(e.Operand)
	case "version":
		return "version " + versionBounds(e.Operand)
	case "older_than":
		return "older than " + plainText(e.Operand) + " at collection"
	case "younger_than":
		return "younger than " + plainText(e.Operand) + " at collection"
	case "exists":
		return map[any]string{true: "exists", false: "absent or null"}[boolOf(e.Operand)]
	case "empty":
		return map[any]string{true: "empty or absent", false: "not empty"}[boolOf(e.Operand)]
	case "all_of":
		return joinWords(e.Operand, " and ")
	case "any_of":
		return joinWords(e.Operand, " or ")
	case "none_of":
		return "neither " + joinWords(e.Operand, " nor ")
	}
	return e.Operator + " " + operand
}

func boolOf(v any) bool { b, _ := v.(bool); return b }

func inner(operand any) string {
	e := nestedExpectation(operand)
	if parts, nested := partsOf(e); nested && len(parts) > 1 {
		return "(" + inWords(e) + ")"
	}
	return inWords(e)
}

func joinWords(operand any, word string) string {
	var list []string
	for _, p := range operands(operand) {
		list = append(list, inner(expectationOf(p)))
	}
	return strings.Join(list, word)
}

// expectationOf gives an expectation back in its JSON form.
func expectationOf(e everqual.Expectation) any { return map[string]any{e.Operator: e.Operand} }

func items(operand any) string {
	list, ok := operand.([]any)
	if !ok {
		return compact(operand)
	}
	var words []string
	for _, x := range list {
		words = append(words, compact(x))
	}
	return strings.Join(words, ", ")
}

func ranges(operand any) string {
	if s, ok := operand.(string); ok {
		return s
	}
	list, _ := operand.([]any)
	var words []string
	for _, x := range list {
		words = append(words, plainText(x))
	}
	return strings.Join(words, " or ")
}

func versionBounds(operand any) string {
	bounds, ok := operand.(map[string]any)
	if !ok {
		return compact(operand)
	}
	var words []string
	for _, sign := range []string{"=", "!=", ">", ">=", "<", "<="} {
		if v, ok := bounds[sign]; ok {
			words = append(words, sign+" "+plainText(v))
		}
	}
	return strings.Join(words, " and ")
}

func plainText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return compact(v)
}

// compact writes a value as JSON with sorted keys and no spaces. What is
// absent inside it is written as null; the verdict's detail tells them apart.
func compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(filled(v)) != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// filled replaces what is absent by null, where there is any.
func filled(v any) any {
	if gapIn(v) == nil {
		return v
	}
	switch x := v.(type) {
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = filled(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = filled(e)
		}
		return out
	}
	return nil
}
