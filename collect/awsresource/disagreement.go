package awsresource

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// disagreement is an attribute that two sources give with different values.
type disagreement struct {
	Path      string
	Described any // as the service itself says
	Config    any // as AWS Config recorded it
}

// disagreements compares what two sources say of the same members. AWS Config
// writes names as the service's API does, but with other capitals, and leaves
// members out and adds others: only what both have is compared. Lists are
// compared without their order, nothing is the same as an empty list or text.
func disagreements(described, config map[string]any) []disagreement {
	found := []disagreement{}
	for name, theirs := range config {
		ours, key, ok := member(described, name)
		if ok {
			compare(key, ours, theirs, &found)
		}
	}
	slices.SortFunc(found, func(a, b disagreement) int { return strings.Compare(a.Path, b.Path) })
	return found
}

// member finds a member whatever its capitals.
func member(object map[string]any, name string) (v any, key string, ok bool) {
	if v, ok = object[name]; ok {
		return v, name, true
	}
	for key, v := range object {
		if strings.EqualFold(key, name) {
			return v, key, true
		}
	}
	return nil, "", false
}

func compare(path string, ours, theirs any, found *[]disagreement) {
	if text, ok := theirs.(string); ok && ours != nil {
		if _, same := ours.(string); !same {
			theirs = policy(text) // Config keeps policies as text
		}
	}
	a, isObject := ours.(map[string]any)
	b, both := theirs.(map[string]any)
	if isObject && both {
		for name, v := range b {
			if inner, key, ok := member(a, name); ok {
				compare(path+"."+key, inner, v, found)
			}
		}
		return
	}
	common := shared(ours, theirs)
	x, y := canonical(restrict(ours, common)), canonical(restrict(theirs, common))
	if x != y {
		*found = append(*found, disagreement{path, ours, theirs})
	}
}

// shape is the names that a value has at each depth, in lower case; nil for a
// value without members.
type shape map[string]shape

// shared is the shape that two values have in common.
func shared(a, b any) shape { return common(shapeOf(a), shapeOf(b)) }

func shapeOf(v any) shape {
	s := shape{}
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			s[strings.ToLower(name)] = shapeOf(inner)
		}
	case []any:
		for _, element := range v {
			s.add(shapeOf(element))
		}
	}
	return s
}

func (s shape) add(other shape) {
	for name, inner := range other {
		if s[name] == nil {
			s[name] = shape{}
		}
		s[name].add(inner)
	}
}

func common(a, b shape) shape {
	s := shape{}
	for name, inner := range a {
		if other, ok := b[name]; ok {
			s[name] = common(inner, other)
		}
	}
	return s
}

// restrict leaves of a value what is in the shape, its lists in one order.
func restrict(v any, to shape) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, inner := range v {
			key := strings.ToLower(name)
			if within, ok := to[key]; ok {
				if kept := restrict(inner, within); kept != nil {
					out[key] = kept
				}
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, element := range v {
			out = append(out, restrict(element, to))
		}
		slices.SortFunc(out, func(a, b any) int { return strings.Compare(canonical(a), canonical(b)) })
		if len(out) == 0 {
			return nil
		}
		return out
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return t.UTC().Format(time.RFC3339Nano)
		}
		if v == "" {
			return nil
		}
	}
	return v
}

func canonical(v any) string {
	b, _ := json.Marshal(v) // of decoded JSON: cannot fail
	return string(b)
}
