package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// AsOf answers for a system. at is when it was so. known is until when the ledger is
// read, zero for all that it holds: what was appended later is not known yet.
//
// An entry is known at a time when neither it nor any before it was recorded later.
// So what a clock that was set back stamped is not known before what it followed.
func (c *Corridor) AsOf(ctx context.Context, system everqual.System, at, known time.Time) (everqual.AsOf, error) {
	a := asking{c: c, AsOf: everqual.AsOf{
		System: system.ID, At: at.UTC(), KnownAt: known.UTC(), Reasons: []string{},
		Specifications: []everqual.SpecificationThen{}, Resources: []everqual.ResourceThen{},
		Scope: everqual.ScopeThen{Selector: system.Scope, Note: "the scope of the present: the ledger does not say which it was"},
	}}
	for _, step := range []func(context.Context) error{a.ledger, a.scope, a.specifications, a.baseline, a.reports} {
		if err := step(ctx); err != nil {
			return everqual.AsOf{}, err
		}
	}
	members, err := a.members(ctx)
	if err != nil {
		return everqual.AsOf{}, err
	}
	for _, r := range members {
		if err := a.resource(ctx, r); err != nil {
			return everqual.AsOf{}, err
		}
	}
	a.conclude()
	return a.AsOf, nil
}

// asking is an answer in the making.
type asking struct {
	c *Corridor
	everqual.AsOf
	inForce []everqual.Specification // of the system, at that time
	awaited int                      // versions that one of them had yet to judge
}

// ledger notes how much of the ledger there was.
func (a *asking) ledger(ctx context.Context) (err error) {
	if a.KnownAt.IsZero() {
		err = a.all(ctx)
	} else {
		err = a.until(ctx)
	}
	if err != nil {
		return err
	}
	for d, err := range ledger.Bodies[everqual.Checkpoint](ctx, a.c.Ledger, ledger.Query{Kind: everqual.KindCheckpoint, Descending: true}) {
		if err != nil {
			return err
		}
		if d.Record.Sequence <= a.Records {
			a.Root, a.RootSize = d.Body.Root, d.Body.Size
			break
		}
	}
	return nil
}

// all is the ledger as it is. Where a clock was set back its last record may be of a
// time to come.
func (a *asking) all(ctx context.Context) (err error) {
	now, records, err := a.c.Latest(ctx)
	a.KnownAt, a.Records = now.UTC(), records
	return err
}

// Latest is until when the ledger can say anything, and how many records it has: it
// is now, or the time of the last record where the clock was set back since.
func (c *Corridor) Latest(ctx context.Context) (now time.Time, records uint64, err error) {
	now = c.Clock.Now()
	for r, err := range c.Ledger.Records(ctx, ledger.Query{Descending: true, Limit: 1}) {
		return later(now, r.Time), r.Sequence, err
	}
	return now, 0, nil
}

// until reads the ledger up to the first record of a later time.
func (a *asking) until(ctx context.Context) error {
	for r, err := range a.c.Ledger.Records(ctx, ledger.Query{}) {
		if err != nil {
			return err
		}
		if r.Time.After(a.KnownAt) {
			break
		}
		a.Records = r.Sequence
	}
	return nil
}

// known tells whether the ledger held the record.
func (a *asking) known(r everqual.Record) bool { return r.Sequence <= a.Records }

func (a *asking) baseline(ctx context.Context) error {
	for d, err := range ledger.Bodies[everqual.Baseline](ctx, a.c.Ledger, ledger.Query{Kind: everqual.KindBaseline, Descending: true}) {
		if err != nil {
			return err
		}
		if b := d.Body; b.System == a.System && a.known(d.Record) && !b.At.After(a.At) {
			a.Baseline = &everqual.BaselineThen{At: b.At, By: b.By, Reason: b.Reason, Entry: d.Record.Sequence}
			return nil
		}
	}
	return nil
}

