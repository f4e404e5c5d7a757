package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// deviations numbers every failed verdict, every fault of selection and every
// resource that the baseline has and the account has not. It writes the number
// of a failed verdict into its result.
func (b *bench) deviations(r Report) []Deviation {
	out := []Deviation{}
	add := func(d Deviation) string {
		d.Number = fmt.Sprintf("DEV-%03d", len(out)+1)
		out = append(out, d)
		return d.Number
	}
	for i, t := range r.Results {
		if t.Outcome == everqual.Fail {
			r.Results[i].Deviation = add(failed(t))
		}
	}
	for i, o := range b.observed {
		if d, ok := b.unselected(r.Inventory[i], o.Observation); ok {
			add(d)
		}
	}
	for _, s := range r.Specs {
		if s.Resources == 0 {
			add(selectsNothing(s))
		}
	}
	for _, d := range b.gone() {
		add(d)
	}
	return out
}

func failed(t Result) Deviation {
	return Deviation{
		Kind: FailedTest, Specification: t.Specification, TestCase: t.TestCase, Title: t.Title, Risk: t.Risk,
		Resource: t.Resource, Name: t.Name, Expected: t.Expected, Actual: t.Actual, Detail: t.Detail,
		Evidence: t.Evidence, CollectedAt: t.CollectedAt,
	}
}

// unselected finds a resource that would have a specification if it carried
// the tags: the likeliest way for a resource to slip out of its qualification.
func (b *bench) unselected(item Item, o everqual.Observation) (Deviation, bool) {
	if item.Status != NoSpecification && item.Status != OutOfScope {
		return Deviation{}, false
	}
	if item.Status == OutOfScope && !b.members[item.Resource.ID] {
		return Deviation{}, false
	}
	for _, s := range b.specs {
		bare := s.Applies
		bare.Tags = nil
		tags := s.Applies.MissingTags(o)
		if len(tags) == 0 || len(bare.Types) == 0 || !bare.Selects(o) {
			continue
		}
		slices.Sort(tags)
		return Deviation{
			Kind: SelectionFault, Specification: s.Ref(), Title: "The resource carries the tags that select its specification",
			Resource: item.Resource, Name: item.Name,
			Expected: "tags " + strings.Join(tags, ", ") + " as " + s.ID + " selects them",
			Actual:   "absent, or with another value",
			Detail:   "no specification selects the resource, so it was not assessed",
			Evidence: item.Evidence, CollectedAt: item.CollectedAt,
		}, true
	}
	return Deviation{}, false
}

func selectsNothing(s Specification) Deviation {
	return Deviation{
		Kind: SelectionFault, Specification: everqual.SpecificationRef{ID: s.ID, Version: s.Version, Digest: s.Digest},
		Title:    "The specification selects at least one resource",
		Expected: "at least one resource", Actual: "none",
		Detail: "what the specification describes was not found by its type and tags",
	}
}

// gone lists the resources of the baseline that are deleted or unheard of.
func (b *bench) gone() []Deviation {
	if b.in.Baseline == nil {
		return nil
	}
	var out []Deviation
	for _, m := range b.in.Baseline.Members {
		d := Deviation{
			Kind: BaselineMissing, Title: "The resource of the baseline exists",
			Resource: m.Resource, Name: m.Resource.ID.Name(),
			Expected: fmt.Sprintf("present, as version %d of the baseline", m.Version),
		}
		i, ok := b.place[m.Resource.ID]
		switch {
		case !ok:
			d.Actual = "not in the inventory of this report"
		case b.inventory[i].State == everqual.Deleted:
			item := b.inventory[i]
			d.Actual, d.Name, d.Evidence, d.CollectedAt = "deleted", item.Name, item.Evidence, item.CollectedAt
		default:
			continue
		}
		out = append(out, d)
	}
	return out
}
