package pattern

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// affixKind is how texts are compared: from their end, or without regard to the
// case of ASCII letters.
type affixKind struct{ back, fold bool }

// at returns byte i of s, counted and folded as the kind has it.
func (k affixKind) at(s string, i int) byte {
	if k.back {
		i = len(s) - 1 - i
	}
	if k.fold {
		return lowerASCII(s[i])
	}
	return s[i]
}

func (k affixKind) compare(a, b string) int {
	for i := range min(len(a), len(b)) {
		if x, y := k.at(a, i), k.at(b, i); x != y {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(a), len(b))
}

// begins tells whether s begins with affix.
func (k affixKind) begins(s, affix string) bool {
	if len(affix) > len(s) {
		return false
	}
	if k.fold {
		return k.compare(k.cut(s, len(affix)), affix) == 0
	}
	return k.cut(s, len(affix)) == affix
}

func (k affixKind) cut(s string, n int) string {
	if k.back {
		return s[len(s)-n:]
	}
	return s[:n]
}

// affixIndex finds all affixes that a text begins with by one binary search:
// they are the last affix that does not come after the text in order, or
// affixes of that one.
type affixIndex struct {
	kind    affixKind
	keys    []string
	entries [][]entry
	// shorter is the longest other affix that the affix itself begins with,
	// -1 when there is none.
	shorter []int32
}

func newAffixIndex(kind affixKind, m map[string][]entry) *affixIndex {
	x := &affixIndex{kind: kind, keys: slices.SortedFunc(maps.Keys(m), kind.compare)}
	for i, key := range x.keys {
		x.entries = append(x.entries, m[key])
		k := int32(i) - 1
		for k >= 0 && !kind.begins(key, x.keys[k]) {
			k = x.shorter[k]
		}
		x.shorter = append(x.shorter, k)
	}
	return x
}

func (x *affixIndex) find(s scalar, to []*node) []*node {
	for i := x.last(s.text); i >= 0; i = x.shorter[i] {
		if x.kind.begins(s.text, x.keys[i]) {
			to = collect(x.entries[i], s, to)
		}
	}
	return to
}

// last returns the last key that does not come after s, -1 when there is none.
func (x *affixIndex) last(s string) int32 {
	low, high := 0, len(x.keys)
	for low < high {
		mid := int(uint(low+high) >> 1)
		after := false
		if x.kind == (affixKind{}) {
			after = strings.Compare(x.keys[mid], s) > 0
		} else {
			after = x.kind.compare(x.keys[mid], s) > 0
		}
		if after {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return int32(low) - 1
}
