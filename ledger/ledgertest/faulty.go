package ledgertest

import (
	"context"
	"errors"
	"sync"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Fault is what happens to one write.
type Fault int

const (
	None      Fault = iota
	Lost            // an error, and nothing was written
	Persisted       // an error, and yet it was written
)

// ErrFault is the error of a write that was made to fail.
var ErrFault = errors.New("the store did not answer")

// Faulty is a store whose writes fail by plan: write i, from 0, meets Plan(i).
// A nil Plan fails nothing.
type Faulty struct {
	ledger.Store
	Plan func(write int) Fault

	mu     sync.Mutex
	writes int
}

// Append writes, or fails, or both.
func (f *Faulty) Append(ctx context.Context, after ledger.Head, records []everqual.Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	fault := None
	if f.Plan != nil {
		fault = f.Plan(f.writes)
	}
	f.writes++
	if fault == Lost {
		return ErrFault
	}
	err := f.Store.Append(ctx, after, records)
	if fault == Persisted && err == nil {
		return ErrFault
	}
	return err
}

// Writes returns how many writes were tried.
func (f *Faulty) Writes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writes
}
