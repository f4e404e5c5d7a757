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

// specifications finds those in force: of each, the highest version whose period
// contains the time, whenever it was recorded.
func (a *asking) specifications(ctx context.Context) error {
	versions, entries, err := a.registered(ctx)
	if err != nil {
		return err
	}
	sets, err := a.sets(ctx)
	if err != nil {
		return err
	}
	sorted := specification.Of(versions).Specifications()
	there := slices.DeleteFunc(slices.Clone(sorted), func(s everqual.Specification) bool {
		return !a.there(s, entries[s.Ref()], sorted, sets)
	})
	for _, s := range specification.Of(there).InForce(a.At) {
		if s.System != a.System {
			continue
		}
		a.inForce = append(a.inForce, s)
		a.Specifications = append(a.Specifications, everqual.SpecificationThen{SpecificationRef: s.Ref(), Effective: s.Effective, Entry: entries[s.Ref()]})
	}
	if len(a.inForce) == 0 {
		a.Reasons = append(a.Reasons, "no specification was in force")
	}
	return nil
}

// registered are all versions that were ever used, and by which records.
func (a *asking) registered(ctx context.Context) (versions []everqual.Specification, entries map[everqual.SpecificationRef]uint64, err error) {
	entries = map[everqual.SpecificationRef]uint64{}
	for d, err := range ledger.Bodies[everqual.SpecificationRef](ctx, a.c.Ledger, ledger.Query{Kind: everqual.KindSpecification}) {
		if err != nil {
			return nil, nil, err
		}
		if !a.known(d.Record) {
			continue
		}
		s, err := a.c.text(ctx, d.Body)
		if err != nil {
			return nil, nil, err
		}
		entries[s.Ref()] = d.Record.Sequence
		versions = append(versions, s)
	}
	return versions, entries, nil
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

func (a *asking) sets(ctx context.Context) (sets []set, err error) {
	for d, err := range ledger.Bodies[[]everqual.SpecificationRef](ctx, a.c.Ledger, ledger.Query{Kind: everqual.KindInForce}) {
		if err != nil {
			return nil, err
		}
		if a.known(d.Record) {
			sets = append(sets, d)
		}
	}
	return sets, nil
}

// there tells whether a version was among the files then. A file that was taken away
// is missed in the next set that it would have been in. Before the first such set a
// version is taken for what that says, and where there is none, for there: it is
// in force, and awaits its verdicts.
func (a *asking) there(s everqual.Specification, entry uint64, sorted []everqual.Specification, sets []set) bool {
	there, told := true, false
	for _, d := range sets {
		if d.Record.Sequence < entry || told && d.Record.Time.After(a.At) || !s.Effective.Contains(d.Record.Time) {
			continue
		}
		in, hidden := slices.Contains(d.Body, s.Ref()), false
		for _, higher := range sorted[slices.IndexFunc(sorted, func(x everqual.Specification) bool { return x.Ref() == s.Ref() })+1:] {
			hidden = hidden || higher.ID == s.ID && slices.Contains(d.Body, higher.Ref())
		}
		if in || !hidden {
			there, told = in, true
		}
	}
	return there
}
