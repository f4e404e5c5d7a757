package rule

import (
	"encoding/binary"
	"slices"
)

// Match tells whether the event satisfies the pattern. It fails when the event
// is no JSON object.
func (p *Pattern) Match(event []byte) (bool, error) {
	n, err := parseEvent(event)
	if err != nil {
		return false, located("", event, err)
	}
	return p.MatchEvent(newEvent(n, p)), nil
}

// MatchEvent tells whether the event satisfies the pattern.
func (p *Pattern) MatchEvent(e *Event) bool {
	return slices.ContainsFunc(p.alternatives, func(c conjunction) bool { return c.holds(e) })
}

// choice is what can satisfy one field: leaves, or its absence.
type choice struct {
	path   string
	leaves [][]place
	absent bool
	free   bool // a leaf outside all arrays satisfies it
}

func (c conjunction) holds(e *Event) bool {
	choices := make([]choice, 0, len(c))
	absence := false
	for _, f := range c {
		if f.absent && len(e.fields[f.path]) == 0 {
			continue
		}
		ch := f.choices(e)
		if len(ch.leaves) == 0 && !ch.absent {
			return false
		}
		absence = absence || ch.absent
		choices = append(choices, ch)
	}
	// Binding a field to an array element can only hinder the others, unless
	// it is what makes something absent.
	if !absence {
		choices = slices.DeleteFunc(choices, func(ch choice) bool { return ch.free })
	}
	return consistent(e, choices)
}

// choices lists what satisfies the field.
func (f field) choices(e *Event) choice {
	c := choice{path: f.path, absent: f.absent}
	for _, l := range e.fields[f.path] {
		outside := len(l.in) == 0
		if slices.ContainsFunc(f.values, func(t test) bool { return t.holds(l.value) }) {
			c.leaves = append(c.leaves, l.in)
			c.free = c.free || outside
		}
		if outside {
			c.absent = false
		}
	}
	return c
}

// state is a partial choice: the array elements it is bound to, and the paths
// that must turn out to be absent there.
type state struct {
	in     []place
	absent []string
}

// consistent looks for one choice per field such that no two come from
// different elements of the same array. Absence is judged last, in the
// elements that the other fields have chosen. Arrays that no later field
// touches are forgotten and equal states merged, so independent arrays do not
// multiply.
func consistent(e *Event, choices []choice) bool {
	states := []state{{}}
	for i, c := range choices {
		needed := arraysOf(e, choices, i+1)
		seen := map[string]bool{}
		var next []state
		keep := func(s state) {
			if key := s.key(); !seen[key] {
				seen[key] = true
				next = append(next, s)
			}
		}
		for _, s := range states {
			for _, in := range c.leaves {
				if merged, ok := merge(s.in, in, needed); ok {
					keep(state{merged, s.absent})
				}
			}
			if c.absent {
				keep(state{s.in, append(slices.Clip(s.absent), c.path)})
			}
		}
		states = next
	}
	return slices.ContainsFunc(states, func(s state) bool { return s.lacks(e) })
}

// arraysOf returns the arrays that the choices from i on, or any absence,
// depend on.
func arraysOf(e *Event, choices []choice, from int) map[int]bool {
	needed := map[int]bool{}
	for i, c := range choices {
		if i >= from {
			for _, in := range c.leaves {
				note(needed, in)
			}
		}
		if c.absent {
			for _, l := range e.fields[c.path] {
				note(needed, l.in)
			}
		}
	}
	return needed
}

func note(needed map[int]bool, in []place) {
	for _, p := range in {
		needed[p.array] = true
	}
}

// merge joins two lists of elements, sorted by array, and keeps the needed
// ones; ok is false when they disagree on an array.
func merge(a, b []place, needed map[int]bool) (out []place, ok bool) {
	for len(a) > 0 || len(b) > 0 {
		var p place
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].array < b[0].array:
			p, a = a[0], a[1:]
		case len(a) == 0 || b[0].array < a[0].array:
			p, b = b[0], b[1:]
		case a[0].index != b[0].index:
			return nil, false
		default:
			p, a, b = a[0], a[1:], b[1:]
		}
		if needed[p.array] {
			out = append(out, p)
		}
	}
	return out, true
}

func (s state) key() string {
	b := binary.AppendUvarint(nil, uint64(len(s.in)))
	for _, p := range s.in {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(p.array)), uint64(p.index))
	}
	for _, path := range s.absent {
		b = append(append(b, 0xff), path...)
	}
	return string(b)
}

// lacks tells whether the absent paths have no leaf in the chosen elements.
func (s state) lacks(e *Event) bool {
	for _, path := range s.absent {
		for _, l := range e.fields[path] {
			if _, ok := merge(s.in, l.in, nil); ok {
				return false
			}
		}
	}
	return true
}
