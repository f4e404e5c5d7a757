package assess

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

func has(list []any, x any) bool {
	return slices.ContainsFunc(list, func(e any) bool { return equal(e, x) })
}

// keysOf returns the elements of a list in their JSON form, to look them up.
func keysOf(list []any) map[string]bool {
	keys := make(map[string]bool, len(list))
	for _, x := range list {
		keys[compact(x)] = true
	}
	return keys
}

// wordsOf returns the elements of a that are in b, or those that are not, in
// words.
func wordsOf(a, b []any, in bool) (words []string) {
	keys := keysOf(b)
	for _, x := range a {
		if key := compact(x); keys[key] == in {
			words = append(words, shorten(key))
		}
	}
	return words
}

// set compares a list with the operand's elements; order and repetition never
// count.
func set(name string) operator {
	return func(_ checker, operand, value any) finding {
		want, ok := operand.([]any)
		if !ok || len(want) == 0 && name != "same_set" {
			return badOperand(name, operand)
		}
		list, ok := value.([]any)
		if !ok {
			return mistyped("a list", value)
		}
		missing, extra := wordsOf(want, list, false), wordsOf(list, want, false)
		switch name {
		case "contains_all":
			return listed(len(missing) == 0, "missing", missing)
		case "contains_any":
			return answer(len(missing) < len(want))
		case "contains_none":
			return listed(len(missing) == len(want), "present", wordsOf(want, list, true))
		case "subset_of":
			return listed(len(extra) == 0, "not allowed", extra)
		}
		f := listed(len(missing) == 0, "missing", missing)
		if len(extra) > 0 {
			g := listed(false, "not allowed", extra)
			if f.is == no {
				g.detail = f.detail + "; " + g.detail
			}
			return g
		}
		return f
	}
}

func listed(holds bool, word string, elements []string) finding {
	f := answer(holds)
	if !holds {
		f.detail = fmt.Sprintf("%s: %s", word, someOf(elements, maxNamed))
	}
	return f
}

// length holds an expectation against the number of elements of a list, keys
// of an object or characters of a text.
func length(c checker, operand, value any) finding {
	n := 0
	switch x := value.(type) {
	case []any:
		n = len(x)
	case map[string]any:
		n = len(x)
	case string:
		n = utf8.RuneCountInString(x)
	default:
		return mistyped("a list, an object or text", value)
	}
	f := c.check(nestedExpectation(operand), float64(n))
	if f.is == no && f.detail == "" {
		f.detail = fmt.Sprintf("the length is %d", n)
	}
	return f
}
