package pattern

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Array consistency: two fields are never taken from different elements of the
// same array. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html

// choice is what can satisfy one field: the elements (see capture) in which
// leaves satisfy it, x.bound[from:to] in order of appearance, or its absence.
type choice struct {
	path     int32
	from, to int
	absent   bool
	free     bool // a leaf outside all arrays satisfies it
}

// consistent tells whether the conditions of a rule, each of which holds alone,
// hold together.
func (x *match) consistent(r *rule) bool {
	x.choices, x.bound = x.choices[:0], x.bound[:0]
	absence := false
	for _, c := range r.conditions {
		first := x.first(c.path)
		if c.field.absent && first < 0 {
			continue
		}
		ch := x.choice(c, first)
		absence = absence || ch.absent
		x.choices = append(x.choices, ch)
	}
	if absence {
		return x.search(x.choices)
	}
	// Binding a field to an array element can only hinder the others.
	x.choices = slices.DeleteFunc(x.choices, func(ch choice) bool { return ch.free })
	return x.fit(0, len(x.choices), 0)
}

func (x *match) choice(c *condition, l int32) choice {
	ch := choice{path: c.path, from: len(x.bound), absent: c.field.absent && x.canLack(l)}
	for ; l >= 0; l = x.leaves[l].next {
		if c.field.accepts(x.leaves[l].scalar) {
			x.bound = append(x.bound, x.leaves[l].in)
			ch.free = ch.free || x.leaves[l].in < 0
		}
	}
	ch.to = len(x.bound)
	return ch
}

// at returns the element of depth d in which element e lies, -1 when e is
// further out.
func (x *match) at(e, d int32) int32 {
	if e < 0 || x.elements[e].depth < d {
		return -1
	}
	for x.elements[e].depth > d {
		e = x.elements[e].parent
	}
	return e
}

// fit tells whether choices[from:to], whose elements share all that is above
// depth d, can be satisfied together. Array by array it looks for one element
// that satisfies all fields which need that array; elements come in order, so
// each field's are passed once.
func (x *match) fit(from, to int, d int32) bool {
	for from < to {
		lead := x.choices[from]
		array := x.arrayOf(lead, d)
		if array == notBound {
			from++ // it lies outside the arrays of this depth
			continue
		}
		end := from + 1
		for i := end; i < to; i++ {
			switch x.arrayOf(x.choices[i], d) {
			case array:
				x.choices[i], x.choices[end] = x.choices[end], x.choices[i]
				end++
			case severalArrays:
				return x.search(x.choices[from:to])
			}
		}
		if array == severalArrays {
			return x.search(x.choices[from:to])
		}
		if end-from > 1 && !x.oneElement(from, end, d) {
			return false
		}
		from = end
	}
	return true
}

const (
	notBound      = -1
	severalArrays = -2
)

// arrayOf returns the array of depth d that all elements of the choice lie in.
func (x *match) arrayOf(ch choice, d int32) int32 {
	array := int32(notBound)
	for _, e := range x.bound[ch.from:ch.to] {
		e = x.at(e, d)
		if e < 0 {
			return notBound
		}
		switch a := x.elements[e].array; {
		case array == notBound:
			array = a
		case a != array:
			return severalArrays
		}
	}
	return array
}

// oneElement looks for an element of the array of depth d that satisfies
// choices[from:to].
func (x *match) oneElement(from, to int, d int32) bool {
	base := len(x.choices)
	defer func() { x.choices = x.choices[:base] }()
	lead := x.choices[from]
	for lead.from < lead.to {
		e := x.at(x.bound[lead.from], d)
		x.choices = x.choices[:base]
		for i := from; i < to; i++ {
			part := x.within(x.choices[i], e, d)
			if part.from == part.to {
				break
			}
			x.choices = append(x.choices, part)
		}
		if len(x.choices) == base+to-from && x.fit(base, len(x.choices), d+1) {
			return true
		}
		lead.from = x.within(lead, e, d).to
	}
	return false
}

