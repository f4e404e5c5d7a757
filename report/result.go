package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/everqual/everqual"
)

// Reasons that only a report can give.
const (
	// Outdated: the verdict speaks of another record or specification version
	// than this report.
	Outdated everqual.Reason = "OUTDATED"
	// Unassessed: a specification applies, but there is no verdict.
	Unassessed everqual.Reason = "NOT ASSESSED"
	// Unknown: the verdict is none of the four outcomes.
	Unknown everqual.Reason = "UNKNOWN OUTCOME"
)

// results returns one row per verdict, and one for every test case that should
// have a verdict and has none.
func (b *bench) results() []Result {
	out := []Result{}
	seen := map[pair]bool{}
	for _, a := range b.in.Assessments {
		seen[pair{a.Specification, a.Resource.ID}] = true
		out = append(out, b.rows(a)...)
	}
	for i, o := range b.observed {
		if o.State == everqual.Deleted {
			continue
		}
		for _, s := range b.specs {
			if s.Applies.Selects(o.Observation) && !seen[pair{s.Ref(), o.Resource.ID}] {
				out = append(out, missing(b.inventory[i], s)...)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y Result) int {
		return cmp.Or(compareRef(x.Specification, y.Specification), cmp.Compare(x.Resource.Type, y.Resource.Type),
			cmp.Compare(x.Name, y.Name), cmp.Compare(x.Resource.ID, y.Resource.ID))
	})
	return out
}

type pair struct {
	spec     everqual.SpecificationRef
	resource everqual.ResourceID
}

func compareRef(x, y everqual.SpecificationRef) int {
	return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Version, y.Version), cmp.Compare(x.Digest, y.Digest))
}

func (b *bench) rows(a everqual.Assessment) []Result {
	row := Result{
		Specification: a.Specification, Resource: a.Resource,
		Name:    cmp.Or(b.names[a.Resource.ID], a.Resource.ID.Name()),
		Version: a.Version, Observation: a.Observation, Evidence: a.Evidence,
		CollectedAt: utc(a.CollectedAt), AssessedAt: utc(a.AssessedAt),
	}
	why := b.outdated(a)
	var out []Result
	judged := map[string]bool{}
	for _, v := range a.Verdicts {
		row.Verdict = sound(v, why)
		judged[v.TestCase] = true
		out = append(out, row)
	}
	s, ok := b.spec(a.Specification)
	if !ok {
		return out
	}
	for _, c := range s.TestCases {
		if !judged[c.ID] {
			row.Verdict = unassessed(c)
			out = append(out, row)
		}
	}
	return out
}

// sound returns the verdict, or NOT EVALUATED when it does not speak of this
// report's record and specification or says no known outcome.
func sound(v everqual.Verdict, why string) everqual.Verdict {
	was := v.Outcome
	switch was {
	case everqual.Pass, everqual.Fail, everqual.NotApplicable, everqual.NotEvaluated:
	default:
		v.Outcome, v.Reason = everqual.NotEvaluated, Unknown
		v.Detail = fmt.Sprintf("the assessment says %q, which is no outcome", string(was))
	}
	if why != "" {
		v.Outcome, v.Reason = everqual.NotEvaluated, Outdated
		v.Detail = fmt.Sprintf("%s; the outcome was %s", why, cmp.Or(string(was), "unstated"))
	}
	return v
}

// outdated tells why the assessment does not speak of what this report is
// about, or "".
func (b *bench) outdated(a everqual.Assessment) string {
	if _, ok := b.spec(a.Specification); !ok {
		return fmt.Sprintf("assessed by %s version %s (%s), which this report does not execute",
			a.Specification.ID, a.Specification.Version, a.Specification.Digest.Short())
	}
	i, ok := b.place[a.Resource.ID]
	if !ok {
		return "the resource is not in the inventory of this report"
	}
	item := b.inventory[i]
	if a.Observation != item.Digest || a.Version != item.Version {
		return fmt.Sprintf("observed, not yet assessed: version %d is recorded, this is of version %d", item.Version, a.Version)
	}
	return ""
}

func (b *bench) spec(ref everqual.SpecificationRef) (everqual.Specification, bool) {
	i, ok := b.refs[ref]
	if !ok {
		return everqual.Specification{}, false
	}
	return b.specs[i], true
}

func missing(item Item, s everqual.Specification) []Result {
	var out []Result
	for _, c := range s.TestCases {
		out = append(out, Result{
			Specification: s.Ref(), Resource: item.Resource, Name: item.Name, Verdict: unassessed(c),
			Version: item.Version, Observation: item.Digest, Evidence: item.Evidence, CollectedAt: item.CollectedAt,
		})
	}
	return out
}

func unassessed(c everqual.TestCase) everqual.Verdict {
	return everqual.Verdict{
		TestCase: c.ID, Title: c.Title, Risk: c.Risk, Rationale: c.Rationale,
		Requirements: c.Requirements, Controls: c.Controls, Attribute: c.Attribute, Expected: wanted(c.Expect),
		Outcome: everqual.NotEvaluated, Reason: Unassessed,
		Detail: "observed, not yet assessed: the specification applies, and the ledger holds no verdict",
	}
}

// wanted writes an expectation that no assessment has put into words.
func wanted(e everqual.Expectation) string {
	v := any(e)
	if e.Operator == "equals" {
		v = e.Operand
	}
	b, err := json.Marshal(v)
	if err != nil {
		return e.Operator
	}
	return string(b)
}

// summaries returns one row per executed specification.
func (b *bench) summaries(results []Result) []Specification {
	out := make([]Specification, len(b.specs))
	for i, s := range b.specs {
		out[i] = Specification{
			ID: s.ID, Version: s.Version, Title: s.Title, Digest: s.Digest, Path: s.Path,
			Effective: utcPeriod(s.Effective), Approval: everqual.Approval{By: s.Approval.By, Role: s.Approval.Role, At: utc(s.Approval.At)},
			Applies: s.Applies, TestCases: len(s.TestCases),
		}
		tally(&out[i], results, s.Ref())
	}
	return out
}

func tally(s *Specification, results []Result, ref everqual.SpecificationRef) {
	resources := map[everqual.ResourceID]bool{}
	for _, r := range results {
		if r.Specification != ref {
			continue
		}
		resources[r.Resource.ID] = true
		s.Counts.Add(r.Outcome)
		s.ExecutedFrom = earlier(s.ExecutedFrom, r.CollectedAt)
		if r.CollectedAt.After(s.ExecutedTo) {
			s.ExecutedTo = r.CollectedAt
		}
	}
	s.Resources = len(resources)
}

// earlier returns the earlier of two times; the zero time is no time.
func earlier(x, y time.Time) time.Time {
	if x.IsZero() || !y.IsZero() && y.Before(x) {
		return y
	}
	return x
}
