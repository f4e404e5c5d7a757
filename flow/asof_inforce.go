package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/specification"
)

// scope finds the scope that was in force: the last one recorded by then. For a time
// before the first record that one is nearest, and nobody can edit it any more.
func (a *asking) scope(ctx context.Context) error {
	q := ledger.Query{Kind: everqual.KindSystem, Subject: a.System}
	for d, err := range ledger.Bodies[everqual.System](ctx, a.c.Ledger, q) {
		if err != nil {
			return err
		}
		then := everqual.ScopeThen{Selector: d.Body.Scope, Entry: d.Record.Sequence}
		switch {
		case a.known(d.Record) && !d.Record.Time.After(a.At):
			a.Scope = then
		case a.Scope.Entry == 0:
			a.Scope = then
			a.Scope.Note = fmt.Sprintf("the first scope that the ledger has, of %s: it does not say which it was before", d.Record.Time.Format(time.RFC3339))
		}
	}
	return nil
}

// specifications finds those of the system that were in force.
func (a *asking) specifications(ctx context.Context) error {
	all, err := a.c.inForce(ctx, a.At, a.known)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.System == a.System {
			a.inForce = append(a.inForce, s.Specification)
			a.Specifications = append(a.Specifications, everqual.SpecificationThen{SpecificationRef: s.Ref(), Effective: s.Effective, Entry: s.entry})
		}
	}
	if len(a.inForce) == 0 {
		a.Reasons = append(a.Reasons, "no specification was in force")
	}
	return nil
}

// registered is a version of a specification, and the record of its first use.
type registered struct {
	everqual.Specification
	entry uint64
}

// inForce is what the ledger says was in force at a time: of each specification that
// is known, the highest version whose period contains the time, whenever it was
// recorded, unless its file was taken away.
func (c *Corridor) inForce(ctx context.Context, at time.Time, known func(everqual.Record) bool) (list []registered, err error) {
	entries := map[everqual.SpecificationRef]uint64{}
	var versions []everqual.Specification
	for d, err := range ledger.Bodies[everqual.SpecificationRef](ctx, c.Ledger, ledger.Query{Kind: everqual.KindSpecification}) {
		if err != nil {
			return nil, err
		}
		if !known(d.Record) {
			continue
		}
		s, err := c.text(ctx, d.Body)
		if err != nil {
			return nil, err
		}
		versions, entries[s.Ref()] = append(versions, s), d.Record.Sequence
	}
	sets, err := c.sets(ctx, known)
	if err != nil {
		return nil, err
	}
	sorted := specification.Of(versions).Specifications()
	there := slices.Clone(sorted)
	there = slices.DeleteFunc(there, func(s everqual.Specification) bool {
		return !wasThere(registered{s, entries[s.Ref()]}, at, sorted, sets)
	})
	for _, s := range specification.Of(there).InForce(at) {
		list = append(list, registered{s, entries[s.Ref()]})
	}
	return list, nil
}

// text is a specification as it was approved, whether or not its file is still there.
func (c *Corridor) text(ctx context.Context, ref everqual.SpecificationRef) (everqual.Specification, error) {
	for _, s := range c.Library.Specifications() {
		if s.Ref() == ref {
			return s, nil
		}
	}
	b, err := c.Archive.Get(ctx, ref.Digest)
	if err != nil {
		return everqual.Specification{}, fmt.Errorf("read specification %s %s from the archive: %w", ref.ID, ref.Version, err)
	}
	s, problems := specification.Parse(ref.ID, b)
	if len(problems) > 0 {
		return s, fmt.Errorf("read specification %s %s from the archive: %s", ref.ID, ref.Version, problems[0])
	}
	return s, nil
}

// set is the specifications that all was judged by from a record on.
type set = ledger.Decoded[[]everqual.SpecificationRef]

func (c *Corridor) sets(ctx context.Context, known func(everqual.Record) bool) (sets []set, err error) {
	for d, err := range ledger.Bodies[[]everqual.SpecificationRef](ctx, c.Ledger, ledger.Query{Kind: everqual.KindInForce}) {
		if err != nil {
			return nil, err
		}
		if known(d.Record) {
			sets = append(sets, d)
		}
	}
	return sets, nil
}

// wasThere tells whether a version was among the files at a time. One that was taken
// away is missed in the next set that it would have been in. For a time before the
// first such set, that one tells; where there is none the version was there: it was in
// force, and awaited its verdicts.
func wasThere(s registered, at time.Time, sorted []everqual.Specification, sets []set) bool {
	there, told := true, false
	for _, d := range sets {
		if d.Record.Sequence < s.entry || told && d.Record.Time.After(at) || !s.Effective.Contains(d.Record.Time) {
			continue
		}
		in := slices.Contains(d.Body, s.Ref())
		if in || !hidden(s.Ref(), sorted, d.Body) {
			there, told = in, true
		}
	}
	return there
}

// hidden tells whether a set has a higher version, beside which it says nothing of
// this one.
func hidden(s everqual.SpecificationRef, sorted []everqual.Specification, in []everqual.SpecificationRef) bool {
	after := slices.IndexFunc(sorted, func(x everqual.Specification) bool { return x.Ref() == s }) + 1
	return slices.ContainsFunc(sorted[after:], func(higher everqual.Specification) bool {
		return higher.ID == s.ID && slices.Contains(in, higher.Ref())
	})
}
