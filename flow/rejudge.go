package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Rejudge assesses the last record of every resource when other specifications
// are in force than at the last time: a new version judges what is there, not
// only what changes next. The set in force is recorded when that is done, and before
// it how the systems are defined.
func (c *Corridor) Rejudge(ctx context.Context) error {
	if err := c.Define(ctx); err != nil {
		return err
	}
	refs := []everqual.SpecificationRef{}
	for _, s := range c.Library.InForce(c.Clock.Now()) {
		refs = append(refs, s.Ref())
	}
	set, err := json.Marshal(refs)
	if err != nil {
		return everqual.Permanent(err)
	}
	after := uint64(0)
	for r, err := range c.Ledger.Records(ctx, ledger.Query{Kind: everqual.KindInForce, Descending: true, Limit: 1}) {
		if err != nil {
			return err
		}
		if string(r.Body) == string(set) && c.agrees(ctx, refs) {
			return c.judgeLeft(ctx)
		}
		after = r.Sequence
	}
	latest, err := c.latest(ctx)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(latest)) {
		if err := c.Judge(ctx, latest[id]); err != nil {
			return fmt.Errorf("judge %s: %w", id, err)
		}
	}
	_, _, err = c.Ledger.Append(ctx, ledger.Entry{
		Kind:     everqual.KindInForce,
		Key:      fmt.Sprintf("in-force:%s:after:%d", everqual.DigestOf(set), after),
		Subjects: []string{"specifications"},
		Body:     refs,
	})
	return err
}

// judgeLeft assesses the last record of every resource that no specification, or not
// every one that it is due to, has judged. The message that asked for it does so too
// when it comes again after a crash; but it may have been disposed of, or never come
// with a backup that was restored.
func (c *Corridor) judgeLeft(ctx context.Context) error {
	ids := resources{}
	for _, s := range c.Library.Systems() {
		found, err := c.candidates(ctx, s.Scope)
		if err != nil {
			return err
		}
		maps.Copy(ids, found)
		if err := c.assessed(ctx, s.ID, ids); err != nil {
			return err
		}
	}
	left, err := ofEach(ctx, ids, func(ctx context.Context, id everqual.ResourceID) (o ledger.Observed, left bool, err error) {
		if o, err = c.Ledger.Latest(ctx, id); err == nil && o.Version > 0 {
			left, err = c.left(ctx, o)
		}
		return o, left, err
	})
	if err != nil {
		return err
	}
	for _, o := range left {
		if err := c.Judge(ctx, o); err != nil {
			return fmt.Errorf("judge %s: %w", o.Resource.ID, err)
		}
	}
	return nil
}

// left tells whether a specification has yet to judge the version.
func (c *Corridor) left(ctx context.Context, o ledger.Observed) (bool, error) {
	judged, err := c.judgedBefore(ctx, o)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(c.Library.InForce(c.Clock.Now()), func(s everqual.Specification) bool {
		last := judged[s.ID]
		return last < o.Version && (last > 0 || s.Applies.Selects(o.Observation))
	}), nil
}

// agrees tells whether the ledger would say that no others than these are in force. It
// would not where a version was taken away before its time came: no set has missed it
// yet, and this one will.
func (c *Corridor) agrees(ctx context.Context, refs []everqual.SpecificationRef) bool {
	said, err := c.inForce(ctx, c.Clock.Now(), func(everqual.Record) bool { return true })
	if err != nil { // no reason not to judge, or to judge everything again
		c.log(ctx).Error("read what is in force from the ledger", "cause", err)
		return true
	}
	return !slices.ContainsFunc(said, func(s registered) bool { return !slices.Contains(refs, s.Ref()) })
}

// latest returns the last version of every resource.
func (c *Corridor) latest(ctx context.Context) (map[everqual.ResourceID]ledger.Observed, error) {
	last := map[everqual.ResourceID]everqual.Record{}
	for r, err := range c.Ledger.Records(ctx, ledger.Query{Kind: everqual.KindObservation}) {
		if err != nil {
			return nil, err
		}
		last[resourceOf(r)] = r
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
