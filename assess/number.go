package assess

// bound compares numbers. A text of digits is no number: AWS writes numbers
// as numbers, and where it does not, the author should say which is meant.
func bound(name string) operator {
	return func(_ checker, operand, value any) finding {
		limit, ok := operand.(float64)
		if !ok {
			return badOperand(name, operand)
		}
		x, ok := value.(float64)
		if !ok {
			return mistyped("a number", value)
		}
		switch name {
		case "at_least":
			return answer(x >= limit)
		case "at_most":
			return answer(x <= limit)
		case "above":
			return answer(x > limit)
		}
		return answer(x < limit)
	}
}

func between(_ checker, operand, value any) finding {
	limits, _ := operand.([]any)
	if len(limits) != 2 {
		return badOperand("between", operand)
	}
	low, ok := limits[0].(float64)
	high, ok2 := limits[1].(float64)
	if !ok || !ok2 || low > high {
		return badOperand("between", operand)
	}
	x, ok := value.(float64)
	if !ok {
		return mistyped("a number", value)
	}
	return answer(low <= x && x <= high)
}
