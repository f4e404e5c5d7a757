package flow

import (
	"context"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Unseen returns, of each member that changed since somebody looked at it, the change
// events that say so.
func (c *Corridor) Unseen(ctx context.Context, members []Member) (map[everqual.ResourceID][]everqual.EventThen, error) {
	ids, of := resources{}, map[everqual.ResourceID]Member{}
	for _, m := range members {
		ids[m.Resource.ID], of[m.Resource.ID] = true, m
	}
	type unseen struct {
		id     everqual.ResourceID
		events []everqual.EventThen
	}
	changed, err := ofEach(ctx, ids, func(ctx context.Context, id everqual.ResourceID) (u unseen, _ bool, err error) {
		u.id = id
		seen, err := c.Ledger.Latest(ctx, id)
		if err == nil {
			u.events, err = c.changedSince(ctx, id, of[id].Record.Sequence, seen.SeenAt, c.Clock.Now())
		}
		return u, len(u.events) > 0, err
	})
	events := map[everqual.ResourceID][]everqual.EventThen{}
	for _, u := range changed {
		events[u.id] = u.events
	}
	return events, err
}

// changedSince returns the events up to a time, later than a resource was seen, that touched it or
// what is nested in the version with that entry: the known changes that nobody has
// looked at. They are in the order of the ledger.
func (c *Corridor) changedSince(ctx context.Context, id everqual.ResourceID, entry uint64, seen, until time.Time) (events []everqual.EventThen, err error) {
	touched := []everqual.ResourceID{id}
	version := ledger.Query{Kind: everqual.KindObservation, Subject: string(id), After: entry - 1, Limit: 1}
	for d, err := range ledger.Bodies[outline](ctx, c.Ledger, version) {
		if err != nil {
			return nil, err
		}
		touched = append(touched, d.Body.Parts...)
	}
	for _, r := range touched {
		q := ledger.Query{Kind: everqual.KindChangeEvent, Subject: string(r)}
		for d, err := range ledger.Bodies[everqual.ReceivedEvent](ctx, c.Ledger, q) {
			if err != nil {
				return nil, err
			}
			e := d.Body
			if at := happened(e.ChangeEvent, d.Record.Time); at.After(seen) && !at.After(until) { // one of the future happened when it came in
				events = append(events, everqual.EventThen{ID: e.ID, Name: e.Name, Time: e.Time, Entry: d.Record.Sequence})
			}
		}
	}
	slices.SortFunc(events, func(a, b everqual.EventThen) int { return int(int64(a.Entry) - int64(b.Entry)) })
	return slices.Compact(events), nil
}

// lookOn is the confirmation after the last word on a resource, where the system's last
// report shows a change that nobody had looked at and this look has answered: without
// another report it would stay the last one. Otherwise it is that word.
func (c *Corridor) lookOn(ctx context.Context, o ledger.Observed, s everqual.System, word uint64) (uint64, error) {
	shows, err := c.shows(ctx, s)
	if err != nil || word > shows {
		return word, err
	}
	look, seen := uint64(0), o.CollectedAt
	q := ledger.Query{Kind: everqual.KindConfirmation, Subject: string(o.Resource.ID), Descending: true}
	for d, err := range ledger.Bodies[everqual.Confirmation](ctx, c.Ledger, q) {
		if err != nil {
			return word, err
		}
		if d.Record.Sequence <= shows {
			if d.Body.Version == o.Version {
				seen = d.Body.CollectedAt // the last time before the report
			}
			break
		}
		look = max(look, d.Record.Sequence)
	}
	if look == 0 {
		return word, nil
	}
	for _, id := range append([]everqual.ResourceID{o.Resource.ID}, o.Parts...) {
		q := ledger.Query{Kind: everqual.KindChangeEvent, Subject: string(id), After: shows + 1, Descending: true, Limit: 1}
		for d, err := range ledger.Bodies[everqual.ReceivedEvent](ctx, c.Ledger, q) {
			if err != nil {
				return word, err
			}
			if happened(d.Body.ChangeEvent, d.Record.Time).After(seen) {
				return look, nil
			}
		}
	}
	return word, nil
}
