// Package ledgertest is the suite that every ledger store passes, with a
// store in memory as its model and one whose writes fail on demand.
package ledgertest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Memory is a store in memory, as simple as can be: what it does is right.
type Memory struct {
	// Most is how many records an Append takes; 0: any number.
	Most int

	mu      sync.Mutex
	head    ledger.Head
	records []everqual.Record
}

// Head returns the last record's sequence and hash.
func (m *Memory) Head(context.Context) (ledger.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.head, nil
}

// AtOnce is Most.
func (m *Memory) AtOnce() int { return m.Most }

// Append adds the records if the head is still after and their keys are new.
func (m *Memory) Append(_ context.Context, after ledger.Head, records []everqual.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Most > 0 && len(records) > m.Most {
		return fmt.Errorf("append %d records: the store takes %d at once", len(records), m.Most)
	}
	if m.head != after {
		return ledger.ErrConflict
	}
	all, head := slices.Clone(m.records), m.head
	for _, r := range records {
		if slices.ContainsFunc(all, func(old everqual.Record) bool { return old.Key == r.Key }) {
			return ledger.ErrConflict
		}
		all = append(all, r)
		head = ledger.Head{Sequence: r.Sequence, Hash: r.Hash}
	}
	m.records, m.head = all, head
	return nil
}

// Find returns the record with the key.
func (m *Memory) Find(_ context.Context, key string) (everqual.Record, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.records {
		if r.Key == key {
			return r, true, nil
		}
	}
	return everqual.Record{}, false, nil
}

// Range returns the records that q selects.
func (m *Memory) Range(_ context.Context, q ledger.Query) ([]everqual.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	records := slices.Clone(m.records)
	if q.Descending {
		slices.Reverse(records)
	}
	var selected []everqual.Record
	for _, r := range records {
		if selects(q, r) && (q.Limit == 0 || len(selected) < q.Limit) {
			selected = append(selected, r)
		}
	}
	return selected, nil
}

// Indexed has nothing to tell: there is no index.
func (m *Memory) Indexed(context.Context) error { return nil }

func selects(q ledger.Query, r everqual.Record) bool {
	switch {
	case q.Kind != "" && r.Kind != q.Kind:
		return false
	case q.Subject != "" && !slices.Contains(r.Subjects, q.Subject):
		return false
	case q.Descending:
		return q.After == 0 || r.Sequence < q.After
	}
	return r.Sequence > q.After
}

// Tamper lets a test change what is kept behind the ledger's back. The head
// stays as it is.
func (m *Memory) Tamper(change func(records []everqual.Record) []everqual.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records = change(slices.Clone(m.records))
}
