package pattern

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// Matcher tests many patterns on an event in one reading. It is safe for
// concurrent use, also while Replace is called.
type Matcher struct {
	bank atomic.Pointer[bank]
	pool sync.Pool // of *match
}

// NewMatcher compiles patterns; Match names them by their index.
func NewMatcher(patterns ...*Pattern) *Matcher {
	m := &Matcher{pool: sync.Pool{New: func() any { return new(match) }}}
	m.Replace(patterns...)
	return m
}

// Replace takes other patterns instead. An event that is being matched meets
// either the old or the new ones, never some of both.
func (m *Matcher) Replace(patterns ...*Pattern) { m.bank.Store(newBank(patterns)) }

// Match appends the indexes of the patterns that the event satisfies to to, in
// ascending order. The event is one JSON object and must not be changed
// meanwhile; what no pattern asks for is passed over without a check. It does
// not allocate, except where fields compete for the elements of several arrays.
func (m *Matcher) Match(event []byte, to []int) ([]int, error) {
	x := m.pool.Get().(*match)
	defer m.pool.Put(x)
	x.bank = m.bank.Load()
	x.found = to
	err := x.run(event)
	out := x.found
	x.found, x.b = nil, nil
	if err != nil {
		return to, located(event, err)
	}
	slices.Sort(out[len(to):])
	return out, nil
}

// located gives the fault of a broken event its place: a strict reading finds
// it, except where only the fast one is affected.
func located(event []byte, err error) error {
	if strict := Valid(event); strict != nil {
		return strict
	}
	return errors.New("read the event: " + err.Error())
}

// bank is compiled patterns. It never changes.
type bank struct {
	root       *segment
	paths      []string
	conditions []*condition
	rules      []rule
	start      *node
	nodes      int32
	patterns   int
}

// condition is one field with its list of values, shared by all patterns that
// write it alike.
type condition struct {
	id     int32
	path   int32
	field  *field
	shared int // in how many alternatives
}

// rule is one alternative of one pattern.
type rule struct {
	pattern    int32
	conditions []*condition // sorted by path
}

// conditionKey tells conditions apart. An exact number or string is the same
// condition wherever it is written.
type conditionKey struct{ path, source string }

func newBank(patterns []*Pattern) *bank {
	b := &bank{root: newSegment(), patterns: len(patterns)}
	known := map[conditionKey]*condition{}
	for i, p := range patterns {
		for _, alternative := range p.alternatives {
			r := rule{pattern: int32(i)}
			for _, f := range alternative {
				r.conditions = append(r.conditions, b.condition(known, f))
			}
			b.rules = append(b.rules, r)
		}
	}
	drafts := make([]draftRule, len(b.rules))
	for i := range b.rules {
		drafts[i] = draftRule{int32(i), b.rules[i].conditions}
	}
	b.start = b.node(drafts)
	return b
}

func (b *bank) condition(known map[conditionKey]*condition, f *field) *condition {
	key := conditionKey{f.path, f.source}
	c := known[key]
	if c == nil {
		c = &condition{id: int32(len(b.conditions)), path: b.path(f.path), field: f}
		known[key] = c
		b.conditions = append(b.conditions, c)
	}
	c.shared++
	return c
}

func (b *bank) path(text string) int32 {
	g := b.root.add(text)
	if g.path < 0 {
		g.path = int32(len(b.paths))
		b.paths = append(b.paths, text)
	}
	return g.path
}

// node is a step of the search. At each, the event's values choose by look-up
// which steps follow: a rule waits behind its most telling condition, then
// behind the next one, so that an event meets few of the rules that it cannot
// satisfy.
type node struct {
	id     int32
	check  []draftRule  // few rules: their other conditions are tested one by one
	values []valuesNode // sorted by path
}

type valuesNode struct {
	path  int32
	index *valueIndex
}

// draftRule is a rule and what is left to test of it.
type draftRule struct {
	rule int32
	left []*condition
}

// few is how many rules are tested one by one rather than looked up.
const few = 4

func (b *bank) node(drafts []draftRule) *node {
	n := &node{id: b.nodes}
	b.nodes++
	count := map[*condition]int{}
	for _, d := range drafts {
		for _, c := range d.left {
			count[c]++
		}
	}
	groups := map[*condition][]draftRule{}
	var order []*condition
	for _, d := range drafts {
		best := -1
		if len(drafts) > few || n.id == 0 {
			best = telling(d.left, count)
		}
		if best < 0 {
			n.check = append(n.check, d)
			continue
		}
		c := d.left[best]
		if groups[c] == nil {
			order = append(order, c)
		}
		groups[c] = append(groups[c], draftRule{d.rule, slices.Concat(d.left[:best], d.left[best+1:])})
	}
	b.lookUp(n, order, groups)
	return n
}

// telling returns which condition says most: the one that fewest other rules
// share and fewest values satisfy. -1 when none can be looked up.
func telling(left []*condition, count map[*condition]int) int {
	best, lowest := -1, 0
	for i, c := range left {
		if c.field.absent {
			continue // it can hold without a value to look up
		}
		weight := count[c] * breadth(c.field.values)
		if best < 0 || weight < lowest {
			best, lowest = i, weight
		}
	}
	return best
}