// reports finds the last report that had been issued, and the last that a person had
// decided about. Whoever decided later was not known then.
func (a *asking) reports(ctx context.Context) error {
	then := map[everqual.Digest]*everqual.ReportThen{}
	for d, err := range ledger.Bodies[everqual.ReportIssued](ctx, a.c.Ledger, ledger.Query{Kind: everqual.KindReport, Subject: a.System}) {
		if err != nil {
			return err
		}
		if a.known(d.Record) && !d.Record.Time.After(a.At) {
			a.Report = &everqual.ReportThen{Number: d.Body.Number, Digest: d.Body.Digest, IssuedAt: d.Record.Time, Entry: d.Record.Sequence}
			then[d.Body.Digest] = a.Report
		}
	}
	for d, err := range ledger.Bodies[everqual.ReportDecided](ctx, a.c.Ledger, ledger.Query{Kind: everqual.KindApproval, Subject: a.System}) {
		if err != nil {
			return err
		}
		r := then[d.Body.Report]
		if r == nil || !a.known(d.Record) || d.Body.Answered.After(a.At) {
			continue
		}
		if decided := d.Body.Decision != everqual.Unanswered; decided || r.Decision == nil {
			r.Decision = &everqual.Decided{ReportDecided: d.Body, Entry: d.Record.Sequence}
			if decided {
				a.Decided = r
			}
		}
	}
	return nil
}

// memberThen is a resource of the system, and its version as it was observed.
type memberThen struct {
	everqual.ResourceThen
	observation everqual.Observation
}

// members are the resources that belonged to the system then, as Members are those of
// now, each with the version that was there: the last that was seen by then.
func (a *asking) members(ctx context.Context) ([]memberThen, error) {
	ids, err := a.c.candidates(ctx, a.Scope.Selector)
	if err != nil {
		return nil, err
	}
	if err := a.c.assessed(ctx, a.System, ids); err != nil {
		return nil, err
	}
	return ofEach(ctx, ids, func(ctx context.Context, id everqual.ResourceID) (then memberThen, member bool, err error) {
		q := ledger.Query{Kind: everqual.KindObservation, Subject: string(id)}
		for d, err := range ledger.Bodies[outline](ctx, a.c.Ledger, q) {
			if err != nil {
				return then, false, err
			}
			o := d.Body.Observation
			if !a.known(d.Record) || o.CollectedAt.After(a.At) {
				continue
			}
			member = member || a.Scope.Selector.Selects(o)
			then.observation = o
			then.ResourceThen = everqual.ResourceThen{
				Resource: o.Resource, Name: o.Name, State: o.State, Version: o.Version, Entry: d.Record.Sequence,
				CollectedAt: o.CollectedAt, SeenAt: o.CollectedAt, Assessments: []everqual.AssessmentThen{},
			}
		}
		if !member && then.Version > 0 {
			member, err = a.assessed(ctx, then)
		}
		return then, member, err
	})
}

// assessed tells whether the system's specifications judged the resource as it was then
// or before. It belonged to the system, whatever was made of the scope.
func (a *asking) assessed(ctx context.Context, r memberThen) (bool, error) {
	q := ledger.Query{Kind: everqual.KindAssessment, Subject: string(r.Resource.ID)}
	for d, err := range ledger.Bodies[everqual.Assessment](ctx, a.c.Ledger, q) {
		if err != nil || d.Body.System == a.System && d.Body.Version <= r.Version && a.known(d.Record) {
			return err == nil, err
		}
	}
	return false, nil
}

// resource adds when the version was last seen, what happened since, and what the
// specifications said of it.
func (a *asking) resource(ctx context.Context, r memberThen) error {
	id := string(r.Resource.ID)
	for d, err := range ledger.Bodies[everqual.Confirmation](ctx, a.c.Ledger, ledger.Query{Kind: everqual.KindConfirmation, Subject: id}) {
		if err != nil {
			return err
		}
		if a.known(d.Record) && d.Body.Version == r.Version && !d.Body.CollectedAt.After(a.At) && d.Body.CollectedAt.After(r.SeenAt) {
			r.SeenAt = d.Body.CollectedAt
		}
	}
	changed, err := a.c.changedSince(ctx, r.Resource.ID, r.Entry, r.SeenAt, a.At)
	if err != nil {
		return err
	}
	r.Changed = slices.DeleteFunc(changed, func(e everqual.EventThen) bool { return e.Entry > a.Records })
	if err := a.judged(ctx, &r); err != nil {
		return err
	}
	a.Resources = append(a.Resources, r.ResourceThen)
	return nil
}

