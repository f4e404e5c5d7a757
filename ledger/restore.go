package ledger

import (
	"context"
	"fmt"

	"github.com/everqual/everqual"
)

// restoring is how many records are restored together.
const restoring = 1000

// Restore puts back records of a ledger as they were: times and hashes stay, and
// each must follow from the one before. What was restored before is passed over,
// so a restoration that was cut off goes on; a record that is there already and is
// another one is an error. Nothing else may use the ledger meanwhile. It is durable
// on return. It does not count as an append: what was signed stays what it was.
func (l *Ledger) Restore(ctx context.Context, records []everqual.Record) error {
	head, err := l.store.Head(ctx)
	if err != nil {
		return fmt.Errorf("read ledger head: %w", err)
	}
	if records, err = l.beyond(ctx, head, records); err != nil {
		return err
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
		if err := l.put(ctx, head, some); err != nil {
			return fmt.Errorf("restore records from %d: %w", head.Sequence+1, err)
		}
		head = last
	}
	return nil
}

// beyond leaves the records after the head, when the others are those that are
// there.
func (l *Ledger) beyond(ctx context.Context, head Head, records []everqual.Record) ([]everqual.Record, error) {
	n := 0
	for n < len(records) && records[n].Sequence <= head.Sequence {
		n++
	}
	if n == 0 {
		return records, nil
	}
	kept, err := l.store.Range(ctx, Query{After: records[0].Sequence - 1, Limit: n})
	if err != nil {
		return nil, err
	}
	for i, r := range records[:n] {
		if i >= len(kept) || kept[i].Sequence != r.Sequence || kept[i].Hash != r.Hash {
			return nil, everqual.Permanent(fmt.Errorf("record %d is there already and is another one: records can be restored into an empty ledger, or into one that begins with them", r.Sequence))
		}
	}
	return records[n:], nil
}
