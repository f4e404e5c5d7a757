package assess

import "github.com/everqual/everqual"

// The combinators follow three-valued logic (Kleene): unknown stays unknown
// unless the known parts decide.

func operands(operand any) []everqual.Expectation {
	list, isList := operand.([]any)
	if !isList {
		return []everqual.Expectation{nestedExpectation(operand)}
	}
	var parts []everqual.Expectation
	for _, x := range list {
		parts = append(parts, nestedExpectation(x))
	}
	return parts
}

func allOf(c checker, operand, value any) finding {
	result, parts := answer(true), operands(operand)
	if len(parts) == 0 {
		return badOperand("all_of", operand)
	}
	for _, part := range parts {
		switch f := c.check(part, value); {
		case f.is == no && !f.unset:
			return finding{is: no, detail: joined(part, f.detail)}
		case f.is == no:
			result = f
		case f.is == unknown && result.is != no:
			result = f
		}
	}
	return result
}

func anyOf(c checker, operand, value any) finding {
	result, parts := answer(false), operands(operand)
	if len(parts) == 0 {
		return badOperand("any_of", operand)
	}
	for _, part := range parts {
		switch f := c.check(part, value); {
		case f.is == yes:
			return f
		case f.is == unknown:
			result = f
		case f.unset && result.is == no:
			result = f
		}
	}
	return result
}

// noneOf is also not, with one operand.
func noneOf(c checker, operand, value any) finding {
	f := anyOf(c, operand, value)
	switch {
	case f.is == yes:
		return answer(false)
	case f.is == no && f.unset:
		return unsure(everqual.Mistyped, "the value is null: none is set, so there is nothing to compare")
	case f.is == no:
		return answer(true)
	}
	return f
}

func joined(part everqual.Expectation, detail string) string {
	s := "not " + inWords(part)
	if detail != "" {
		s += ": " + detail
	}
	return s
}
