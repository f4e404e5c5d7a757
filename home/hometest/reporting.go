package hometest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/specification"
)

// press makes reports of a system that wants one on every change, and remembers
// what they were made for.
type press struct {
	s       *scene
	made    []uint64
	fail    error
	onPrint func()
}

func (s *scene) reportsOnChange() *press {
	s.t.Helper()
	l, problems := specification.Load(fstest.MapFS{
		"system.json": {Data: []byte(`{"id": "LIMS", "title": "LIMS", "scope": {"tags": {"System": "LIMS"}}, "report": {"on": "change"}}`)},
		"app.json":    {Data: []byte(specFile)},
	}, "")
	if len(problems) > 0 {
		s.t.Fatal(problems)
	}
	p := &press{s: s}
	s.Library, s.Report = l, p.print
	return p
}

func (p *press) print(ctx context.Context, c *flow.Corridor, s everqual.System, why uint64) (everqual.ReportIssued, flow.Notice, error) {
	head, err := c.Ledger.Head(ctx)
	if p.onPrint != nil {
		p.onPrint()
	}
	p.made = append(p.made, why)
	d := everqual.DigestOf(fmt.Appendf(nil, "%d at %s", head.Sequence, c.Clock.Now()))
	return everqual.ReportIssued{System: s.ID, Digest: d, Records: head.Sequence},
		flow.Notice{ID: "report:" + string(d), System: s.ID, Title: "report", Time: c.Clock.Now()}, errors.Join(err, p.fail)
}

// issued are how many records each report shows.
func (s *scene) issued() (records []uint64) {
	s.t.Helper()
	for r, err := range ledger.Bodies[everqual.ReportIssued](s.t.Context(), s.Ledger, ledger.Query{Kind: everqual.KindReport, Subject: "LIMS"}) {
		if err != nil {
			s.t.Fatal(err)
		}
		records = append(records, r.Body.Records)
	}
	return records
}

func (s *scene) told(title string) (n int) {
	for _, notice := range s.post.notices {
		if notice.Title == title {
			n++
		}
	}
	return n
}

func other(n int) everqual.ResourceID {
	return everqual.ResourceID(fmt.Sprintf("arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef%d", n))
}

// changesAreReportedTogether: three resources that change at once give one report,
// when they have settled; what changes nothing gives none, and neither does what
// belongs to another system.
func changesAreReportedTogether(t *testing.T, s *scene) {
	press := s.reportsOnChange()
	touch := func(round int) {
		for i := range 3 {
			s.accept(event(fmt.Sprint(round, "-", i), "ModifyInstanceAttribute", s.clock.Now(), fmt.Sprintf(`{"instanceId":"i-0123456789abcdef%d"}`, i)))
		}
		s.work()
	}
	for i := range 3 {
		s.aws.set(other(i), "m5.large", appTags)
	}
	touch(1)
	if got := s.issued(); len(got) != 1 || s.told("report") != 1 {
		t.Fatalf("reports show %v records, %d notices; want one report", got, s.told("report"))
	}
	if last, _ := s.Ledger.Latest(t.Context(), other(2)); s.clock.Now().Before(last.SeenAt.Add(s.Settings.Reports)) {
		t.Errorf("the report was issued at %s, before the change of %s had settled", s.clock.Now(), last.SeenAt)
	}
	s.clock.Advance(time.Hour)
	touch(2)
	if got := s.issued(); len(got) != 1 {
		t.Errorf("reports show %v records, though nothing had changed", got)
	}
	s.aws.set(other(1), "m5.xlarge", appTags)
	s.aws.set(other(2), "m5.large", map[string]string{"System": "ERP"}) // it was selected before, and stays
	s.clock.Advance(time.Hour)
	touch(3)
	if got := s.issued(); len(got) != 2 || got[0] >= got[1] {
		t.Errorf("reports show %v records, want one more", got)
	}
	foreign := other(3)
	s.aws.set(foreign, "m5.large", map[string]string{"System": "ERP"})
	s.clock.Advance(time.Hour)
	s.run(event("foreign", "ModifyInstanceAttribute", s.clock.Now(), `{"instanceId":"i-0123456789abcdef3"}`))
	if got := s.issued(); len(got) != 2 || len(press.made) != 2 {
		t.Errorf("what belongs to no system was reported: %v", got)
	}
}

// noReportIsLostOrMadeTwice: a change that is recorded while a report is made is
// shown by the next one; a report that fails is tried again; the message of a
// system that no longer asks is let go.
func noReportIsLostOrMadeTwice(t *testing.T, s *scene) {
	press := s.reportsOnChange()
	s.aws.set(instance, "m5.large", appTags)
	press.onPrint = func() {
		press.onPrint = nil
		s.aws.set(instance, "m5.xlarge", appTags)
		s.clock.Advance(time.Minute)
		r, _ := s.Rules.Resource(instance)
		if _, err := s.Look(t.Context(), r, s.clock.Now(), 1); err != nil {
			t.Error(err)
		}
	}
	s.run(modify("e1", morning))
	got := s.issued()
	last, err := s.Ledger.Latest(t.Context(), instance)
	if err != nil || last.Version != 2 || len(got) != 2 || got[1] < last.Record.Sequence {
		t.Fatalf("reports show %v records; the change that came in between is record %d, %v", got, last.Record.Sequence, err)
	}
	made := len(press.made)
	for range 2 { // as after a crash
		if err := s.Judge(t.Context(), last); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.work(); n.Done != 0 || len(press.made) != made {
		t.Errorf("what was reported asked for %d messages and %d reports", n.Done, len(press.made)-made)
	}

	s.aws.set(instance, "m5.large", appTags)
	s.clock.Advance(time.Hour)
	press.fail = errors.New("the archive is throttled")
	s.accept(modify("e2", s.clock.Now()))
	until, stop := context.WithCancel(t.Context())
	press.onPrint = stop // told to stop at the first failure
	if n, err := s.WorkUntil(t.Context(), until); err != nil || n.Retried == 0 || n.Left != 1 {
		t.Fatalf("work is %+v, %v", n, err)
	}
	if press.fail = nil; s.work().DeadLetters > 0 || len(s.issued()) != 3 {
		t.Errorf("reports show %v records, want a third report", s.issued())
	}

	s.aws.set(instance, "m5.xlarge", appTags)
	s.clock.Advance(time.Hour)
	s.accept(modify("e3", s.clock.Now()))
	s.Library = library(t, specFile)
	if n := s.work(); n.Retried+n.DeadLetters > 0 || slices.Max(s.issued()) >= s.lastVersion().Record.Sequence {
		t.Errorf("a system that asks for no report any more got one: %+v, %v", n, s.issued())
	}
}

func (s *scene) lastVersion() ledger.Observed {
	s.t.Helper()
	o, err := s.Ledger.Latest(s.t.Context(), instance)
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}
