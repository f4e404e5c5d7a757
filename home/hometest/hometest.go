// Package hometest is the suite that every home passes: one call runs the
// suites of all its ports, and the whole corridor.
package hometest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
)

// start is when the tests begin, with nanoseconds as real clocks have them.
var start = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

// Run runs every port's suite and the whole corridor. open returns a new, empty
// home whose times are the clock's, and sees to its closing when the test ends.
func Run(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home) {
	t.Run("ledger", func(t *testing.T) {
		ledgertest.RunLedger(t, func(t *testing.T) *ledger.Ledger { return open(t, NewClock(start)).Ledger })
	})
	t.Run("queue", func(t *testing.T) { runQueue(t, open) })
	t.Run("archive", func(t *testing.T) { runArchive(t, open) })
	t.Run("corridor", func(t *testing.T) { corridor(t, open) })
	t.Run("faults", func(t *testing.T) { faults(t, open) })
	t.Run("retention", func(t *testing.T) { retention(t, open) })
	t.Run("whole", func(t *testing.T) { whole(t, open) })
}

// whole checks that the home has all its parts and ends when told to.
func whole(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home) {
	clock := NewClock(start)
	h := open(t, clock)
	if h.Ledger == nil || h.Queue == nil || h.Archive == nil || h.Notify == nil || h.Clock == nil || h.Signer == nil || h.Close == nil {
		t.Fatalf("a part is missing: %+v", h)
	}
	if !h.Clock.Now().Equal(start) {
		t.Errorf("the home's clock shows %v, want %v", h.Clock.Now(), start)
	}
	records, _, err := h.Ledger.Append(context.Background(), ledger.Entry{Kind: "test", Key: "k"})
	if err != nil || !records[0].Time.Equal(start.Truncate(time.Millisecond)) {
		t.Errorf("the record's time is not the clock's: %v, %v", records, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.Clock.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled sleep returned %v", err)
	}
	for range 2 {
		if err := h.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}
