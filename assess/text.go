package assess

import (
	"regexp"
	"strings"
)

// matches wants the pattern to match the whole text, so that a pattern for
// m5.large does not let m5.large.old pass.
func matches(_ checker, operand, value any) finding {
	pattern, ok := operand.(string)
	if !ok {
		return badOperand("matches", operand)
	}
	re, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
	if err != nil {
		return badOperand("matches", operand)
	}
	s, ok := value.(string)
	if !ok {
		return mistyped("text", value)
	}
	return answer(re.MatchString(s))
}

func text(name string) operator {
	return func(_ checker, operand, value any) finding {
		want, ok := operand.(string)
		if !ok {
			return badOperand(name, operand)
		}
		s, ok := value.(string)
		if !ok {
			return mistyped("text", value)
		}
		switch name {
		case "starts_with":
			return answer(strings.HasPrefix(s, want))
		case "ends_with":
			return answer(strings.HasSuffix(s, want))
		}
		return answer(strings.EqualFold(s, want))
	}
}

// contains looks for a part of a text, or for an element of a list.
func contains(_ checker, operand, value any) finding {
	if list, ok := value.([]any); ok {
		return answer(has(list, operand))
	}
	s, ok := value.(string)
	if !ok {
		return mistyped("text or a list", value)
	}
	part, ok := operand.(string)
	if !ok {
		return badOperand("contains in text", operand)
	}
	return answer(strings.Contains(s, part))
}
