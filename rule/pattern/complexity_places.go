package pattern

import (
	"slices"
	"strings"
)

// The end of a text, and an asterisk, as bytes that no text in UTF-8 has.
const (
	textEnd  = 0xff
	asterisk = 0xfe
)

// complexity is the most places at which a reader of one text can be at once.
// The text begins with the first piece of some wildcard: places are many either
// within it, or when all asterisks behind it were reached.
func complexity(families []family) (worst int) {
	done := map[string]bool{}
	var trees []*tree
	for _, f := range families {
		trees = append(trees, f.tree())
	}
	for _, f := range families {
		for _, g := range f {
			if start := g[0]; !done[start] {
				done[start] = true
				worst = max(worst, within(trees, start), behind(families, start))
			}
		}
	}
	return worst
}

// tree holds the beginnings of the family's wildcards.
func (f family) tree() *tree {
	t := newTree()
	for _, g := range f {
		t.add(0, strings.Join(g, string([]byte{asterisk}))+string([]byte{textEnd}))
	}
	return t
}

// within is the most places while start is read.
func within(trees []*tree, start string) int {
	places := make([]int, len(start)+1)
	for _, t := range trees {
		t.read(start, places)
	}
	return slices.Max(places)
}

// behind is the most places once every asterisk of the wildcards that start
// leads into was reached: these, and the beginnings of pieces that the text ends
// with.
func behind(families []family, start string) int {
	asterisks := 0
	pieces := newTree()
	for _, f := range families {
		own := newTree()
		for _, g := range f {
			if len(g) == 1 || !strings.HasPrefix(start, g[0]) {
				continue
			}
			at := own.add(0, g[0])
			for i, piece := range g[1:] {
				if i == len(g)-2 {
					piece += string([]byte{textEnd})
				}
				size := own.size()
				if at = own.add(at, string([]byte{asterisk})); own.size() > size {
					asterisks++
				}
				for n, node := 0, 0; n < len(piece); n++ {
					size = own.size()
					at, node = own.add(at, piece[n:n+1]), pieces.add(node, piece[n:n+1])
					pieces.weight[node] += own.size() - size // 0 where another wildcard of the family begins alike
				}
			}
		}
	}
	return asterisks + pieces.heaviest()
}

// tree holds texts by their common beginnings; node 0 is the empty one.
type tree struct {
	next   []map[byte]int
	weight []int
}

func newTree() *tree { return &tree{make([]map[byte]int, 1), make([]int, 1)} }

func (t *tree) size() int { return len(t.next) }

// add goes from a node along text, and makes the nodes that are not there.
func (t *tree) add(at int, text string) int {
	for i := range len(text) {
		if t.next[at] == nil {
			t.next[at] = map[byte]int{}
		}
		to, ok := t.next[at][text[i]]
		if !ok {
			to = t.size()
			t.next[at][text[i]] = to
			t.next, t.weight = append(t.next, nil), append(t.weight, 0)
		}
		at = to
	}
	return at
}

// read adds to places how many nodes text[:i] leads to.
func (t *tree) read(text string, places []int) {
	reached, stays := []int{0}, map[int]bool{}
	for i := 0; ; i++ {
		for _, at := range reached {
			if to, ok := t.next[at][asterisk]; ok {
				stays[to] = true
			}
		}
		for at := range stays { // "**" is refused, so none leads to another
			reached = append(reached, at)
		}
		if places[i] += len(reached); i == len(text) || len(reached) == 0 {
			return
		}
		var next []int
		for _, at := range reached {
			if to, ok := t.next[at][text[i]]; ok {
				next = append(next, to)
			}
		}
		reached = next
	}
}

// heaviest is the greatest weight of a text in the tree together with all texts
// of the tree that it ends with (Aho and Corasick, "Efficient string matching").
func (t *tree) heaviest() (most int) {
	tail := make([]int, t.size()) // the longest other text that a text ends with
	sum := make([]int, t.size())
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for c, to := range t.next[at] {
			if at != 0 {
				tail[to] = t.next[t.tail(tail, tail[at], c)][c]
			}
			sum[to] = t.weight[to] + sum[tail[to]]
			most = max(most, sum[to])
			queue = append(queue, to)
		}
	}
	return most
}

// tail is the longest ending of a text, from the given one on, that c can follow.
func (t *tree) tail(tails []int, at int, c byte) int {
	for at != 0 {
		if _, ok := t.next[at][c]; ok {
			return at
		}
		at = tails[at]
	}
	return 0
}
