package function_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

// TestReportOnChange has the judgement of a stream's record ask for a report that
// the function work issues when it is rung for.
func TestReportOnChange(t *testing.T) {
	s := newScene(t)
	s.system = strings.TrimSuffix(systemText, "}") + `, "report": {"on": "change"}}`
	s.Report = func(ctx context.Context, c *flow.Corridor, system everqual.System, why uint64) (everqual.ReportIssued, flow.Notice, error) {
		head, err := c.Ledger.Head(ctx)
		d := everqual.DigestOf(fmt.Append(nil, head.Sequence))
		return everqual.ReportIssued{System: system.ID, Digest: d, Records: head.Sequence}, flow.Notice{ID: string(d), Title: "report"}, err
	}
	issued := func() (n int) { return len(bodies[everqual.ReportIssued](s, everqual.KindReport)) }
	s.heard(modified("e1", one), modified("e2", two))
	s.replies("work", batch(name(observeID("e1", one)), name(observeID("e2", two))), none)
	s.replies("judge", stream([2]string{"observation", arn(one)}, [2]string{"observation", arn(two)}), none)

	var wanted []string
	for a, err := range s.Ledger.Records(t.Context(), ledger.Query{Kind: everqual.KindAssessment}) {
		if err != nil {
			t.Fatal(err)
		}
		wanted = append(wanted, name(fmt.Sprintf("report:LIMS:%d", a.Sequence)))
	}
	if len(wanted) != 2 || s.pending() != 2 {
		t.Fatalf("%d messages wait for %v, want 2", s.pending(), wanted)
	}
	s.replies("work", batch(wanted...), none)
	if issued() != 0 {
		t.Errorf("%d reports were issued before the change had settled", issued())
	}
	s.clock.Advance(s.Settings.Reports)
	s.replies("work", batch(wanted...), none)
	s.replies("work", batch(wanted...), none)
	s.replies("judge", stream([2]string{"observation", arn(one)}), none)
	if issued() != 1 || s.pending() != 1 {
		t.Errorf("%d reports were issued, %d messages wait; want one report, and the notice", issued(), s.pending())
	}
	if _, err := s.Work(t.Context()); err != nil || len(s.post.notices) != 1 || s.post.notices[0].Title != "report" {
		t.Errorf("people were told %+v, %v", s.post.notices, err)
	}
}
