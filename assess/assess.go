// Package assess judges observations: record by specification gives verdicts,
// and two observations give the drift between them. It is pure and total:
// every test case gets a verdict, and what could not be read or compared is
// NOT EVALUATED with its reason, never PASS.
package assess

import (
	"fmt"
	"time"

	"github.com/everqual/everqual"
)

// Assess judges an observation by a specification: one verdict per test case,
// in order. It does not ask whether the specification selects the resource or
// is in force. The same arguments always give the same assessment.
func Assess(o everqual.Observation, s everqual.Specification, at time.Time) everqual.Assessment {
	a := everqual.Assessment{
		System: s.System, Resource: o.Resource, Version: o.Version,
		Observation: o.Digest, Evidence: o.Evidence, CollectedAt: o.CollectedAt,
		Specification: s.Ref(), AssessedAt: at,
		Verdicts: make([]everqual.Verdict, 0, len(s.TestCases)),
	}
	subject := newSubject(o)
	for _, tc := range s.TestCases {
		a.Verdicts = append(a.Verdicts, subject.verdict(tc))
	}
	return a
}

// subject is an observation made ready to be judged.
type subject struct {
	observation everqual.Observation
	root        map[string]any // attributes as clean JSON, unread ones poisoned
	// blank, when set, is the outcome of every test case: there is no state to
	// judge.
	blank *everqual.Verdict
}

func newSubject(o everqual.Observation) *subject {
	s := &subject{observation: o}
	if o.State == everqual.Deleted {
		s.blank = &everqual.Verdict{Outcome: everqual.NotApplicable, Detail: "the resource was deleted"}
		return s
	}
	for _, u := range o.Unread {
		if topLevel(u.Path) == "" {
			s.blank = notEvaluated(u.Reason, "the resource could not be read"+because(u))
			return s
		}
	}
	if o.State != everqual.Present {
		s.blank = notEvaluated(everqual.Invalid, fmt.Sprintf("the observation has the unknown state %q", o.State))
		return s
	}
	root, err := prepare(o)
	if err != nil {
		s.blank = notEvaluated(everqual.Invalid, "the attributes are not JSON: "+err.Error())
	}
	s.root = root
	return s
}

func notEvaluated(reason everqual.Reason, detail string) *everqual.Verdict {
	if reason == "" {
		reason = everqual.Invalid
	}
	return &everqual.Verdict{Outcome: everqual.NotEvaluated, Reason: reason, Detail: detail}
}

// verdict judges one test case. A defect in here must not take the other
// verdicts with it, so a panic is NOT EVALUATED too.
func (s *subject) verdict(tc everqual.TestCase) (v everqual.Verdict) {
	defer func() {
		if r := recover(); r != nil {
			v = dress(tc, notEvaluated(everqual.Invalid, fmt.Sprintf("the test case cannot be evaluated: %v", r)))
		}
	}()
	if s.blank != nil {
		return dress(tc, s.blank)
	}
	return dress(tc, s.judge(tc))
}

// dress adds to an outcome what the test case says of itself.
func dress(tc everqual.TestCase, outcome *everqual.Verdict) everqual.Verdict {
	v := *outcome
	v.TestCase, v.Title, v.Risk, v.Rationale = tc.ID, tc.Title, tc.Risk, tc.Rationale
	v.Requirements, v.Controls = tc.Requirements, tc.Controls
	v.Attribute, v.Expected = tc.Attribute, Expected(tc)
	return v
}

// judge selects the attribute and holds it against the expectation.
func (s *subject) judge(tc everqual.TestCase) *everqual.Verdict {
	value, err := s.selectAttribute(tc.Attribute)
	if err != nil {
		return notEvaluated(err.reason, err.detail)
	}
	v := s.compare(tc, value)
	if _, none := value.(*absent); !none {
		v.Actual = compact(value)
	}
	return v
}
