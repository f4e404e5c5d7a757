package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/everqual/everqual"
)

const (
	// maxTurns bounds how often an append is tried against other writers.
	maxTurns = 100
	// maxTogether bounds how many appends are made as one.
	maxTogether = 256
)

// decision is one caller's append: what choose returns is appended only if
// nothing that it could have read was in the meantime, else it is asked again.
type decision struct {
	ctx    context.Context
	choose func() ([]Entry, error)
	reads  bool // choose reads the ledger
	turns  int
	done   chan struct{}

	entries []Entry
	records []everqual.Record
	fresh   []bool
	err     error
}

// decide appends the entries that choose returns after reading the ledger.
func (l *Ledger) decide(ctx context.Context, choose func() ([]Entry, error)) ([]everqual.Record, []bool, error) {
	return l.await(&decision{ctx: ctx, choose: choose, reads: true, done: make(chan struct{})})
}

// AppendIf appends the entry unless still gives an error, which is returned: nothing
// about the entry's subjects is appended between its answer and the entry.
func (l *Ledger) AppendIf(ctx context.Context, e Entry, still func() error) error {
	_, _, err := l.decide(ctx, func() ([]Entry, error) { return []Entry{e}, still() })
	return err
}

// await waits until the decision had its turn; what waits at the same time
// shares one append.
func (l *Ledger) await(d *decision) (records []everqual.Record, fresh []bool, err error) {
	l.mu.Lock()
	l.waiting = append(l.waiting, d)
	first := !l.busy
	l.busy = true
	l.mu.Unlock()
	if first && l.take() { // one's own turn needs nobody else
		go l.serve()
	}
	<-d.done
	if d.err != nil {
		return nil, nil, d.err
	}
	return d.records, d.fresh, nil
}

// serve takes turns until nobody waits.
func (l *Ledger) serve() {
	for l.take() {
	}
}

// take takes one turn for those who wait, and tells whether others do now.
func (l *Ledger) take() (more bool) {
	l.mu.Lock()
	n := min(len(l.waiting), maxTogether)
	together := l.waiting[:n:n]
	l.waiting = l.waiting[n:]
	l.mu.Unlock()
	var again []*decision
	well := false
	defer func() { // also when a decision panics: nobody waits for ever
		if !well {
			for _, d := range together {
				d.giveUp()
			}
			l.forget()
		}
		l.mu.Lock()
		l.waiting = append(again, l.waiting...)
		more = len(l.waiting) > 0
		l.busy = more
		l.mu.Unlock()
		if more && !well {
			go l.serve()
		}
	}()
	again = l.turn(together)
	well = true
	return more
}

func (d *decision) end(err error) {
	d.err = err
	close(d.done)
}

var errDefect = errors.New("another append of the same turn met a defect: append again")

// giveUp ends a decision that a turn left open.
func (d *decision) giveUp() {
	select {
	case <-d.done:
	default:
		d.end(errDefect)
	}
}

// headNow is the head before a turn: while nobody else was seen to append, what this
// process wrote last. The store refuses the append where it is not.
func (l *Ledger) headNow(ctx context.Context) (Head, error) {
	if l.alone {
		return l.tree.head, nil
	}
	head, err := l.store.Head(ctx)
	l.alone = err == nil && l.tree.edge != nil && l.tree.head == head
	return head, err
}

// turn makes the appends and returns those that need another turn. It knows the
// head before anything else: what is read after it is at least as new, and the
// append fails if it is newer.
func (l *Ledger) turn(together []*decision) (again []*decision) {
	ctx := context.WithoutCancel(together[0].ctx)
	head, err := l.headNow(ctx)
	if err != nil {
		for _, d := range together {
			d.end(fmt.Errorf("read ledger head: %w", err))
		}
		return nil
	}
	taken := map[string]bool{}
	var now []*decision
	n := 0
	for i, d := range together {
		if l.most > 0 && n >= l.most {
			again = append(again, together[i:]...)
			break
		}
		entries, err := d.choose()
		switch {
		case d.ctx.Err() != nil:
			d.end(d.ctx.Err())
		case err != nil:
			d.end(err)
		case len(together) > 1 && d.overlaps(entries, taken), n > 0 && l.most > 0 && n+len(entries) > l.most:
			again = append(again, d)
		default:
			d.entries, now, n = entries, append(now, d), n+len(entries)
			if len(together) > 1 {
				claim(entries, taken)
			}
		}
	}
	return append(again, l.append(ctx, head, now)...)
}

