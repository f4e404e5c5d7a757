package embedded_test

import (
	"testing"

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

func TestStore(t *testing.T) {
	t.Parallel()
	dirs := map[ledger.Store]string{}
	ends := map[ledger.Store]func() error{}
	openStore := func(t *testing.T, dir string) ledger.Store {
		s, end, err := embedded.OpenStore(dir)
		if err != nil {
			t.Fatal(err)
		}
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
