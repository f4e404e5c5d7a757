package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/report"
	"github.com/everqual/everqual/verify"
)

// What was deleted before its time is found, though the deletion is recorded and signed;
// what was deleted in its time is not.
func TestDeletedBeforeItsTime(t *testing.T) {
	past := everqual.Retention{Kind: everqual.KindObservation, Keep: "1d", By: "q", Reason: "r"}
	for name, c := range map[string]struct {
		before  []any
		shared  bool // the reply goes, the evidence stays
		finding string
	}{
		"no rule":           {nil, false, "is kept for ever"},
		"too early":         {[]any{past}, false, "before its time: record 1 rests on it until"},
		"another kind":      {[]any{everqual.Retention{Kind: everqual.KindReport, Keep: "1d"}}, false, "is kept for ever"},
		"a shared reply":    {nil, true, "what it rests on is not in the archive"},
		"the evidence gone": {[]any{past, "no record"}, false, "what it rests on is not in the archive"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, a := context.Background(), &app{home: smallHome(t)}
			home, err := a.reader(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer home.Close()
			first, _, err := home.Ledger.Find(ctx, "observation:arn:aws:ec2:eu-central-1:111122223333:volume/vol-0:v1")
			if err != nil {
				t.Fatal(err)
			}
			d := flow.RestsOn(first)[0]
			if c.shared {
				d = everqual.DigestOf([]byte("<page/>"))
			}
			recorded := true
			for _, b := range c.before {
				if r, ok := b.(everqual.Retention); ok {
					err = home.Retain(ctx, r)
				} else {
					recorded = false
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if recorded {
				err = dispose(ctx, home, d, nil)
			} else {
				err = home.Archive.(flow.Eraser).Erase(ctx, d)
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := home.Close(); err != nil {
				t.Fatal(err)
			}
			r, err := a.verifyHome(ctx, verify.Trust{}, false)
			if err != nil || r.OK() || !strings.Contains(r.Findings[0].Message, c.finding) {
				t.Errorf("%+v, %v; want %q", r.Findings, err, c.finding)
			}
		})
	}
}

// dispose deletes what perhaps nothing allows to be deleted, with something that comes between.
func dispose(ctx context.Context, home *flow.Corridor, d everqual.Digest, between func() error) error {
	s, err := home.Retained(ctx)
	if err == nil && between != nil {
		err = between()
	}
	if err != nil {
		return err
	}
	s.Expired = []everqual.Digest{d}
	return home.DisposeOf(ctx, s, "somebody", "because")
}

// A hold that is placed after somebody looked at what may be deleted, and before it is
// deleted, is heeded.
func TestHoldInBetween(t *testing.T) {
	ctx, a := context.Background(), &app{home: smallHome(t)}
	home, err := a.reader(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	d := everqual.DigestOf([]byte("<page/>"))
	err = dispose(ctx, home, d, func() error {
		_, err := home.Hold(ctx, everqual.Hold{ID: "case-7", Subjects: []string{"*"}, By: "counsel", Reason: "a suit"})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "look again") {
		t.Errorf("deleted in spite of the hold: %v", err)
	}
	if _, err := home.Archive.Get(ctx, d); err != nil {
		t.Errorf("it is gone: %v", err)
	}
	if gone, err := home.Disposed(ctx); err != nil || len(gone) > 0 {
		t.Errorf("a deletion is recorded: %v, %v", gone, err)
	}
}

func TestTerms(t *testing.T) {
	for _, s := range []string{"", "y", "0y", "-1d", "10", "1w", "1.5y", "ten years", "100001d", "+1d", "01d"} {
		if got, err := everqual.ParseTerm(s); err == nil {
			t.Errorf("%q is the term %q", s, got)
		}
	}
	at, err := beginning("from", "2026-03-01")
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]string{"10y": "2036-03-01", "18m": "2027-09-01", "90d": "2026-05-30", "": "9999-12-31"} {
		if got := everqual.Term(s).After(at).Format("2006-01-02"); got != want {
			t.Errorf("%q ends on %s, want %s", s, got, want)
		}
	}
	for at, ends := range map[string]map[string]string{
		"2026-01-31": {"1m": "2026-03-03", "28d": "2026-02-28"},
		"2028-01-31": {"1m": "2028-03-02"},
		"2028-02-29": {"1y": "2029-03-01", "4y": "2032-02-29"},
		"2026-03-01": {"banana": "9999-12-31", "+1d": "9999-12-31"},
	} {
		from, err := beginning("from", at)
		if err != nil {
			t.Fatal(err)
		}
		for s, want := range ends {
			if got := everqual.Term(s).After(from).Format("2006-01-02"); got != want {
				t.Errorf("%q from %s ends on %s, want %s", s, at, got, want)
			}
		}
	}
}

// A report is written though what it rests on is gone; that this was no disposal is an
// error.
func TestReportOfWhatIsGone(t *testing.T) {
	for name, c := range map[string]struct {
		recorded  bool
		says, err string
	}{
		"disposed of": {true, "1 blob that it rests on is not among the files: deleted when the retention had passed, by somebody at", ""},
		"lost":        {false, "", "the report is written, but 1 blob that it rests on is not in the archive and no disposal is recorded"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, a, out := context.Background(), &app{home: smallHome(t)}, t.TempDir()
			home, err := a.reader(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer home.Close()
			first, _, err := home.Ledger.Find(ctx, "observation:arn:aws:ec2:eu-central-1:111122223333:volume/vol-0:v1")
			if err != nil {
				t.Fatal(err)
			}
			d := flow.RestsOn(first)[0]
			if c.recorded {
				err = dispose(ctx, home, d, nil)
			} else {
				err = home.Archive.(flow.Eraser).Erase(ctx, d)
			}
			if err != nil {
				t.Fatal(err)
			}
			missing, err := writeFiles(ctx, home, report.Report{Inventory: []report.Item{{Evidence: d}}}, out)
			if err != nil || len(missing) != 1 {
				t.Fatalf("missing are %v, %v", missing, err)
			}
			for _, f := range reportFormats() {
				if _, err := os.Stat(filepath.Join(out, f.name)); err != nil {
					t.Error(err)
				}
			}
			var said strings.Builder
			err = sayMissing(ctx, &said, home, missing)
			if !strings.Contains(said.String(), c.says) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("it says %q, %v", said.String(), err)
			}
		})
	}
}
