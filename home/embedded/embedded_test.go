package embedded_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/home/hometest"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
)

func TestHome(t *testing.T) {
	t.Parallel()
	hometest.Run(t, func(t *testing.T, clock flow.Clock) flow.Home {
		return open(t, t.TempDir(), embedded.Options{Clock: clock})
	})
}

func open(t testing.TB, dir string, opt embedded.Options) flow.Home {
	t.Helper()
	h, err := embedded.Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// openDamaged is for a home that cannot be sealed any more.
func openDamaged(t testing.TB, dir string) flow.Home {
	t.Helper()
	h, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// TestStore runs the suite with an index that never follows, one that follows at
// once, and one that follows sometimes while two processes have the file.
func TestStore(t *testing.T) {
	t.Run("index in memory", func(t *testing.T) { testStore(t, openOne(1<<20, 1<<20)) })
	t.Run("index in the file", func(t *testing.T) { testStore(t, openOne(1, 1)) })
	t.Run("two processes", func(t *testing.T) {
		testStore(t, func(t *testing.T, dir string) (ledger.Store, func() error) {
			a, endA := openOne(3, 20)(t, dir)
			b, endB := openOne(7, 30)(t, dir)
			return &inTurn{of: []ledger.Store{a, b}}, func() error { return errors.Join(endA(), endB()) }
		})
	})
}

func openOne(soon, late uint64) func(t *testing.T, dir string) (ledger.Store, func() error) {
	return func(t *testing.T, dir string) (ledger.Store, func() error) {
		s, end, err := embedded.OpenStore(dir, soon, late)
		if err != nil {
			t.Fatal(err)
		}
		return s, end
	}
}

// inTurn is several stores of one file, asked in turn.
type inTurn struct {
	of []ledger.Store
	n  atomic.Uint64
}

// next takes two steps now and then, so that no store always gets the same calls.
func (s *inTurn) next() ledger.Store {
	n := s.n.Add(1)
	return s.of[(n+n/7)%uint64(len(s.of))]
}

func (s *inTurn) Head(ctx context.Context) (ledger.Head, error) { return s.next().Head(ctx) }
func (s *inTurn) AtOnce() int                                   { return 0 }
func (s *inTurn) Append(ctx context.Context, after ledger.Head, records []everqual.Record) error {
	return s.next().Append(ctx, after, records)
}
func (s *inTurn) Find(ctx context.Context, key string) (everqual.Record, bool, error) {
	return s.next().Find(ctx, key)
}
func (s *inTurn) Range(ctx context.Context, q ledger.Query) ([]everqual.Record, error) {
	return s.next().Range(ctx, q)
}
func (s *inTurn) Indexed(ctx context.Context) error { return s.next().Indexed(ctx) }

func testStore(t *testing.T, open func(t *testing.T, dir string) (ledger.Store, func() error)) {
	t.Parallel()
	dirs := map[ledger.Store]string{}
	ends := map[ledger.Store]func() error{}
	openStore := func(t *testing.T, dir string) ledger.Store {
		s, end := open(t, dir)
		dirs[s], ends[s] = dir, end
		t.Cleanup(func() { _ = end() })
		return s
	}
	ledgertest.Run(t,
		func(t *testing.T) ledger.Store { return openStore(t, t.TempDir()) },
		func(t *testing.T, s ledger.Store) ledger.Store {
			if err := ends[s](); err != nil {
				t.Fatal(err)
			}
			return openStore(t, dirs[s])
		})
}