// within narrows a choice to the elements in e. They follow each other.
func (x *match) within(ch choice, e, d int32) choice {
	bound := x.bound[ch.from:ch.to]
	order := func(b, want int32) int { return int(x.elements[x.at(b, d)].index - x.elements[want].index) }
	i, _ := slices.BinarySearchFunc(bound, e, order)
	k := i
	for k < len(bound) && order(bound[k], e) == 0 {
		k++
	}
	ch.from, ch.to = ch.from+i, ch.from+k
	return ch
}

// place is one element of one array.
type place struct{ array, index int32 }

// search is the whole truth, for the events in which absence depends on the
// elements chosen, or in which one path leads into several arrays. It holds all
// partial choices at once, each the array elements that it is bound to. As in
// EventBridge the fields are taken in the order of their paths, and absence is
// judged in the elements that the fields before have chosen. Arrays that no
// later field touches are forgotten and equal choices merged, so independent
// arrays do not multiply.
func (x *match) search(choices []choice) bool {
	states := [][]place{nil}
	for i, c := range choices {
		needed := x.arraysOf(choices, i+1)
		seen := map[string]bool{}
		var next [][]place
		keep := func(in []place) {
			if key := keyOf(in); !seen[key] {
				seen[key] = true
				next = append(next, in)
			}
		}
		for _, in := range states {
			for _, e := range x.bound[c.from:c.to] {
				if x.step() {
					return false
				}
				if merged, ok := merge(in, x.places(e), needed); ok {
					keep(merged)
				}
			}
			if c.absent && x.lacks(in, c.path) {
				merged, _ := merge(in, nil, needed)
				keep(merged)
			}
		}
		states = next
	}
	return len(states) > 0
}

// places are the elements that e lies in, outermost first, sorted by array.
func (x *match) places(e int32) (in []place) {
	for ; e >= 0; e = x.elements[e].parent {
		in = append(in, place{x.elements[e].array, x.elements[e].index})
	}
	slices.Reverse(in)
	return in
}

// arraysOf returns the arrays that the choices from i on depend on.
func (x *match) arraysOf(choices []choice, from int) map[int32]bool {
	needed := map[int32]bool{}
	note := func(e int32) {
		for ; e >= 0; e = x.elements[e].parent {
			needed[x.elements[e].array] = true
		}
	}
	for _, c := range choices[from:] {
		for _, e := range x.bound[c.from:c.to] {
			note(e)
		}
		if c.absent {
			for l := x.first(c.path); l >= 0; l = x.leaves[l].next {
				note(x.leaves[l].in)
			}
		}
	}
	return needed
}

// merge joins two lists of elements, sorted by array, and keeps the needed
// ones; ok is false when they disagree on an array.
func merge(a, b []place, needed map[int32]bool) (out []place, ok bool) {
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

func keyOf(in []place) string {
	b := make([]byte, 0, 16)
	for _, p := range in {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(p.array)), uint64(p.index))
	}
	return string(b)
}

// lacks tells whether a path has no leaf in the chosen elements.
func (x *match) lacks(in []place, path int32) bool {
	for l := x.first(path); l >= 0; l = x.leaves[l].next {
		if x.step() || x.agrees(in, x.leaves[l].in) {
			return false
		}
	}
	return true
}

// agrees tells whether element e lies in no other element of an array of in,
// which is sorted by array.
func (x *match) agrees(in []place, e int32) bool {
	for ; e >= 0; e = x.elements[e].parent {
		i, found := slices.BinarySearchFunc(in, x.elements[e].array, func(p place, array int32) int { return cmp.Compare(p.array, array) })
		if found && in[i].index != x.elements[e].index {
			return false
		}
	}
	return true
}

// maxSteps bounds the search on one event: some seconds of work, far beyond what
// events of AWS ask for.
const maxSteps = 20_000_000

// step counts a step and tells whether there were too many.
func (x *match) step() bool {
	x.steps++
	return x.steps > maxSteps
}
