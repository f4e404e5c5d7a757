package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/everqual/everqual"
)

// Observed is a recorded observation.
type Observed struct {
	everqual.Observation
	Record everqual.Record
	// SeenAt is when the resource was last seen in this state.
	SeenAt time.Time
	// Changed tells that this call made a new version.
	Changed bool
}

// Body decodes the body of a record.
func Body[T any](r everqual.Record) (T, error) {
	var v T
	if err := json.Unmarshal(r.Body, &v); err != nil {
		return v, everqual.Permanent(fmt.Errorf("decode record %d (%s): %w", r.Sequence, r.Kind, err))
	}
	return v, nil
}

// Head returns the last record's sequence and hash.
func (l *Ledger) Head(ctx context.Context) (Head, error) { return l.store.Head(ctx) }

// Find returns the record with the key.
func (l *Ledger) Find(ctx context.Context, key string) (everqual.Record, bool, error) {
	return l.store.Find(ctx, key)
}

// Latest returns the last version of a resource; Version is 0 when there is
// none.
func (l *Ledger) Latest(ctx context.Context, id everqual.ResourceID) (Observed, error) {
	q := Query{Kind: everqual.KindObservation, Subject: string(id), Descending: true, Limit: 1}
	records, err := l.store.Range(ctx, q)
	if err != nil || len(records) == 0 {
		return Observed{}, err
	}
	o, err := Body[everqual.Observation](records[0])
	if err != nil {
		return Observed{}, err
	}
	seen := Observed{Observation: o, Record: records[0], SeenAt: o.CollectedAt}
	q.Kind, q.After = everqual.KindConfirmation, 0
	confirmed, err := l.store.Range(ctx, q)
	if err != nil || len(confirmed) == 0 {
		return seen, err
	}
	c, err := Body[everqual.Confirmation](confirmed[0])
	if err != nil {
		return Observed{}, err
	}
	if c.Version == o.Version {
		seen.SeenAt = c.CollectedAt
	}
	return seen, nil
}

// Pages begin small, for who stops at the first record that he wanted, and grow.
const (
	firstPage = 32
	page      = 512
)

// Records yields the records that a query selects, page by page; from the third page
// on, the next is read while one is worked on. An error ends the sequence, after the
// records before it.
func (l *Ledger) Records(ctx context.Context, q Query) iter.Seq2[everqual.Record, error] {
	return func(yield func(everqual.Record, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		w := walk{store: l.store, query: q, left: q.Limit}
		defer func() { stop(); w.wait() }()
		for n := 0; ; n++ {
			records, err := w.next(ctx)
			if n > 0 && err == nil { // who wants a few records stops at the first page
				w.readAhead(ctx)
			}
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
			}
			if err != nil {
				yield(everqual.Record{}, err)
				return
			}
			if w.ended {
				return
			}
		}
	}
}

// walk reads pages, one ahead when it is told to.
type walk struct {
	store Store
	query Query
	left  int // of the query's limit; 0 when it has none
	size  int // of the last page that was asked for
	ended bool
	ahead chan pageRead
}

type pageRead struct {
	records []everqual.Record
	err     error
}

func (w *walk) next(ctx context.Context) ([]everqual.Record, error) {
	w.readAhead(ctx)
	got := <-w.ahead
	w.ahead = nil
	if got.err != nil {
		return got.records, got.err
	}
	n := len(got.records)
	if w.ended = n < w.query.Limit || w.left > 0 && n == w.left; n > 0 {
		w.query.After = got.records[n-1].Sequence
	}
	w.left -= min(w.left, n)
	return got.records, nil
}

// readAhead begins to read the next page, unless that is begun or there is none.
func (w *walk) readAhead(ctx context.Context) {
	if w.ahead != nil || w.ended {
		return
	}
	w.size = max(firstPage, min(page, w.size*16))
	if w.query.Limit = w.size; w.left > 0 {
		w.query.Limit = min(w.left, w.size)
	}
	ahead, q := make(chan pageRead, 1), w.query
	w.ahead = ahead
	go func() {
		records, err := w.store.Range(ctx, q)
		ahead <- pageRead{records, err}
	}()
}

// wait ends when nobody reads any more.
func (w *walk) wait() {
	if w.ahead != nil {
		<-w.ahead
	}
}

// Bodies yields the decoded bodies of one kind's records, with their records.
func Bodies[T any](ctx context.Context, l *Ledger, q Query) iter.Seq2[Decoded[T], error] {
	return func(yield func(Decoded[T], error) bool) {
		for r, err := range l.Records(ctx, q) {
			d := Decoded[T]{Record: r}
			if err == nil {
				d.Body, err = Body[T](r)
			}
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}

// Decoded is a record and its body.
type Decoded[T any] struct {
	Record everqual.Record
	Body   T
}

// Check walks the whole chain and returns the first record that does not fit:
// a gap in the sequence, a wrong previous hash, a body or field that does not
// give the record's hash, an end before the head. Records that are appended
// while it walks are checked too.
func (l *Ledger) Check(ctx context.Context) error {
	head, err := l.store.Head(ctx)
	if err != nil {
		return fmt.Errorf("read ledger head: %w", err)
	}
	var last Head
	for r, err := range l.Records(ctx, Query{}) {
		if err == nil {
			err = follows(r, last)
		}
		if err != nil {
			return err
		}
		last = Head{Sequence: r.Sequence, Hash: r.Hash}
		if last.Sequence == head.Sequence && last.Hash != head.Hash {
			return fmt.Errorf("record %d: its hash is not the one that the head says", r.Sequence)
		}
	}
	if last.Sequence < head.Sequence {
		return fmt.Errorf("the head says record %d, the last record is %d: the end is missing", head.Sequence, last.Sequence)
	}
	return l.Indexed(ctx)
}

// Indexed tells whether records are found by exactly the subjects that they name.
func (l *Ledger) Indexed(ctx context.Context) error { return l.store.Indexed(ctx) }

// follows tells why r does not continue the chain after last.
func follows(r everqual.Record, last Head) error {
	switch {
	case r.Sequence != last.Sequence+1:
		return fmt.Errorf("record %d follows record %d", r.Sequence, last.Sequence)
	case r.Previous != last.Hash:
		return fmt.Errorf("record %d: its previous hash is not the hash of record %d", r.Sequence, last.Sequence)
	case r.Hash != HashOf(r):
		return fmt.Errorf("record %d: its content does not give its hash", r.Sequence)
	}
	return nil
}
