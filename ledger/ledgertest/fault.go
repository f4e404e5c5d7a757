package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// plans are the faults that a write meets, and those after it.
var plans = map[string][]Fault{
	"lost twice":           {Lost, Lost},
	"persisted twice":      {Persisted, Persisted},
	"lost, then persisted": {Lost, Persisted},
	"persisted, then lost": {Persisted, Lost},
}

// everyWriteFailed lets each write of a history fail in each way. Repeating
// the operation until it succeeds must give the very records of a history in
// which nothing failed.
func everyWriteFailed(t *testing.T, open func(t *testing.T) ledger.Store) {
	clean := &Faulty{Store: &Memory{}}
	want := live(t, clean)
	for name, plan := range plans {
		for at := range clean.Writes() {
			t.Run(fmt.Sprintf("write %d %s", at, name), func(t *testing.T) {
				same(t, want, live(t, &Faulty{Store: open(t), Plan: func(write int) Fault {
					if i := write - at; i >= 0 && i < len(plan) {
						return plan[i]
					}
					return None
				}}))
			})
		}
	}
	t.Run("every second write", func(t *testing.T) {
		same(t, want, live(t, &Faulty{Store: open(t), Plan: func(write int) Fault {
			return []Fault{Lost, None, Persisted}[write%3]
		}}))
	})
}

func same(t *testing.T, want, got []everqual.Record) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("history with faults (-without +with):\n%s", d)
	}
}

// live takes a ledger through a history, repeating what failed, and returns
// its records.
func live(t *testing.T, s *Faulty) []everqual.Record {
	t.Helper()
	now := time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)
	l := ledger.New(s, func() time.Time { return now })
	for i, step := range history() {
		err := step(l)
		for try := 0; try < 5 && errors.Is(err, ErrFault); try++ {
			err = step(l)
		}
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	return intact(t, l)
}

// history touches every operation that writes.
func history() []func(l *ledger.Ledger) error {
	ctx := context.Background()
	write := func(keys ...string) func(*ledger.Ledger) error {
		return func(l *ledger.Ledger) error {
			var entries []ledger.Entry
			for _, k := range keys {
				entries = append(entries, entry(k))
			}
			_, _, err := l.Append(ctx, entries...)
			return err
		}
	}
	observe := func(minute int, state string, change everqual.State) func(*ledger.Ledger) error {
		return func(l *ledger.Ledger) error {
			o := observation(minute, state)
			o.State = change
			_, err := l.Observe(ctx, o)
			return err
		}
	}
	judge := func(version int, outcome everqual.Outcome) func(*ledger.Ledger) error {
		return func(l *ledger.Ledger) error {
			_, err := l.Judge(ctx, assessment(version, outcome))
			return err
		}
	}
	return []func(l *ledger.Ledger) error{
		write("a", "b", "c"), write("b", "d", "d"),
		observe(0, "small", everqual.Present), judge(1, everqual.Pass),
		observe(1, "small", everqual.Present), judge(1, everqual.Pass),
		observe(2, "large", everqual.Present), judge(2, everqual.Fail),
		observe(3, "", everqual.Deleted), observe(4, "small", everqual.Present), judge(4, everqual.Pass),
		judge(4, everqual.Fail), judge(4, everqual.Pass),
	}
}

// assessment of a version of the observed resource, with one verdict.
func assessment(version int, outcome everqual.Outcome) everqual.Assessment {
	return everqual.Assessment{
		System: "LIMS", Resource: observation(0, "").Resource, Version: version,
		Specification: everqual.SpecificationRef{ID: "app-server", Version: "1.0"},
		Verdicts:      []everqual.Verdict{{TestCase: "TC-01", Expected: `"small"`, Actual: `"small"`, Outcome: outcome}},
		CollectedAt:   observation(version, "").CollectedAt,
		AssessedAt:    time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC),
	}
}