// overlaps tells whether others of this turn append what the decision would have
// to know of: the same key, or, for one that reads, anything about its subjects.
func (d *decision) overlaps(entries []Entry, taken map[string]bool) bool {
	return slices.ContainsFunc(entries, func(e Entry) bool {
		return taken["key "+e.Key] || d.reads && slices.ContainsFunc(e.Subjects, func(s string) bool { return taken[s] })
	})
}

func claim(entries []Entry, taken map[string]bool) {
	for _, e := range entries {
		taken["key "+e.Key] = true
		for _, s := range e.Subjects {
			if decides(s) {
				taken[s] = true
			}
		}
	}
}

// append writes what the decisions chose as one append. On an error of the store
// it is open for each whether its records were kept.
func (l *Ledger) append(ctx context.Context, head Head, decisions []*decision) (again []*decision) {
	next := head
	entries := 0
	for _, d := range decisions {
		entries += len(d.entries)
	}
	batch := make([]everqual.Record, 0, entries)
	var sealed []*decision
	for _, d := range decisions {
		after, err := l.seal(ctx, d, head, next)
		switch {
		case errors.Is(err, ErrConflict):
			again = append(again, d.another()...)
		case err != nil:
			d.end(err)
		default:
			next, sealed = after, append(sealed, d)
			for i, r := range d.records {
				if d.fresh[i] {
					batch = append(batch, r)
				}
			}
		}
	}
	var err error
	if len(batch) > 0 {
		err = l.write(ctx, head, batch)
	}
	for _, d := range sealed {
		switch {
		case err == nil || !slices.Contains(d.fresh, true):
			d.end(nil)
		case errors.Is(err, ErrConflict):
			again = append(again, d.another()...)
		default:
			d.end(fmt.Errorf("append %d records: %w", len(batch), err))
		}
	}
	return again
}

// another is the decision once more, unless other writers were always faster.
func (d *decision) another() []*decision {
	if d.turns++; d.turns >= maxTurns {
		d.end(fmt.Errorf("%w: other writers were faster %d times in a row", ErrConflict, maxTurns))
		return nil
	}
	return []*decision{d}
}

// seal makes the records that follow next of the entries whose key is new, and
// finds those of the others. At first every key is taken for new, because most
// are and the store refuses one that is not; looking each up would cost more.
func (l *Ledger) seal(ctx context.Context, d *decision, head, next Head) (Head, error) {
	d.records, d.fresh = make([]everqual.Record, len(d.entries)), make([]bool, len(d.entries))
	bodies := bodiesOf(d.entries)
	own := make(map[string]int, len(d.entries))
	for i, e := range d.entries {
		if j, ok := own[e.Key]; ok {
			d.records[i] = d.records[j]
			continue
		}
		old, ok, err := l.known(ctx, d, e.Key)
		switch {
		case err != nil:
			return next, fmt.Errorf("look up %s: %w", e.Key, err)
		case ok && old.Sequence > head.Sequence:
			return next, ErrConflict // choose could not know of it
		case ok:
			d.records[i] = old
			continue
		}
		if d.records[i], err = seal(e, bodies[i], next, l.now()); err != nil {
			return next, err
		}
		d.fresh[i], own[e.Key] = true, i
		next = Head{Sequence: d.records[i].Sequence, Hash: d.records[i].Hash}
	}
	return next, nil
}

// known looks for a key when the decision's first append was refused.
func (l *Ledger) known(ctx context.Context, d *decision, key string) (everqual.Record, bool, error) {
	if d.turns == 0 {
		return everqual.Record{}, false, nil
	}
	return l.store.Find(ctx, key)
}

// write appends the records, which somebody will have to sign.
func (l *Ledger) write(ctx context.Context, head Head, batch []everqual.Record) error {
	if err := l.stays(ctx, batch); err != nil {
		return err
	}
	if err := l.put(ctx, head, batch); err != nil {
		return err
	}
	l.appended.Store(true)
	return nil
}

// put keeps the records with their place in the Merkle tree.
func (l *Ledger) put(ctx context.Context, head Head, batch []everqual.Record) error {
	if err := l.tree.extend(ctx, l.store, head, batch); err != nil {
		return err
	}
	if err := l.store.Append(ctx, head, batch); err != nil {
		l.forget()
		return err
	}
	return nil
}

// forget is for when it is open what is kept.
func (l *Ledger) forget() { l.tree, l.alone = tree{}, false }
