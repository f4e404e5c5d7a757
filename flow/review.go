package flow

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Member is a resource of a system as it was last recorded.
type Member struct {
	ledger.Observed
	// Assessments are the last ones by each specification, by specification id.
	Assessments []everqual.Assessment
}

// Members returns the resources of a system, sorted by id: all that its scope
// selects or ever selected, and all that its specifications ever assessed. A
// resource does not leave a system by losing a tag.
func (c *Corridor) Members(ctx context.Context, system everqual.System) ([]Member, error) {
	member := map[everqual.ResourceID]bool{}
	latest, err := c.latest(ctx, func(o everqual.Observation) {
		member[o.Resource.ID] = member[o.Resource.ID] || system.Scope.Selects(o)
	})
	if err != nil {
		return nil, err
	}
	assessments, err := c.assessments(ctx, system.ID)
	if err != nil {
		return nil, err
	}
	var members []Member
	for id, o := range latest {
		if member[id] || len(assessments[id]) > 0 {
			members = append(members, Member{Observed: o, Assessments: assessments[id]})
		}
	}
	slices.SortFunc(members, func(a, b Member) int { return cmp.Compare(a.Resource.ID, b.Resource.ID) })
	return members, nil
}

// outline is an observation without its attributes: most of it is passed over, which
// takes a fraction of the time.
type outline struct {
	everqual.Observation
	Attributes passed `json:"attributes"`
}

// passed is JSON that nobody reads.
type passed struct{}

func (*passed) UnmarshalJSON([]byte) error { return nil }

// latest returns the last version of every resource. each sees all versions, without
// their attributes.
func (c *Corridor) latest(ctx context.Context, each func(everqual.Observation)) (map[everqual.ResourceID]ledger.Observed, error) {
	last := map[everqual.ResourceID]everqual.Record{}
	for o, err := range ledger.Bodies[outline](ctx, c.Ledger, ledger.Query{Kind: everqual.KindObservation}) {
		if err != nil {
			return nil, err
		}
		each(o.Body.Observation)
		last[o.Body.Resource.ID] = o.Record
	}
	latest := map[everqual.ResourceID]ledger.Observed{}
	for id, r := range last {
		o, err := ledger.Body[everqual.Observation](r)
		if err != nil {
			return nil, err
		}
		latest[id] = ledger.Observed{Observation: o, Record: r, SeenAt: o.CollectedAt}
	}
	return latest, nil
}

// assessments returns a system's last assessments of each resource, one per
// specification, by its id.
func (c *Corridor) assessments(ctx context.Context, system string) (map[everqual.ResourceID][]everqual.Assessment, error) {
	last := map[everqual.ResourceID]map[string]everqual.Assessment{}
	for a, err := range ledger.Bodies[everqual.Assessment](ctx, c.Ledger, ledger.Query{Kind: everqual.KindAssessment}) {
		if err != nil {
			return nil, err
		}
		if a.Body.System != system {
			continue
		}
		if last[a.Body.Resource.ID] == nil {
			last[a.Body.Resource.ID] = map[string]everqual.Assessment{}
		}
		last[a.Body.Resource.ID][a.Body.Specification.ID] = a.Body
	}
	sorted := map[everqual.ResourceID][]everqual.Assessment{}
	for id, bySpecification := range last {
		for _, name := range slices.Sorted(maps.Keys(bySpecification)) {
			sorted[id] = append(sorted[id], bySpecification[name])
		}
	}
	return sorted, nil
}

// Unplaced counts the resources that were touched and never could be read, for
// want of permission or of a collector: which system they belong to is not
// known.
func (c *Corridor) Unplaced(ctx context.Context) (n int, err error) {
	read := map[everqual.ResourceID]bool{}
	latest, err := c.latest(ctx, func(o everqual.Observation) {
		read[o.Resource.ID] = read[o.Resource.ID] || !unread(o, "")
	})
	for id := range latest {
		if !read[id] {
			n++
		}
	}
	return n, err
}
