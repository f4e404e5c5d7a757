package embedded

import (
	"context"
	"fmt"
	"math/bits"
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
	// No pointers, which the collector would follow. Names are hashes, and their last
	// bits say in which chain a mention is: heads has the newest of each chain, before
	// the next older one of each mention, -1 for none.
	mentions []mention
	before   []int32
	heads    []int32

	absent absent // of the keys that left
	asked  uint64 // keys, of whom it said nothing
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
	t.mentions, t.to = append(t.mentions, mentions...), to
	if len(t.mentions) > len(t.heads) {
		t.heads = make([]int32, max(256, 1<<bits.Len(uint(len(t.mentions)))))
		for i := range t.heads {
			t.heads[i] = -1
		}
		t.before = make([]int32, 0, len(t.heads))
	}
	for i := len(t.before); i < len(t.mentions); i++ {
		head := t.head(t.mentions[i].name)
		t.before = append(t.before, *head)
		*head = int32(i)
	}
}

// head is where the chain of a name begins.
func (t *tail) head(name int64) *int32 { return &t.heads[int(uint64(name)%uint64(len(t.heads)))] }

func (t *tail) forget(indexed uint64) {
	if indexed <= t.from {
		return
	}
	if indexed > t.to { // what others appended and put there was never here
		t.absent = absent{}
	}
	n := t.beyond(indexed)
	for _, m := range t.mentions[:n] {
		if m.kind == aKey && len(t.absent.filters) > 0 {
			t.absent.add(m.name)
		}
	}
	rest := t.mentions[n:]
	t.mentions, t.before, t.heads, t.from = nil, nil, nil, indexed
	t.add(rest, max(t.to, indexed))
}

// beyond is where the mentions of the pages after a record begin: they are in order.
func (t *tail) beyond(sequence uint64) int {
	return sort.Search(len(t.mentions), func(i int) bool { return t.mentions[i].first > sequence })
}

// doubtful leaves those of the keys that may be in the table.
func (t *tail) doubtful(keys []int64) []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	keys = slices.DeleteFunc(keys, t.absent.says)
	t.asked += uint64(len(keys))
	return keys
}

// worth tells whether reading all keys of the table takes less than asking did.
func (t *tail) worth() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.to > 0 && len(t.absent.filters) == 0 && t.asked >= t.from/2
}

// learned takes what is known of the keys up to a record, unless others left since.
func (t *tail) learned(a absent, indexed uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.from <= indexed {
		t.absent, t.asked = a, 0
	}
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
	if len(t.heads) == 0 {
		return to
	}
	for at := *t.head(name); at >= 0; at = t.before[at] {
		if m := t.mentions[at]; m.name == name && under(m.kind) {
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
	from, end := t.beyond(indexed), t.beyond(indexed+records)
	if to = t.to; end < len(t.mentions) {
		to = t.mentions[end].first - 1
	}
	return to, slices.Clone(t.mentions[from:end])
}
