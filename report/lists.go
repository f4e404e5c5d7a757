package report

import (
	"cmp"
	"slices"

	"github.com/everqual/everqual"
)

// The small lists of the report: copied, in UTC, in a fixed order.

func baselineRef(b *everqual.Baseline) *BaselineRef {
	if b == nil {
		return nil
	}
	return &BaselineRef{At: utc(b.At), By: b.By, Reason: b.Reason, Resources: len(b.Members)}
}

func drifts(in []Drift, names map[everqual.ResourceID]string) []Drift {
	out := make([]Drift, len(in))
	for i, d := range in {
		d.At = utc(d.At)
		d.Name = cmp.Or(d.Name, names[d.Resource.ID], d.Resource.ID.Name())
		out[i] = d
	}
	slices.SortStableFunc(out, func(x, y Drift) int {
		return cmp.Or(cmp.Compare(x.Resource.Type, y.Resource.Type), cmp.Compare(x.Name, y.Name),
			cmp.Compare(x.Resource.ID, y.Resource.ID), cmp.Compare(x.Path, y.Path), x.At.Compare(y.At))
	})
	return out
}

func deadLetters(in []everqual.DeadLetter) []DeadLetter {
	out := make([]DeadLetter, len(in))
	for i, d := range in {
		out[i] = DeadLetter{d.ID, d.Kind, d.Subject, d.Cause, d.Attempts, utc(d.FailedAt)}
	}
	slices.SortStableFunc(out, func(x, y DeadLetter) int {
		return cmp.Or(x.FailedAt.Compare(y.FailedAt), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// callers returns the identities that were given and those that the inventory
// names, each once.
func callers(in Input) []everqual.Caller {
	out := slices.Clone(in.Callers)
	for _, o := range in.Inventory {
		if o.Caller.ARN != "" {
			out = append(out, o.Caller)
		}
	}
	slices.SortFunc(out, func(x, y everqual.Caller) int {
		return cmp.Or(cmp.Compare(x.ARN, y.ARN), cmp.Compare(x.Account, y.Account))
	})
	out = slices.Compact(out)
	if out == nil {
		return []everqual.Caller{}
	}
	return out
}

func revisions(in []Revision) []Revision {
	out := make([]Revision, len(in))
	for i, r := range in {
		r.Date = utc(r.Date)
		out[i] = r
	}
	return out
}

func notEvaluated(results []Result) []Open {
	out := []Open{}
	for _, r := range results {
		switch r.Outcome {
		case everqual.Pass, everqual.Fail, everqual.NotApplicable:
			continue
		}
		out = append(out, Open{
			Specification: r.Specification, TestCase: r.TestCase, Title: r.Title, Risk: r.Risk,
			Resource: r.Resource, Name: r.Name, Attribute: r.Attribute, Reason: r.Reason, Detail: r.Detail,
		})
	}
	return out
}