// judged adds what the specifications in force said of the version, whenever they
// did. One that had to and had not said anything evaluated nothing.
func (a *asking) judged(ctx context.Context, r *memberThen) error {
	last, before := map[everqual.SpecificationRef]everqual.AssessmentThen{}, map[string]bool{}
	q := ledger.Query{Kind: everqual.KindAssessment, Subject: string(r.Resource.ID)}
	for d, err := range ledger.Bodies[everqual.Assessment](ctx, a.c.Ledger, q) {
		if err != nil {
			return err
		}
		s := d.Body
		if !a.known(d.Record) || s.Version > r.Version {
			continue
		}
		if s.Version == r.Version {
			last[s.Specification] = everqual.AssessmentThen{Specification: s.Specification, Entry: d.Record.Sequence, Verdicts: s.Verdicts}
		}
		before[s.Specification.ID] = before[s.Specification.ID] || s.Version >= r.Version-1 // as Judge does
	}
	awaited := false
	for _, s := range a.inForce {
		said, ok := last[s.Ref()]
		if !ok {
			if !s.Applies.Selects(r.observation) && !before[s.ID] {
				continue
			}
			said, awaited = unjudged(s), true
		}
		r.Assessments = append(r.Assessments, said)
		for _, v := range said.Verdicts {
			a.Verdicts.Add(v.Outcome)
		}
	}
	if awaited {
		a.awaited++
	}
	return nil
}

// unjudged are the verdicts before a specification judged.
func unjudged(s everqual.Specification) everqual.AssessmentThen {
	then := everqual.AssessmentThen{Specification: s.Ref()}
	for _, t := range s.TestCases {
		then.Verdicts = append(then.Verdicts, everqual.Verdict{
			TestCase: t.ID, Title: t.Title, Risk: t.Risk, Attribute: t.Attribute,
			Outcome: everqual.NotEvaluated, Detail: "observed, not yet assessed",
		})
	}
	return then
}

// conclude says whether the system was in a qualified state: only when all that
// was judged passed, and nothing had changed since it was seen.
func (a *asking) conclude() {
	because := func(n int, one, many string) {
		switch {
		case n == 1:
			a.Reasons = append(a.Reasons, "1 "+one)
		case n > 1:
			a.Reasons = append(a.Reasons, fmt.Sprintf("%d %s", n, many))
		}
	}
	changed := 0
	for _, r := range a.Resources {
		if len(r.Changed) > 0 {
			changed++
		}
	}
	if len(a.Resources) == 0 {
		a.Reasons = append(a.Reasons, "no resource of it had been observed")
	}
	if a.Verdicts.Total == 0 && len(a.Resources) > 0 {
		a.Reasons = append(a.Reasons, "nothing of it had been judged")
	}
	because(a.Verdicts.Fail, "test case FAILS", "test cases FAIL")
	because(a.Verdicts.NotEvaluated, "test case is NOT EVALUATED", "test cases are NOT EVALUATED")
	because(a.awaited, "version was observed and not yet assessed", "versions were observed and not yet assessed")
	if a.At.After(a.KnownAt) {
		a.Reasons = append(a.Reasons, "what happened after "+a.KnownAt.Truncate(time.Millisecond).Format(time.RFC3339Nano)+" was not known")
	}
	because(changed, "resource had changed and had not been looked at since", "resources had changed and had not been looked at since")
	switch {
	case a.Verdicts.Fail > 0:
		a.State = everqual.NotQualified
	case len(a.Reasons) > 0:
		a.State = everqual.NotKnown
	default:
		a.State = everqual.Qualified
	}
}