// breadth guesses how many of all values satisfy a list.
func breadth(values []value) int {
	sum := 0
	for _, v := range values {
		switch v.test.(type) {
		case inverse, anyValue:
			sum += 1000
		case span, word:
			sum += 30
		case equal, same, sameAddress, foldEqual:
			sum++
		default:
			sum += 3
		}
	}
	return sum
}

func (b *bank) lookUp(n *node, order []*condition, groups map[*condition][]draftRule) {
	byPath := map[int32]*indexBuilder{}
	for _, c := range order {
		x := byPath[c.path]
		if x == nil {
			x = newIndexBuilder()
			byPath[c.path] = x
			n.values = append(n.values, valuesNode{path: c.path})
		}
		child := b.node(groups[c])
		for _, v := range c.field.values {
			x.add(v.test, child)
		}
	}
	slices.SortFunc(n.values, func(a, b valuesNode) int { return cmp.Compare(a.path, b.path) })
	for i := range n.values {
		n.values[i].index = byPath[n.values[i].path].build()
	}
}

// match is one event being matched. It is used again for others.
type match struct {
	capture
	bank     *bank
	found    []int
	hits     []*node
	seen     []uint32 // by node: the event that visited it
	reported []uint32 // by pattern
	holds    []truth  // by condition
	choices  []choice
	bound    []int32
	steps    int // of searching array elements
}

// truth is whether a condition holds for an event.
type truth struct {
	of    uint32
	holds bool
}

// forget makes room for the bank and counts events from the start: all marks
// name the event that they are of, so they are made anew together.
func (x *match) forget() {
	b := x.bank
	x.event = 0
	x.lists, x.holds = make([]list, len(b.paths)), make([]truth, len(b.conditions))
	x.seen, x.reported = make([]uint32, b.nodes), make([]uint32, b.patterns)
}

func (x *match) run(event []byte) error {
	b := x.bank
	if x.event == math.MaxUint32 || len(x.lists) < len(b.paths) || len(x.seen) < int(b.nodes) || len(x.reported) < b.patterns || len(x.holds) < len(b.conditions) {
		x.forget()
	}
	x.reset(event)
	if err := x.read(b.root); err != nil {
		return err
	}
	x.steps = 0
	if x.visit(b.start); x.steps > maxSteps {
		return errSearch
	}
	return nil
}

func (x *match) visit(n *node) {
	for i := range n.check {
		x.test(&n.check[i])
	}
	if len(n.values) <= len(x.touched) {
		for i := range n.values {
			x.look(&n.values[i])
		}
		return
	}
	for _, path := range x.touched {
		i, ok := slices.BinarySearchFunc(n.values, path, func(v valuesNode, path int32) int { return cmp.Compare(v.path, path) })
		if ok {
			x.look(&n.values[i])
		}
	}
}

// look visits the nodes that the event's values at one path lead to.
func (x *match) look(v *valuesNode) {
	from := len(x.hits)
	for l := x.first(v.path); l >= 0; l = x.leaves[l].next {
		x.hits = v.index.find(x.leaves[l].scalar, x.hits)
	}
	for i := from; i < len(x.hits); i++ {
		if n := x.hits[i]; x.seen[n.id] != x.event {
			x.seen[n.id] = x.event
			x.visit(n)
		}
	}
	x.hits = x.hits[:from]
}

func (x *match) test(d *draftRule) {
	r := &x.bank.rules[d.rule]
	if x.reported[r.pattern] == x.event {
		return
	}
	for _, c := range d.left {
		if !x.satisfies(c) {
			return
		}
	}
	if len(x.elements) > 0 && !x.consistent(r) {
		return
	}
	x.reported[r.pattern] = x.event
	x.found = append(x.found, int(r.pattern))
}

// satisfies tells whether some value, or the lack of one, satisfies the
// condition, whatever arrays it lies in.
func (x *match) satisfies(c *condition) bool {
	t := &x.holds[c.id]
	if t.of != x.event {
		*t = truth{x.event, x.test1(c)}
	}
	return t.holds
}

func (x *match) test1(c *condition) bool {
	l := x.first(c.path)
	if c.field.absent {
		if l < 0 {
			return true
		}
		if x.canLack(l) {
			return true
		}
	}
	for ; l >= 0; l = x.leaves[l].next {
		if c.field.accepts(x.leaves[l].scalar) {
			return true
		}
	}
	return false
}

// canLack tells whether all leaves from l on lie in arrays, so that the chosen
// elements may be without them.
func (x *match) canLack(l int32) bool {
	for ; l >= 0; l = x.leaves[l].next {
		if x.leaves[l].in < 0 {
			return false
		}
	}
	return true
}

func (f *field) accepts(s scalar) bool {
	for i := range f.values {
		if f.values[i].test.holds(s) {
			return true
		}
	}
	return false
}

// Match tells whether the event satisfies the pattern. For many patterns or
// many events a Matcher is faster. The error is a *syntax.Error: the event is no
// JSON object.
func (p *Pattern) Match(event []byte) (bool, error) {
	if err := Valid(event); err != nil {
		return false, err
	}
	found, err := NewMatcher(p).Match(event, nil)
	return len(found) > 0, err
}

// String returns the pattern as it was written.
func (p *Pattern) String() string { return string(p.text[p.at:p.end]) }
