package pattern_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/everqual/everqual/rule/pattern"
)

// The oracle tries every combination of values, the obvious and slow way.

type oracleLeaf struct {
	value string
	in    map[*any]int // element index by array
}

// leavesOf lists the strings of v by dotted path.
func leavesOf(v any, path string, in map[*any]int, out map[string][]oracleLeaf) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			child := k
			if path != "" {
				child = path + "." + k
			}
			leavesOf(x, child, in, out)
		}
	case []any:
		id := new(any)
		for i, x := range v {
			if s, ok := x.(string); ok {
				out[path] = append(out[path], oracleLeaf{s, in})
				continue
			}
			inner := map[*any]int{id: i}
			for k, n := range in {
				inner[k] = n
			}
			leavesOf(x, path, inner, out)
		}
	case string:
		out[path] = append(out[path], oracleLeaf{v, in})
	}
}

func agree(a, b map[*any]int) bool {
	for k, i := range a {
		if j, ok := b[k]; ok && i != j {
			return false
		}
	}
	return true
}

// oracle matches fields, each a list of exact strings and perhaps nil, which
// stands for absence.
func oracle(fields map[string][]*string, leaves map[string][]oracleLeaf) bool {
	var paths []string
	for p := range fields {
		paths = append(paths, p)
	}
	slices.Sort(paths) // absence is judged among the fields before
	var try func(i int, chosen []oracleLeaf) bool
	try = func(i int, chosen []oracleLeaf) bool {
		if i == len(paths) {
			return true
		}
		for _, want := range fields[paths[i]] {
			lacks := !slices.ContainsFunc(leaves[paths[i]], func(l oracleLeaf) bool {
				return !slices.ContainsFunc(chosen, func(c oracleLeaf) bool { return !agree(c.in, l.in) })
			})
			if want == nil && lacks && try(i+1, chosen) {
				return true
			}
			for _, l := range leaves[paths[i]] {
				fits := want != nil && l.value == *want &&
					!slices.ContainsFunc(chosen, func(c oracleLeaf) bool { return !agree(c.in, l.in) })
				if fits && try(i+1, append(slices.Clip(chosen), l)) {
					return true
				}
			}
		}
		return false
	}
	return try(0, nil)
}

func anyValue(depth int) *rapid.Generator[any] {
	leaf := rapid.Map(rapid.SampledFrom([]string{"x", "y"}), func(s string) any { return s })
	if depth == 0 {
		return leaf
	}
	inner := anyValue(depth - 1)
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(inner, 0, 3), func(v []any) any { return v }),
		rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b"}), inner, 0, 2), func(v map[string]any) any { return v }))
}

func TestArrayConsistencyAgainstOracle(t *testing.T) {
	x, y := "x", "y"
	lists := [][]*string{{&x}, {&y}, {&x, &y}, {nil}, {nil, &x}}
	rapid.Check(t, func(t *rapid.T) {
		event := map[string]any{"a": anyValue(4).Draw(t, "a"), "b": anyValue(3).Draw(t, "b")}
		paths := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "a.a", "a.b", "b.a", "a.a.a", "a.a.b", "a.b.a", "a.b.b"}), 1, 4, rapid.ID).Draw(t, "paths")
		fields, text := map[string][]*string{}, map[string]any{}
		for _, p := range paths {
			fields[p] = rapid.SampledFrom(lists).Draw(t, p)
			var values []any
			for _, v := range fields[p] {
				if v == nil {
					values = append(values, map[string]any{"exists": false})
				} else {
					values = append(values, *v)
				}
			}
			text[p] = values
		}
		leaves := map[string][]oracleLeaf{}
		leavesOf(event, "", nil, leaves)
		patternText, _ := json.Marshal(text)
		eventText, _ := json.Marshal(event)
		p, err := pattern.Parse(patternText)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Match(eventText)
		if err != nil {
			t.Fatal(err)
		}
		if want := oracle(fields, leaves); got != want {
			t.Errorf("pattern %s\nevent %s\ngot %v, want %v", patternText, eventText, got, want)
		}
	})
}
