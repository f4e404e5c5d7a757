package embedded

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/everqual/everqual"
)

// tail is what the newest pages mention and the table does not say yet: those of the
// records after from, up to to. Other processes append as well: what they did is read
// when something is asked.
type tail struct {
	mu       sync.Mutex
	from, to uint64
	// No pointers, which the collector would follow: the last mention of each name,
	// and of each mention the one before it of the same name, -1 for none.
	mentions []mention
	before   []int32
	last     map[int64]int32
}

// catchUp brings the tail up to date with what is committed.
func (s *store) catchUp(ctx context.Context) error {
	m, err := s.marks(ctx)
	if err != nil {
		return err
	}
	t := &s.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	if m.indexed > t.from { // others did, or it was so at opening
		if err := s.reaches(ctx, m.indexed); err != nil {
			return err
		}
	}
	t.forget(m.indexed)
	if t.to >= m.head.Sequence {
		return nil
	}
	rows, err := s.db.read.query(ctx, `SELECT first, records FROM page WHERE first > ? ORDER BY first`, t.to)
	if err != nil {
		return fmt.Errorf("read records: %w", err)
	}
	return each(rows, func(page []everqual.Record) bool {
		t.add(mentioned(nil, page), page[len(page)-1].Sequence)
		return true
	})
}

// upTo brings the tail up to date if it does not know a record that is committed.
func (s *store) upTo(ctx context.Context, sequence uint64) error {
	s.tail.mu.Lock()
	known := s.tail.to >= sequence
	s.tail.mu.Unlock()
	if known {
		return nil
	}
	return s.catchUp(ctx)
}

// follow adds what was just appended, unless somebody read it in the meantime, and
// forgets what was just indexed.
func (t *tail) follow(after, to uint64, mentions []mention, indexed uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(indexed)
	if t.to == after {
		t.add(mentions, to)
	}
}

func (t *tail) add(mentions []mention, to uint64) {
	if t.last == nil {
		t.last = map[int64]int32{}
	}
	for _, m := range mentions {
		before, ok := t.last[m.name]
		if !ok {
			before = -1
		}
		t.last[m.name] = int32(len(t.mentions))
		t.mentions, t.before = append(t.mentions, m), append(t.before, before)
	}
	t.to = to
}

func (t *tail) forget(indexed uint64) {
	if indexed <= t.from {
		return
	}
	rest, to := t.mentions, max(t.to, indexed)
	t.mentions, t.before, t.last, t.from = nil, nil, nil, indexed
	t.add(slices.DeleteFunc(rest, func(m mention) bool { return m.first <= indexed }), to)
}

// size is how many records the table lacks.
func (t *tail) size() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.to - t.from
}

// find adds the pages that mention a name under a kind.
func (t *tail) find(to []uint64, name int64, under func(kind int64) bool) []uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, ok := t.last[name]
	for ; ok && at >= 0; at = t.before[at] {
		if m := t.mentions[at]; under(m.kind) {
			to = append(to, m.first)
		}
	}
	return to
}

// after returns what the first records that the table lacks mention, and the last
// of them, at the end of a page. Nothing is forgotten: the table may turn out not to
// have been written.
func (t *tail) after(indexed, records uint64) (to uint64, mentions []mention) {
	t.mu.Lock()
	defer t.mu.Unlock()
	beyond := func(last uint64) int {
		return sort.Search(len(t.mentions), func(i int) bool { return t.mentions[i].first > last })
	}
	from, end := beyond(indexed), beyond(indexed+records)
	if to = t.to; end < len(t.mentions) {
		to = t.mentions[end].first - 1
	}
	return to, slices.Clone(t.mentions[from:end])
}
