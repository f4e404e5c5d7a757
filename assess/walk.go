package assess

import (
	"fmt"
	"slices"
	"strings"
)

// walk gathers the changes between two JSON values.
type walk struct{ changes []Change }

func (w *walk) add(path string, kind ChangeKind, before, after any) {
	w.changes = append(w.changes, Change{Path: path, Kind: kind, Before: before, After: after})
}

func (w *walk) values(path string, before, after any) {
	if equal(before, after) {
		return
	}
	switch x := before.(type) {
	case map[string]any:
		if y, ok := after.(map[string]any); ok {
			w.objects(path, x, y)
			return
		}
	case []any:
		if y, ok := after.([]any); ok {
			w.lists(path, x, y)
			return
		}
	}
	w.add(path, Changed, before, after)
}

func (w *walk) objects(path string, before, after map[string]any) {
	for _, k := range sortedKeys(before) {
		y, ok := after[k]
		if !ok {
			w.add(dotted(path, k), Removed, before[k], nil)
			continue
		}
		w.values(dotted(path, k), before[k], y)
	}
	for _, k := range sortedKeys(after) {
		if _, ok := before[k]; !ok {
			w.add(dotted(path, k), Added, nil, after[k])
		}
	}
}

// dotted adds a name to a path; a name that would be misread is quoted.
func dotted(path, name string) string {
	if name == "" || strings.ContainsAny(name, ".[]\"' ") {
		return fmt.Sprintf("%s[%q]", path, name)
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

func (w *walk) lists(path string, before, after []any) {
	found := len(w.changes)
	if identify := identity(before, after); identify != nil {
		w.keyed(path, identify, before, after)
	} else {
		for _, x := range minus(before, after) {
			w.add(path+"["+label(x)+"]", Removed, x, nil)
		}
		for _, x := range minus(after, before) {
			w.add(path+"["+label(x)+"]", Added, nil, x)
		}
	}
	if len(w.changes) == found {
		w.add(path, Changed, before, after) // the order, or how often
	}
}

// keyed pairs elements by what identifies them.
func (w *walk) keyed(path string, identify identifier, before, after []any) {
	old, recent := byID(before, identify), byID(after, identify)
	for _, id := range sortedKeys(old) {
		x, place := old[id], path+"["+id+"]"
		y, there := recent[id]
		switch {
		case !there:
			w.add(place, Removed, essence(x), nil)
		case isTag(x) && isTag(y):
			w.values(place, essence(x), essence(y))
		default:
			w.values(place, x, y)
		}
	}
	for _, id := range sortedKeys(recent) {
		if _, there := old[id]; !there {
			w.add(path+"["+id+"]", Added, nil, essence(recent[id]))
		}
	}
}

func minus(a, b []any) []any {
	keys := keysOf(b)
	return slices.DeleteFunc(slices.Clone(a), func(x any) bool { return keys[compact(x)] })
}

// label shows an element that nothing identifies.
func label(x any) string {
	s := plainText(x)
	if r := []rune(s); len(r) > 80 {
		s = string(r[:77]) + "..."
	}
	return s
}
