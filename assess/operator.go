package assess

import "github.com/everqual/everqual"

// operator compares a value with its operand.
type operator func(c checker, operand, value any) finding

// operatorNamed is the list of operators; nil for a name that is none.
func operatorNamed(name string) operator {
	switch name {
	case "equals":
		return equals
	case "in":
		return isIn
	case "not_in":
		return isNotIn
	case "at_least", "at_most", "above", "below":
		return bound(name)
	case "between":
		return between
	case "matches":
		return matches
	case "starts_with", "ends_with", "equals_ignore_case":
		return text(name)
	case "contains":
		return contains
	case "contains_all", "contains_any", "contains_none", "subset_of", "same_set":
		return set(name)
	case "length":
		return length
	case "within", "not_within", "excludes_cidr":
		return addresses(name)
	case "version":
		return version
	case "older_than", "younger_than":
		return age(name)
	case "exists":
		return exists
	case "empty":
		return empty
	case "not", "none_of":
		return noneOf
	case "all_of":
		return allOf
	case "any_of":
		return anyOf
	}
	return nil
}

// check applies one expectation to one value. What is absent is unknown to
// every operator but those of existence, and null satisfies none but those
// that speak of it.
func (c checker) check(e everqual.Expectation, value any) finding {
	op := operatorNamed(e.Operator)
	if op == nil {
		return unsure(everqual.Invalid, "unknown operator %q", e.Operator)
	}
	switch e.Operator {
	case "exists", "empty", "not", "none_of", "all_of", "any_of":
		return op(c, e.Operand, value)
	case "equals", "in", "not_in":
	default:
		if value == nil {
			return c.checkNull(e)
		}
	}
	if gap := gapIn(value); gap != nil {
		return finding{is: unknown, reason: gap.reason, detail: gap.help()}
	}
	return op(c, e.Operand, untag(value))
}

// checkNull answers for null: none is set, so nothing positive holds, and
// nothing negative is proven.
func (c checker) checkNull(e everqual.Expectation) finding {
	switch e.Operator {
	case "not_within", "excludes_cidr", "contains_none", "subset_of":
		return unsure(everqual.Mistyped, "the value is null: none is set, so there is nothing to compare")
	}
	return finding{is: no, unset: true, detail: "the value is null: none is set"}
}

func badOperand(name string, operand any) finding {
	return unsure(everqual.Invalid, "%s cannot work with %s", name, compact(operand))
}

func mistyped(want string, value any) finding {
	return unsure(everqual.Mistyped, "the value is %s, not %s", kindOf(value), want)
}
