package assess

// exists: true wants a value that is not null; false wants the attribute to be
// absent or null. An empty list that was selected holds nothing.
func exists(_ checker, operand, value any) finding {
	want, ok := operand.(bool)
	if !ok {
		return badOperand("exists", operand)
	}
	list, isList := value.([]any)
	there := presence(value) != nil && !(isList && len(list) == 0)
	return existence(want == there, value)
}

// empty: true wants nothing in it: absent, null, an empty list, object or
// text, or a list of nothing but nulls.
func empty(_ checker, operand, value any) finding {
	want, ok := operand.(bool)
	if !ok {
		return badOperand("empty", operand)
	}
	return existence(want == isEmpty(value), value)
}

func isEmpty(value any) bool {
	switch x := untag(presence(value)).(type) {
	case nil:
		return true
	case string:
		return x == ""
	case map[string]any:
		return len(x) == 0
	case []any:
		for _, e := range x {
			if presence(e) != nil {
				return false
			}
		}
		return true
	}
	return false
}

// existence adds why an absent attribute is absent: it may be misspelt.
func existence(holds bool, value any) finding {
	f := answer(holds)
	if a, missing := value.(*absent); missing {
		f.detail = "the attribute is absent: " + a.detail
	}
	return f
}
