package pattern

import (
	"math"
	"slices"
)

// rangeIndex finds the ranges that hold a number. The bounds cut the numbers
// into points and the gaps between them; a segment tree over these keeps each
// range in few of its nodes, and a number finds its ranges on the way from its
// place to the root.
type rangeIndex struct {
	bounds []float64
	tree   [][]entry
	size   int
}

type boundEntry struct {
	span
	node *node
}

func newRangeIndex(ranges []boundEntry) *rangeIndex {
	x := &rangeIndex{}
	for _, r := range ranges {
		for _, b := range []float64{r.low, r.high} {
			if !math.IsInf(b, 0) {
				x.bounds = append(x.bounds, b)
			}
		}
	}
	slices.Sort(x.bounds)
	x.bounds = slices.Compact(x.bounds)
	x.size = 2*len(x.bounds) + 1
	x.tree = make([][]entry, 2*x.size)
	for _, r := range ranges {
		low, high := 0, x.size-1
		if !math.IsInf(r.low, 0) {
			if low = x.place(r.low); !r.lowIn {
				low++
			}
		}
		if !math.IsInf(r.high, 0) {
			if high = x.place(r.high); !r.highIn {
				high--
			}
		}
		x.insert(low, high+1, entry{nil, r.node})
	}
	return x
}

// place returns 2i+1 for bound i, and the even numbers for the gaps around.
func (x *rangeIndex) place(v float64) int {
	i, exact := slices.BinarySearch(x.bounds, v)
	if exact {
		return 2*i + 1
	}
	return 2 * i
}

func (x *rangeIndex) insert(low, high int, e entry) {
	for low, high = low+x.size, high+x.size; low < high; low, high = low/2, high/2 {
		if low&1 == 1 {
			x.tree[low] = append(x.tree[low], e)
			low++
		}
		if high&1 == 1 {
			high--
			x.tree[high] = append(x.tree[high], e)
		}
	}
}

func (x *rangeIndex) find(v float64, to []*node) []*node {
	for i := x.place(v) + x.size; i > 0; i /= 2 {
		for _, e := range x.tree[i] {
			to = append(to, e.node)
		}
	}
	return to
}
