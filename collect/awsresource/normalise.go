package awsresource

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// normalise gives attributes the one form that equal states share: policy
// documents parsed, volatile members left out, sets sorted. It changes what it
// is given.
func normalise(k kind, attributes everqual.Attributes) everqual.Attributes {
	root := map[string]any(attributes)
	for _, path := range k.policies {
		edit(root, steps(path), func(v any) (any, bool) { return policy(v), true })
	}
	for _, path := range k.volatile {
		edit(root, steps(path), func(any) (any, bool) { return nil, false })
	}
	// Inner lists first: a list is sorted by what its elements look like at last.
	sets := slices.Clone(k.sets)
	slices.SortStableFunc(sets, func(a, b string) int { return len(steps(b)) - len(steps(a)) })
	for _, path := range sets {
		edit(root, steps(path), func(v any) (any, bool) { return sorted(v), true })
	}
	return attributes
}

// steps splits "InlinePolicies[].PolicyDocument" into member names and "[]".
func steps(path string) []string {
	return strings.Split(strings.ReplaceAll(path, "[]", ".[]"), ".")
}

// edit replaces every value that the path leads to by what change makes of it,
// or removes it. Where the path does not lead, nothing happens.
func edit(v any, path []string, change func(any) (any, bool)) (any, bool) {
	if len(path) == 0 {
		return change(v)
	}
	switch x := v.(type) {
	case map[string]any:
		if inner, ok := x[path[0]]; ok {
			if inner, ok = edit(inner, path[1:], change); ok {
				x[path[0]] = inner
			} else {
				delete(x, path[0])
			}
		}
	case []any:
		if path[0] != "[]" {
			return v, true
		}
		kept := x[:0]
		for _, element := range x {
			if element, ok := edit(element, path[1:], change); ok {
				kept = append(kept, element)
			}
		}
		return kept, true
	}
	return v, true
}

// sorted orders a list by the JSON of its elements, whose members are in
// alphabetical order; anything else stays as it is.
func sorted(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	type keyed struct {
		key   string
		value any
	}
	elements := make([]keyed, len(list))
	for i, e := range list {
		key, _ := json.Marshal(e) // JSON values always can be
		elements[i] = keyed{string(key), e}
	}
	slices.SortStableFunc(elements, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	out := make([]any, len(list))
	for i, e := range elements {
		out[i] = e.value
	}
	return out
}
