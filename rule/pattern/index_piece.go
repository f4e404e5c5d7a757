package pattern

import (
	"maps"
	"slices"
)

// pieceIndex finds all pieces that occur anywhere in a text in one pass over it
// (Aho and Corasick, "Efficient string matching", CACM 18, 1975).
type pieceIndex struct {
	first  [256]int32 // from the start; 0 is the start itself
	states []pieceState
}

type pieceState struct {
	edges   []pieceEdge
	fail    int32 // the longest other piece's beginning that this one ends with
	output  int32 // the next state along fail that has entries, 0 when none
	entries []entry
}

type pieceEdge struct {
	c  byte
	to int32
}

func newPieceIndex(pieces map[string][]entry) *pieceIndex {
	x := &pieceIndex{states: make([]pieceState, 1)}
	for _, piece := range slices.Sorted(maps.Keys(pieces)) {
		at := int32(0)
		for i := range len(piece) {
			at = x.grow(at, piece[i])
		}
		x.states[at].entries = pieces[piece]
	}
	x.link()
	return x
}

func (x *pieceIndex) grow(at int32, c byte) int32 {
	if to := x.step(at, c); to != 0 {
		return to
	}
	to := int32(len(x.states))
	x.states = append(x.states, pieceState{})
	if at == 0 {
		x.first[c] = to
	} else {
		x.states[at].edges = append(x.states[at].edges, pieceEdge{c, to})
	}
	return to
}

// step returns the state behind one edge, 0 when there is none.
func (x *pieceIndex) step(at int32, c byte) int32 {
	if at == 0 {
		return x.first[c]
	}
	for _, e := range x.states[at].edges {
		if e.c == c {
			return e.to
		}
	}
	return 0
}

func (x *pieceIndex) next(at int32, c byte) int32 {
	for {
		if to := x.step(at, c); to != 0 || at == 0 {
			return to
		}
		at = x.states[at].fail
	}
}

// link sets fail and output, nearest states first.
func (x *pieceIndex) link() {
	var queue []int32
	for _, to := range x.first {
		if to != 0 {
			queue = append(queue, to)
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, e := range x.states[at].edges {
			fail := x.next(x.states[at].fail, e.c)
			x.states[e.to].fail = fail
			x.states[e.to].output = fail
			if x.states[fail].entries == nil {
				x.states[e.to].output = x.states[fail].output
			}
			queue = append(queue, e.to)
		}
	}
}

func (x *pieceIndex) find(s scalar, to []*node) []*node {
	at := int32(0)
	for i := range len(s.text) {
		at = x.next(at, s.text[i])
		for k := at; k != 0; k = x.states[k].output {
			to = collect(x.states[k].entries, s, to)
		}
	}
	return to
}
