package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/everqual/everqual"
)

// errNotEmpty is a ledger that holds something already.
var errNotEmpty = errors.New("the ledger is not empty: records can be restored into an empty one only")

// restoring is how many records are restored together.
const restoring = 1000

// Restore puts back the records of a ledger, from the first, as they were: times
// and hashes stay, and each must follow from the one before. Nothing else may use
// the ledger meanwhile. It is durable on return; what was broken off has to begin
// anew in another home.
func (l *Ledger) Restore(ctx context.Context, records []everqual.Record) error {
	head, err := l.store.Head(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read ledger head: %w", err)
	case head != Head{}:
		return everqual.Permanent(errNotEmpty)
	}
	most := restoring
	if l.most > 0 {
		most = min(most, l.most)
	}
	for len(records) > 0 {
		some := records[:min(len(records), most)]
		records = records[len(some):]
		last := head
		for _, r := range some {
			if err := follows(r, last); err != nil {
				return everqual.Permanent(fmt.Errorf("restore: %w", err))
			}
			last = Head{Sequence: r.Sequence, Hash: r.Hash}
		}
		if err := l.write(ctx, head, some); err != nil {
			return fmt.Errorf("restore records from %d: %w", head.Sequence+1, err)
		}
		head = last
	}
	return nil
}
