package function_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
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

type outcome struct {
	Decided  bool
	Decision *everqual.Decided
	Refused  string
}

// answers has an answer recorded that came an hour after it was asked for.
func (s *scene) answers(verb string, report everqual.Digest, answer string) outcome {
	s.t.Helper()
	return decoded[outcome](s, "task", fmt.Sprintf(`{"do":%q,"report":%q,"answer":%s,"execution":"arn:x","asked":"2026-11-02T08:00:00Z","at":"2026-11-02T09:00:00Z"}`, verb, report, answer))
}

func answer(decision, by, reason string) string {
	return fmt.Sprintf(`{"decision":%q,"by":%q,"reason":%q}`, decision, by, reason)
}

// TestAnswersThatAreNone are refused with what is wrong, and record nothing.
func TestAnswersThatAreNone(t *testing.T) {
	s := newScene(t)
	report, other := s.issue("IQ-1"), s.issue("IQ-2")
	for name, tc := range map[string]struct{ answer, want string }{
		"null":                {`null`, `the decision is "approved" or "rejected", not ""; the full name of who decides is missing; the reason is missing`},
		"a text":              {`"approved"`, "it is no object"},
		"a list":              {`[{"decision":"approved"}]`, "it is no object"},
		"a mistyped decision": {answer("aproved", "A. Person", "r"), `not "aproved"`},
		"another case":        {answer("APPROVED", "A. Person", "r"), `not "APPROVED"`},
		"no decision of his":  {answer("unanswered", "A. Person", "r"), `not "unanswered"`},
		"a mistyped key":      {`{"decison":"approved","by":"A. Person","reason":"r"}`, `unknown field "decison"`},
		"nobody":              {answer("approved", " ", "r"), "the full name of who decides is missing"},
		"no reason":           {answer("rejected", "A. Person", ""), "the reason is missing"},
		"no text":             {`{"decision":"rejected","by":7,"reason":"r"}`, "it is no object"},
		"as it was proposed":  {answer("approved", "NAME", "TEXT"), "NAME and TEXT stand for"},
		"half as proposed":    {answer("approved", "A. Person", "TEXT"), "NAME and TEXT stand for"},
		"two lines":           {answer("approved", "A.\nPerson", "r"), "the full name of who decides is not one line of text"},
		"a long name":         {answer("approved", strings.Repeat("é", 201), "r"), "more than 200 characters"},
		"another report":      {fmt.Sprintf(`{"decision":"approved","by":"A. Person","reason":"r","report":%q}`, other), "it is about the report " + string(other)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := s.answers("decide", report, tc.answer); got.Decided || got.Decision != nil || !strings.Contains(got.Refused, tc.want) {
				t.Errorf("%+v, want it refused with %q", got, tc.want)
			}
		})
	}
	if n := len(bodies[everqual.ReportDecided](s, everqual.KindApproval)); n != 0 {
		t.Errorf("%d decisions are recorded", n)
	}
}

// TestDecide: what Step Functions repeats changes nothing, what comes later is told.
func TestDecide(t *testing.T) {
	s := newScene(t)
	report := s.issue("IQ-1")
	want := everqual.ReportDecided{System: "LIMS", Number: "IQ-1", Report: report, Decision: everqual.Approved, By: "A. Person", Reason: "as expected",
		Execution: "arn:x", Asked: morning, Answered: morning.Add(time.Hour)}
	for range 2 {
		if got := s.answers("decide", report, fmt.Sprintf(`{"decision":"approved","by":"A. Person","reason":"as expected","report":%q}`, report)); !got.Decided ||
			got.Refused != "" || got.Decision.ReportDecided != want || got.Decision.Entry != 3 { // behind report and specification
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	late := s.answers("decide", report, answer("rejected", "B. Person", "it is open"))
	if !late.Decided || late.Decision.ReportDecided != want || !strings.Contains(late.Refused, "this one was approved by A. Person at 2026-11-02 09:00:00Z (entry 3): as expected") {
		t.Errorf("%+v", late)
	}
	if none := s.answers("decide", report, `"no"`); !none.Decided || !strings.Contains(none.Refused, "no object") {
		t.Errorf("%+v", none)
	}
	if silent := s.answers("unanswered", report, `null`); !silent.Decided || silent.Decision.ReportDecided != want {
		t.Errorf("%+v", silent)
	}
	if all := bodies[everqual.ReportDecided](s, everqual.KindApproval); len(all) != 1 {
		t.Errorf("recorded %+v", all)
	}
	for _, refused := range []string{"", "", late.Refused} {
		decoded[any](s, "task", fmt.Sprintf(`{"do":"publish","report":%q,"refused":%q}`, report, refused))
	}
	if _, err := s.Work(t.Context()); err != nil || len(s.post.notices) != 2 {
		t.Fatalf("told of %+v, %v", s.post.notices, err)
	}
	for _, n := range s.post.notices {
		if n.Title != "LIMS report IQ-1 was approved" || n.Text != "by A. Person: as expected" {
			t.Errorf("told of %+v", n)
		}
	}
}

// TestUnanswered: a decision may follow.
func TestUnanswered(t *testing.T) {
	s := newScene(t)
	report := s.issue("IQ-1")
	for range 2 {
		if got := s.answers("unanswered", report, `null`); got.Decided || got.Decision != nil {
			t.Errorf("%+v", got)
		}
	}
	if got := s.answers("decide", report, answer("rejected", "B. Person", "late")); !got.Decided || got.Decision.Decision != everqual.Rejected {
		t.Errorf("%+v", got)
	}
	all := bodies[everqual.ReportDecided](s, everqual.KindApproval)
	if len(all) != 2 || all[0].Decision != everqual.Unanswered || all[0].Asked != morning || all[0].Answered != morning.Add(time.Hour) {
		t.Errorf("recorded %+v", all)
	}
}
