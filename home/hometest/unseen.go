package hometest

import (
	"testing"
	"time"

	"github.com/everqual/everqual"
)

// observeOnly records what the instance is now, as a program does that is killed before
// it judges.
func (s *scene) observeOnly(tags map[string]string) {
	s.t.Helper()
	s.aws.set(instance, "m5.xlarge", tags)
	s.clock.Advance(time.Hour)
	r, _ := s.Rules.Resource(instance)
	o, _, _, err := s.Collector.Observe(s.t.Context(), r)
	if err == nil {
		_, err = s.Ledger.Observe(s.t.Context(), o)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// judged is a scene with a version that passed, and the specifications in force recorded.
func (s *scene) judged() {
	s.t.Helper()
	if err := s.Rejudge(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.expect("v1 APP-01 PASS")
}

// whatNobodyJudgedIsJudged though no message asks for it and no specification is new.
func whatNobodyJudgedIsJudged(t *testing.T, s *scene) {
	s.judged()
	s.observeOnly(map[string]string{"System": "LIMS"})
	for range 2 {
		if err := s.Rejudge(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.expect("v2 APP-01 FAIL", "v2 SELECTION FAIL")
	}
	if n := s.count(everqual.KindAssessment); n != 2 {
		t.Errorf("%d assessments are recorded, want 2", n)
	}
	if s.work(); len(s.post.notices) != 1 {
		t.Errorf("people were told %d times, want once", len(s.post.notices))
	}
}

// whatNobodyJudgedLetsNothingGo: the version after it is judged by what judged the one
// before, though its tags no longer ask for it.
func whatNobodyJudgedLetsNothingGo(t *testing.T, s *scene) {
	s.judged()
	s.observeOnly(nil)
	s.aws.set(instance, "m5.large", nil)
	s.clock.Advance(time.Hour)
	s.run(modify("e3", s.clock.Now()))
	s.expect("v3 APP-01 PASS", "v3 SELECTION FAIL")
}

// changesThatNobodyLookedAt are those later than the last look, though it found nothing
// new; a report that shows one is followed by another when somebody has looked.
func changesThatNobodyLookedAt(t *testing.T, s *scene) {
	s.reportsOnChange()
	s.judged()
	unseen := func(want int) {
		t.Helper()
		members, err := s.Members(t.Context(), s.Library.Systems()[0])
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Unseen(t.Context(), members)
		if err != nil || len(got[instance]) != want {
			t.Errorf("unseen are %+v, %v; want %d events", got, err, want)
		}
	}
	unseen(0)
	s.clock.Advance(time.Hour)
	s.run(modify("e2", s.clock.Now()))
	if unseen(0); len(s.issued()) != 1 {
		t.Errorf("reports show %v records, though nothing had changed", s.issued())
	}
	s.clock.Advance(time.Hour)
	s.accept(modify("e3", s.clock.Now()), modify("e4", s.clock.Now()))
	unseen(2)
	head, err := s.Ledger.Head(t.Context())
	if err == nil {
		_, err = s.Issued(t.Context(), everqual.ReportIssued{System: "LIMS", Digest: everqual.DigestOf([]byte("in between")), Records: head.Sequence})
	}
	if err != nil {
		t.Fatal(err)
	}
	s.accept(modify("e5", s.clock.Now()))
	s.work()
	if unseen(0); len(s.issued()) != 3 {
		t.Errorf("reports show %v records, want another one that shows the look", s.issued())
	}
}
