package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// AsOf answers for a system. at is when it was so, known by which record the
// ledger is read: what was appended later is not known yet.
func (c *Corridor) AsOf(ctx context.Context, system everqual.System, at, known time.Time) (everqual.AsOf, error) {
	a := asking{c: c, AsOf: everqual.AsOf{
		System: system.ID, At: at.UTC(), KnownAt: known.UTC(), Reasons: []string{},
		Specifications: []everqual.SpecificationRef{}, Resources: []everqual.ResourceThen{},
	}}
	for _, step := range []func(context.Context) error{a.ledger, a.specifications, a.baseline, a.reports} {
		if err := step(ctx); err != nil {
			return everqual.AsOf{}, err
		}
	}
	members, err := a.members(ctx, system)
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
}

// ledger notes how much of the ledger there was.
func (a *asking) ledger(ctx context.Context) error {
	for r, err := range a.c.Ledger.Records(ctx, ledger.Query{Descending: true}) {
		if err != nil {
			return err
		}
		if !r.Time.After(a.KnownAt) {
			a.Records = r.Sequence
			break
		}
	}
	for d, err := range ledger.Bodies[everqual.Checkpoint](ctx, a.c.Ledger, ledger.Query{Kind: everqual.KindCheckpoint, Descending: true}) {
		if err != nil {
			return err
		}
		if d.Record.Sequence <= a.Records {
			a.Root = d.Body.Root
			break
		}
	}
	return nil
}

// known tells whether the ledger held the record. Records are in the order in
// which they were appended, whatever a clock that was set back says.
func (a *asking) known(r everqual.Record) bool { return r.Sequence <= a.Records }

// specifications finds the set that judged at that time.
func (a *asking) specifications(ctx context.Context) error {
	q := ledger.Query{Kind: everqual.KindInForce, Descending: true}
	for d, err := range ledger.Bodies[[]everqual.SpecificationRef](ctx, a.c.Ledger, q) {
		if err != nil {
			return err
		}
		if a.known(d.Record) && !d.Record.Time.After(a.At) {
			a.InForce, a.Specifications = d.Record.Sequence, d.Body
			return nil
		}
	}
	a.Reasons = append(a.Reasons, "no specification was in force")
	return nil
}

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

// members are the resources that belonged to the system then, each with the
// version that was there: the last that was seen by then.
func (a *asking) members(ctx context.Context, system everqual.System) ([]everqual.ResourceThen, error) {
	ids, err := a.c.candidates(ctx, system.Scope)
	if err != nil {
		return nil, err
	}
	return ofEach(ctx, ids, func(ctx context.Context, id everqual.ResourceID) (then everqual.ResourceThen, member bool, err error) {
		q := ledger.Query{Kind: everqual.KindObservation, Subject: string(id)}
		for d, err := range ledger.Bodies[outline](ctx, a.c.Ledger, q) {
			if err != nil {
				return then, false, err
			}
			o := d.Body.Observation
			if !a.known(d.Record) || o.CollectedAt.After(a.At) {
				continue
			}
			member = member || system.Scope.Selects(o)
			then = everqual.ResourceThen{
				Resource: o.Resource, Name: o.Name, State: o.State, Version: o.Version, Entry: d.Record.Sequence,
				CollectedAt: o.CollectedAt, SeenAt: o.CollectedAt, Assessments: []everqual.AssessmentThen{},
			}
		}
		return then, member, nil
	})
}

// resource adds when the version was last seen, what happened since, and what the
// specifications said of it.
func (a *asking) resource(ctx context.Context, r everqual.ResourceThen) error {
	id := string(r.Resource.ID)
	for d, err := range ledger.Bodies[everqual.Confirmation](ctx, a.c.Ledger, ledger.Query{Kind: everqual.KindConfirmation, Subject: id}) {
		if err != nil {
			return err
		}
		if a.known(d.Record) && d.Body.Version == r.Version && !d.Body.CollectedAt.After(a.At) && d.Body.CollectedAt.After(r.SeenAt) {
			r.SeenAt = d.Body.CollectedAt
		}
	}
	changed, err := a.c.changedSince(ctx, r.Resource.ID, r.Entry, r.SeenAt)
	if err != nil {
		return err
	}
	r.Changed = slices.DeleteFunc(changed, func(e everqual.EventThen) bool { return e.Entry > a.Records || e.Time.After(a.At) })
	last := map[string]everqual.AssessmentThen{}
	for d, err := range ledger.Bodies[everqual.Assessment](ctx, a.c.Ledger, ledger.Query{Kind: everqual.KindAssessment, Subject: id}) {
		if err != nil {
			return err
		}
		if s := d.Body; a.known(d.Record) && s.System == a.System && s.Version == r.Version && slices.Contains(a.Specifications, s.Specification) {
			last[s.Specification.ID] = everqual.AssessmentThen{Specification: s.Specification, Entry: d.Record.Sequence, Verdicts: s.Verdicts}
		}
	}
	for _, s := range a.Specifications {
		if said, ok := last[s.ID]; ok {
			r.Assessments = append(r.Assessments, said)
			for _, v := range said.Verdicts {
				a.Verdicts.Add(v.Outcome)
			}
		}
	}
	a.Resources = append(a.Resources, r)
	return nil
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
