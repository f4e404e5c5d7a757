package flow

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

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
	ids, err := c.candidates(ctx, system.Scope)
	if err != nil {
		return nil, err
	}
	if err := c.assessed(ctx, system.ID, ids); err != nil {
		return nil, err
	}
	return ofEach(ctx, ids, func(ctx context.Context, id everqual.ResourceID) (m Member, ok bool, err error) {
		if m.Assessments, err = c.lastAssessments(ctx, id, system.ID); err != nil {
			return m, false, err
		}
		selected := false
		m.Observed, err = c.versions(ctx, id, func(o everqual.Observation) { selected = selected || system.Scope.Selects(o) })
		return m, m.Version > 0 && (selected || len(m.Assessments) > 0), err
	})
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

// versions returns the last version of a resource. each sees all of them, without
// their attributes.
func (c *Corridor) versions(ctx context.Context, id everqual.ResourceID, each func(everqual.Observation)) (last ledger.Observed, err error) {
	q := ledger.Query{Kind: everqual.KindObservation, Subject: string(id)}
	for o, err := range ledger.Bodies[outline](ctx, c.Ledger, q) {
		if err != nil {
			return last, err
		}
		each(o.Body.Observation)
		last.Record = o.Record
	}
	if last.Record.Sequence > 0 {
		last.Observation, err = ledger.Body[everqual.Observation](last.Record)
		last.SeenAt = last.CollectedAt
	}
	return last, err
}

// lastAssessments returns a system's last assessments of a resource, one per
// specification, by its id.
func (c *Corridor) lastAssessments(ctx context.Context, id everqual.ResourceID, system string) (sorted []everqual.Assessment, err error) {
	last := map[string]everqual.Assessment{}
	q := ledger.Query{Kind: everqual.KindAssessment, Subject: string(id)}
	for a, err := range ledger.Bodies[everqual.Assessment](ctx, c.Ledger, q) {
		if err != nil {
			return nil, err
		}
		if a.Body.System == system {
			last[a.Body.Specification.ID] = a.Body
		}
	}
	for _, name := range slices.Sorted(maps.Keys(last)) {
		sorted = append(sorted, last[name])
	}
	return sorted, nil
}

// Unplaced counts the resources that were touched and never could be read, for
// want of permission or of a collector: which system they belong to is not
// known.
func (c *Corridor) Unplaced(ctx context.Context) (int, error) {
	ids, err := c.observed(ctx, true, func(o everqual.Observation) bool { return unread(o, "") })
	if err != nil {
		return 0, err
	}
	if _, err := c.named(ctx, ledger.Query{Kind: everqual.KindObservation, Subject: ledger.NeverReadSubject}, ids); err != nil {
		return 0, err
	}
	never, err := ofEach(ctx, ids, func(ctx context.Context, id everqual.ResourceID) (_ struct{}, never bool, err error) {
		never = true
		_, err = c.versions(ctx, id, func(o everqual.Observation) { never = never && unread(o, "") })
		return struct{}{}, never, err
	})
	return len(never), err
}

// atOnce is how many resources are read about at the same time.
const atOnce = 8

// ofEach asks about each resource and returns what there is to say, sorted by their
// ids.
func ofEach[T any](ctx context.Context, ids map[everqual.ResourceID]bool, ask func(context.Context, everqual.ResourceID) (T, bool, error)) ([]T, error) {
	type answer struct {
		said T
		ok   bool
	}
	answers := make([]answer, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, id := range slices.Sorted(maps.Keys(ids)) {
		group.Go(func() (err error) {
			answers[i].said, answers[i].ok, err = ask(ctx, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var said []T
	for _, a := range answers {
		if a.ok {
			said = append(said, a.said)
		}
	}
	return said, nil
}
