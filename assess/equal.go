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

// alike tells whether two values can be told equal or different. "7" and 7, or
// an element and a list of it, may be the same thing written otherwise: nobody
// can say. Null differs from everything else, and an object from what is
// simple.
func alike(a, b any) bool {
	x, y := kindOf(a), kindOf(b)
	return x == y || a == nil || b == nil || x != "a list" && y != "a list" && (x == "an object" || y == "an object")
}

// equals compares with a literal; a value of another type is mistyped.
func equals(_ checker, operand, value any) finding {
	if !alike(operand, value) {
		return mistyped(kindOf(operand), value)
	}
	return answer(equal(operand, value))
}

func isIn(_ checker, operand, value any) finding {
	options, ok := operand.([]any)
	if !ok || len(options) == 0 {
		return badOperand("in", operand)
	}
	decided := true
	for _, x := range options {
		if equal(x, value) {
			return answer(true)
		}
		decided = decided && alike(x, value)
	}
	if !decided {
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
