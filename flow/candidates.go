package flow

import (
	"context"
	"maps"
	"slices"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// resources is a set of them.
type resources = map[everqual.ResourceID]bool

// candidates are the resources among which are all that a scope ever selected: those
// that ever carried one of its tags. A scope that names none is held against all.
func (c *Corridor) candidates(ctx context.Context, scope everqual.Selector) (resources, error) {
	tags := tagSubjects(scope)
	if len(tags) == 0 {
		return c.observed(ctx, false, scope.Selects)
	}
	ids, err := c.observed(ctx, true, func(o everqual.Observation) bool { return tagged(o, scope) })
	if err != nil {
		return nil, err
	}
	// Of several tags the rarest finds the fewest.
	for most := 1_000; ; most *= 10 {
		for _, subjects := range tags {
			found, whole, err := c.upTo(ctx, subjects, most)
			if err != nil {
				return nil, err
			}
			if whole {
				maps.Copy(ids, found)
				return ids, nil
			}
		}
	}
}

// tagSubjects are, for each tag that a scope asks for by its value, the subjects
// by which its resources are found.
func tagSubjects(scope everqual.Selector) (tags [][]string) {
	for _, key := range slices.Sorted(maps.Keys(scope.Tags)) {
		var subjects []string
		for _, value := range scope.Tags[key] {
			subjects = append(subjects, ledger.TagSubject(key, value))
		}
		if len(subjects) > 0 && !slices.Contains(scope.Tags[key], "*") {
			tags = append(tags, subjects)
		}
	}
	return tags
}

// tagged tells whether the resource carries any tag that the scope asks for.
func tagged(o everqual.Observation, scope everqual.Selector) bool {
	return len(scope.MissingTags(o)) < len(scope.Tags)
}

// upTo returns the resources of the first records of the subjects, and whether these
// are all.
func (c *Corridor) upTo(ctx context.Context, subjects []string, most int) (ids resources, whole bool, err error) {
	ids = resources{}
	for _, s := range subjects {
		n, err := c.named(ctx, ledger.Query{Kind: everqual.KindObservation, Subject: s, Limit: most}, ids)
		if err != nil || n == most {
			return nil, false, err
		}
	}
	return ids, true, nil
}

// resourceOf is the resource of an observation or assessment: they name theirs first.
func resourceOf(r everqual.Record) everqual.ResourceID { return everqual.ResourceID(r.Subjects[0]) }

// named adds the resources of observations or assessments, and returns how many
// records there were.
func (c *Corridor) named(ctx context.Context, q ledger.Query, ids resources) (n int, err error) {
	for r, err := range c.Ledger.Records(ctx, q) {
		if err != nil {
			return n, err
		}
		ids[resourceOf(r)] = true
		n++
	}
	return n, nil
}

// observed returns the resources of which any observation holds; with unmarked, of
// those that were recorded before observations were found by their marks.
func (c *Corridor) observed(ctx context.Context, unmarked bool, holds func(everqual.Observation) bool) (resources, error) {
	ids := resources{}
	for d, err := range ledger.Bodies[outline](ctx, c.Ledger, ledger.Query{Kind: everqual.KindObservation}) {
		if err != nil {
			return nil, err
		}
		if unmarked && ledger.Marked(d.Record) {
			break
		}
		if holds(d.Body.Observation) {
			ids[d.Body.Resource.ID] = true
		}
	}
	return ids, nil
}

// assessed adds the resources that a system's specifications ever assessed.
func (c *Corridor) assessed(ctx context.Context, system string, ids resources) error {
	for d, err := range ledger.Bodies[everqual.Assessment](ctx, c.Ledger, ledger.Query{Kind: everqual.KindAssessment}) {
		if err != nil {
			return err
		}
		if ledger.Marked(d.Record) {
			break
		}
		if d.Body.System == system {
			ids[d.Body.Resource.ID] = true
		}
	}
	_, err := c.named(ctx, ledger.Query{Kind: everqual.KindAssessment, Subject: ledger.AssessedSubject(system)}, ids)
	return err
}
