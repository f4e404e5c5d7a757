package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/everqual/everqual"
)

// MovedTo returns the migration by which the ledger left this home, and its record;
// a sequence of 0 when it did not, or came back since.
func (l *Ledger) MovedTo(ctx context.Context) (m everqual.Migration, r everqual.Record, err error) {
	left, err := l.last(ctx, everqual.KindMoved)
	if err != nil || left.Sequence == 0 {
		return m, r, err
	}
	came, err := l.last(ctx, everqual.KindMigration)
	if err != nil || came.Sequence > left.Sequence {
		return m, r, err
	}
	m, err = Body[everqual.Migration](left)
	return m, left, err
}

func (l *Ledger) last(ctx context.Context, kind everqual.Kind) (r everqual.Record, err error) {
	some, err := l.store.Range(ctx, Query{Kind: kind, Descending: true, Limit: 1})
	if err == nil && len(some) == 1 {
		r = some[0]
	}
	return r, err
}

// own are kinds that a ledger that has moved may still be given: what is said of
// itself, and that it came to another home.
var own = []everqual.Kind{everqual.KindCheckpoint, everqual.KindAttestation, everqual.KindMigration}

// lookAgain is how long a ledger is taken to be where it was seen.
const lookAgain = time.Minute

// stays refuses to append to a ledger that goes on in another home: the two would
// never be one again. It asks once a minute: whoever moves a ledger ends what works in
// it, and what was forgotten stops soon. The error is not permanent, so that nothing
// that was to be recorded is given up.
func (l *Ledger) stays(ctx context.Context, batch []everqual.Record) error {
	now := l.now()
	seen := now.Sub(time.Unix(0, l.here.Load()))
	if seen >= 0 && seen < lookAgain || !slices.ContainsFunc(batch, func(r everqual.Record) bool { return !slices.Contains(own, r.Kind) }) {
		return nil
	}
	m, left, err := l.MovedTo(ctx)
	if err != nil {
		return fmt.Errorf("ask whether the ledger moved: %w", err)
	}
	if left.Sequence == 0 {
		l.here.Store(now.UnixNano())
		return nil
	}
	for _, r := range batch { // what was recorded before is no append: then its key is looked up
		if _, ok, err := l.store.Find(ctx, r.Key); err != nil || ok {
			return cmp.Or(err, ErrConflict)
		}
	}
	return fmt.Errorf("the ledger moved to %s at %s by %s: work there. This home can only be read; where the other one is lost, move this one to a new home with 'everqual migrate'",
		m.To.Name, m.At.UTC().Format(time.RFC3339), m.By)
}
