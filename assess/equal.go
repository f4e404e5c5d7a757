package assess

import "slices"

// equal compares JSON values: numbers by value, objects whatever the order of
// their keys, lists in order.
func equal(a, b any) bool {
	switch x := untag(a).(type) {
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, equal)
	case map[string]any:
		y, ok := untag(b).(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			if w, there := y[k]; !there || !equal(v, w) {
				return false
			}
		}
		return true
	case nil, bool, float64, string:
		switch b.(type) {
		case nil, bool, float64, string:
			return a == b
		}
	}
	return false
}

// equals compares with a literal. A value of another type than the literal is
// mistyped, so that "7" for 7 is seen as what it is; null differs from
// everything else.
func equals(_ checker, operand, value any) finding {
	if operand != nil && value != nil && kindOf(operand) != kindOf(value) {
		return mistyped(kindOf(operand), value)
	}
	return answer(equal(operand, value))
}

func isIn(_ checker, operand, value any) finding {
	options, ok := operand.([]any)
	if !ok || len(options) == 0 {
		return badOperand("in", operand)
	}
	comparable := value == nil
	for _, x := range options {
		if equal(x, value) {
			return answer(true)
		}
		comparable = comparable || kindOf(x) == kindOf(value)
	}
	if !comparable {
		return mistyped(kindOf(options[0]), value)
	}
	return answer(false)
}

func isNotIn(c checker, operand, value any) finding {
	f := isIn(c, operand, value)
	if f.is != unknown {
		f.is = yes + no - f.is
	}
	return f
}
