package pattern

import (
	"net/netip"

	"github.com/everqual/everqual/rule/syntax"
)

// entry leads from a match value to a node. test is nil where the look-up
// itself is the proof.
type entry struct {
	test test
	node *node
}

// valueIndex finds the nodes that a value leads to, by look-up for every
// operator that can be looked up.
type valueIndex struct {
	texts     map[string][]entry
	words     map[string][]entry // null, true, false
	numbers   map[float64][]entry
	opaque    map[string][]entry // numbers that no float holds
	folded    map[string][]entry // equals-ignore-case, in lower case
	longest   int                // of folded
	addresses map[netip.Addr][]entry
	blocks    map[netip.Prefix][]entry
	masks     []mask // of the blocks
	affixes   []*affixIndex
	pieces    *pieceIndex
	ranges    *rangeIndex
	others    []entry // tested one by one
}

type mask struct{ family, bits int }

// find appends the nodes that s leads to.
func (x *valueIndex) find(s scalar, to []*node) []*node {
	switch s.kind {
	case syntax.Text:
		to = x.findText(s, to)
	case syntax.Number:
		to = x.findNumber(s, to)
	default:
		to = collect(x.words[s.text], s, to)
	}
	return collect(x.others, s, to)
}

func collect(entries []entry, s scalar, to []*node) []*node {
	for i := range entries {
		if e := &entries[i]; e.test == nil || e.test.holds(s) {
			to = append(to, e.node)
		}
	}
	return to
}

func (x *valueIndex) findText(s scalar, to []*node) []*node {
	if x.texts != nil {
		to = collect(x.texts[s.text], s, to)
	}
	if x.folded != nil {
		to = x.findFolded(s, to)
	}
	if x.addresses != nil || x.blocks != nil {
		to = x.findAddress(s, to)
	}
	for _, a := range x.affixes {
		to = a.find(s, to)
	}
	if x.pieces != nil {
		to = x.pieces.find(s, to)
	}
	return to
}

func (x *valueIndex) findFolded(s scalar, to []*node) []*node {
	if len(s.text) > x.longest {
		return to
	}
	var buffer [256]byte
	lower := buffer[:0]
	for i := range len(s.text) { // longer ones grow the buffer
		lower = append(lower, lowerASCII(s.text[i]))
	}
	return collect(x.folded[string(lower)], s, to)
}

func (x *valueIndex) findAddress(s scalar, to []*node) []*node {
	ip, ok := address(s.text)
	if !ok {
		return to
	}
	to = collect(x.addresses[ip], s, to)
	for _, m := range x.masks {
		if m.family == ip.BitLen() {
			block, _ := ip.Prefix(m.bits)
			to = collect(x.blocks[block], s, to)
		}
	}
	return to
}

func (x *valueIndex) findNumber(s scalar, to []*node) []*node {
	if x.numbers == nil && x.opaque == nil && x.ranges == nil {
		return to
	}
	v, ok := float(s.text)
	if !ok {
		return collect(x.opaque[s.text], s, to)
	}
	to = collect(x.numbers[v], s, to)
	if x.ranges != nil {
		to = x.ranges.find(v, to)
	}
	return to
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// indexBuilder gathers the entries of one value index.
type indexBuilder struct {
	*valueIndex
	affix  map[affixKind]map[string][]entry
	piece  map[string][]entry
	bounds []boundEntry
}

func newIndexBuilder() *indexBuilder {
	return &indexBuilder{valueIndex: &valueIndex{}, affix: map[affixKind]map[string][]entry{}, piece: map[string][]entry{}}
}

func put[K comparable](m *map[K][]entry, key K, e entry) {
	if *m == nil {
		*m = map[K][]entry{}
	}
	(*m)[key] = append((*m)[key], e)
}

// add enters a test. What cannot be looked up is tested one by one.
func (x *indexBuilder) add(t test, n *node) {
	sure := entry{nil, n}
	switch t := t.(type) {
	case equal:
		put(&x.texts, t.text, sure)
	case word:
		put(&x.words, t.literal, sure)
	case same:
		if t.exact {
			put(&x.numbers, t.value, sure)
		} else {
			put(&x.opaque, t.text, sure)
		}
	case sameAddress:
		put(&x.addresses, t.ip, sure)
	case block:
		x.addBlock(t, sure)
	case span:
		x.bounds = append(x.bounds, boundEntry{t, n})
	case prefix:
		x.addAffix(affixKind{}, t.text, sure)
	case suffix:
		x.addAffix(affixKind{back: true}, t.text, sure)
	case glob:
		x.addGlob(t, n)
	case foldEqual, foldPrefix, foldSuffix:
		x.addFold(t, entry{t, n})
	default:
		x.others = append(x.others, entry{t, n})
	}
}

func (x *indexBuilder) addBlock(t block, e entry) {
	m := mask{t.prefix.Addr().BitLen(), t.prefix.Bits()}
	known := false
	for _, other := range x.masks {
		known = known || other == m
	}
	if !known {
		x.masks = append(x.masks, m)
	}
	put(&x.blocks, t.prefix, e)
}

func (x *indexBuilder) addAffix(kind affixKind, key string, e entry) {
	m := x.affix[kind]
	put(&m, key, e)
	x.affix[kind] = m
}

// addGlob enters a wildcard by its longest piece.
func (x *indexBuilder) addGlob(g glob, n *node) {
	last, longest := len(g)-1, 0
	for i, piece := range g {
		if len(piece) > len(g[longest]) {
			longest = i
		}
	}
	switch e := (entry{g, n}); {
	case last == 0:
		put(&x.texts, g[0], entry{nil, n})
	case g[longest] == "":
		x.others = append(x.others, e)
	case longest == 0:
		x.addAffix(affixKind{}, g[0], e)
	case longest == last:
		x.addAffix(affixKind{back: true}, g[last], e)
	default:
		x.piece[g[longest]] = append(x.piece[g[longest]], e)
	}
}

// addFold enters an operator that ignores case. For ASCII, ignoring the case of
// the value's ASCII letters is all there is to it; any other text can have forms
// of other lengths.
func (x *indexBuilder) addFold(t test, e entry) {
	var f fold
	switch t := t.(type) {
	case foldEqual:
		f = t.fold
	case foldPrefix:
		f = t.fold
	case foldSuffix:
		f = t.fold
	}
	key, ok := f.ascii()
	if !ok {
		x.others = append(x.others, e)
		return
	}
	switch e.test = nil; t.(type) {
	case foldEqual:
		put(&x.folded, key, e)
		x.longest = max(x.longest, len(key))
	case foldPrefix:
		x.addAffix(affixKind{fold: true}, key, e)
	case foldSuffix:
		x.addAffix(affixKind{back: true, fold: true}, key, e)
	}
}

func (x *indexBuilder) build() *valueIndex {
	for _, kind := range []affixKind{{}, {back: true}, {fold: true}, {back: true, fold: true}} {
		if m := x.affix[kind]; m != nil {
			x.affixes = append(x.affixes, newAffixIndex(kind, m))
		}
	}
	if len(x.piece) > 0 {
		x.pieces = newPieceIndex(x.piece)
	}
	if len(x.bounds) > 0 {
		x.ranges = newRangeIndex(x.bounds)
	}
	return x.valueIndex
}
