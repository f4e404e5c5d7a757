package hometest

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

// issue issues a report of the system.
func (s *scene) issue(number string) everqual.Digest {
	s.t.Helper()
	r := everqual.ReportIssued{System: "LIMS", Number: number, Digest: everqual.DigestOf([]byte(number))}
	if _, err := s.Issued(s.t.Context(), r); err != nil {
		s.t.Fatal(err)
	}
	return r.Digest
}

// aReportIsDecidedAboutOnce: of answers that come together one holds, the same one
// again changes nothing, another one is refused, and it all comes to be told.
func aReportIsDecidedAboutOnce(t *testing.T, s *scene) {
	report, other := s.issue("IQ-1"), s.issue("IQ-2")
	answers := []everqual.ReportDecided{
		{Report: report, Decision: everqual.Approved, By: "A. Person", Reason: "as expected"},
		{Report: report, Decision: everqual.Rejected, By: "B. Person", Reason: "it is open"},
	}
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() { _, errs[i] = s.Decide(t.Context(), answers[i%2]) })
	}
	all.Wait()
	holds, err := s.Decision(t.Context(), report)
	if err != nil || holds == nil || holds.System != "LIMS" || holds.Number != "IQ-1" || holds.Answered.IsZero() {
		t.Fatalf("%+v, %v", holds, err)
	}
	for i, err := range errs {
		var refused flow.Refused
		if same := holds.Same(answers[i%2]); same && err != nil || !same && !errors.As(err, &refused) {
			t.Errorf("%v: %v, and what holds is %v", answers[i%2], err, holds)
		} else if !same && !strings.Contains(refused.Why, holds.String()) {
			t.Errorf("%q does not say what holds", refused.Why)
		}
	}
	again := holds.ReportDecided
	again.By, again.Answered = " "+again.By+" ", again.Answered.Add(time.Hour)
	if d, err := s.Decide(t.Context(), again); err != nil || d != *holds {
		t.Errorf("the same again is %+v, %v; want %+v", d, err, holds)
	}
	if d, err := s.Decision(t.Context(), other); err != nil || d != nil {
		t.Errorf("of the other report: %+v, %v", d, err)
	}
	if _, err := s.TellDecided(t.Context(), other, ""); !everqual.IsPermanent(err) {
		t.Errorf("told of what was not decided: %v", err)
	}
	for _, refused := range []string{"", "", "why"} {
		if _, err := s.TellDecided(t.Context(), report, refused); err != nil {
			t.Fatal(err)
		}
	}
	s.work()
	if n := s.told("LIMS report IQ-1 was " + string(holds.Decision)); n != 2 {
		t.Errorf("%d notices, want the decision and what was refused", n)
	}
}

// nobodyDecidesInTime: that is recorded once for each time it was asked, a decision
// may follow, and where there is one it holds.
func nobodyDecidesInTime(t *testing.T, s *scene) {
	report := s.issue("IQ-1")
	silent := everqual.ReportDecided{Report: report, Asked: morning, Answered: morning.Add(time.Hour)}
	count := func(want int, decision everqual.Decision) {
		t.Helper()
		n := 0
		for r, err := range s.Ledger.Records(t.Context(), ledger.Query{Kind: everqual.KindApproval}) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; r.Subjects[0] != "LIMS" || r.Subjects[1] != "report:"+string(report) {
				t.Errorf("it is found by %v", r.Subjects)
			}
		}
		all, err := s.Decisions(t.Context())
		if err != nil || n != want || all[report].Decision != decision {
			t.Errorf("%d records, want %d, and the report is %v, want %s, %v", n, want, all[report], decision, err)
		}
	}
	for range 2 {
		if err := s.NotAnswered(t.Context(), silent); err != nil {
			t.Fatal(err)
		}
	}
	count(1, everqual.Unanswered)
	silent.Asked = silent.Asked.Add(time.Hour)
	if err := s.NotAnswered(t.Context(), silent); err != nil {
		t.Fatal(err)
	}
	count(2, everqual.Unanswered)
	if _, err := s.Decide(t.Context(), everqual.ReportDecided{Report: report, Decision: everqual.Approved, By: "A. Person", Reason: "late"}); err != nil {
		t.Fatal(err)
	}
	silent.Asked = silent.Asked.Add(time.Hour)
	if err := s.NotAnswered(t.Context(), silent); err != nil {
		t.Fatal(err)
	}
	count(3, everqual.Approved)
	silent.Report = everqual.DigestOf(nil)
	if err := s.NotAnswered(t.Context(), silent); !everqual.IsPermanent(err) {
		t.Errorf("about no report: %v", err)
	}
}
