package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
)

// between is a store that lets something happen once, just before we read
// records or append: what another process does between our reading and our
// writing.
type between struct {
	ledger.Store
	at     string // "range" or "append"
	happen func()
}

func (b *between) now(at string) {
	if happen := b.happen; happen != nil && b.at == at {
		b.happen = nil
		happen()
	}
}

func (b *between) Range(ctx context.Context, q ledger.Query) ([]everqual.Record, error) {
	b.now("range")
	return b.Store.Range(ctx, q)
}

func (b *between) Append(ctx context.Context, after ledger.Head, records []everqual.Record) error {
	b.now("append")
	return b.Store.Append(ctx, after, records)
}

func seen(minute int, state string) everqual.Observation {
	return everqual.Observation{
		Resource: everqual.Resource{ID: "arn:r"}, State: everqual.Present, Digest: everqual.DigestOf([]byte(state)),
		CollectedAt: time.Date(2026, 3, 1, 12, minute, 0, 0, time.UTC),
	}
}

// TestOvertaken lets another ledger record an observation while ours is on its
// way. The last version must be the state that was collected last.
func TestOvertaken(t *testing.T) {
	tests := []struct {
		name          string
		ours, theirs  everqual.Observation
		versions      int
		state         string
		seen, records int
	}{
		{"a confirmation of a version that is no longer the last", seen(5, "small"), seen(3, "large"), 3, "small", 5, 3},
		{"a confirmation older than the other's version", seen(3, "small"), seen(5, "large"), 2, "large", 5, 2},
		{"both see the same change", seen(3, "large"), seen(4, "large"), 2, "large", 4, 2},
		{"both see the same change, ours later", seen(4, "large"), seen(3, "large"), 2, "large", 4, 3},
		{"both see a change", seen(5, "large"), seen(3, "huge"), 3, "large", 5, 3},
		{"our change is the older one", seen(3, "large"), seen(5, "huge"), 2, "huge", 5, 2},
		{"the same observation twice", seen(3, "large"), seen(3, "large"), 2, "large", 3, 2},
	}
	for i := range 2 * len(tests) {
		test, at := tests[i/2], []string{"range", "append"}[i%2]
		t.Run(test.name+" before "+at, func(t *testing.T) {
			ctx, memory := context.Background(), &ledgertest.Memory{}
			theirs := ledger.New(memory, time.Now)
			observe := func(l *ledger.Ledger, o everqual.Observation) {
				if _, err := l.Observe(ctx, o); err != nil {
					t.Fatal(err)
				}
			}
			observe(theirs, seen(0, "small"))
			observe(ledger.New(&between{memory, at, func() { observe(theirs, test.theirs) }}, time.Now), test.ours)
			last, err := theirs.Latest(ctx, "arn:r")
			if err != nil || last.Version != test.versions || last.Digest != seen(0, test.state).Digest || last.SeenAt.Minute() != test.seen {
				t.Errorf("latest is version %d, seen at minute %d, %v; want %+v", last.Version, last.SeenAt.Minute(), err, test)
			}
			if head, _ := theirs.Head(ctx); int(head.Sequence) != test.records {
				t.Errorf("%d records, want %d", head.Sequence, test.records)
			}
		})
	}
}

// TestOvertakenJudge lets another ledger record an assessment while ours is on
// its way.
func TestOvertakenJudge(t *testing.T) {
	judged := func(version int, o everqual.Outcome) everqual.Assessment {
		return everqual.Assessment{
			Resource: everqual.Resource{ID: "arn:r"}, Version: version,
			Specification: everqual.SpecificationRef{ID: "s", Version: "1"},
			Verdicts:      []everqual.Verdict{{TestCase: "1", Outcome: o}},
		}
	}
	tests := []struct {
		name         string
		ours, theirs everqual.Assessment
		changed      bool
		records      uint64
	}{
		{"the same", judged(1, everqual.Pass), judged(1, everqual.Pass), false, 1},
		{"another outcome", judged(1, everqual.Pass), judged(1, everqual.Fail), true, 2},
		{"of a newer version", judged(1, everqual.Pass), judged(2, everqual.Fail), false, 1},
		{"of an older version", judged(2, everqual.Pass), judged(1, everqual.Fail), true, 2},
	}
	for i := range 2 * len(tests) {
		test, at := tests[i/2], []string{"range", "append"}[i%2]
		t.Run(test.name+" before "+at, func(t *testing.T) {
			ctx, memory := context.Background(), &ledgertest.Memory{}
			theirs := ledger.New(memory, time.Now)
			ours := ledger.New(&between{memory, at, func() {
				if _, err := theirs.Judge(ctx, test.theirs); err != nil {
					t.Error(err)
				}
			}}, time.Now)
			changed, err := ours.Judge(ctx, test.ours)
			if err != nil || changed != test.changed {
				t.Errorf("changed %t, %v; want %t", changed, err, test.changed)
			}
			if head, _ := theirs.Head(ctx); head.Sequence != test.records {
				t.Errorf("%d records, want %d", head.Sequence, test.records)
			}
		})
	}
}
