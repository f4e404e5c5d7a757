package flow

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/assess"
	"github.com/everqual/everqual/ledger"
)

// Drift is what differs between a baseline and the last recorded state, and
// what could not be compared.
type Drift struct {
	Differences []Difference
	NotCompared []NotCompared
}

// Difference is one attribute of one resource that differs.
type Difference struct {
	Resource everqual.Resource
	Name     string
	Change   assess.Change
	// Version is the first version in which the attribute had its present
	// value, and SeenAt when that was collected.
	Version int
	SeenAt  time.Time
	// Events are the change events that explain it, most likely first; none
	// means that the change was seen but never heard of.
	Events []everqual.ReceivedEvent
}

// NotCompared is a resource of which a part could not be read: whether it
// differs is not known.
type NotCompared struct {
	Resource everqual.Resource `json:"resource"`
	Name     string            `json:"name"`
	Unread   []everqual.Unread `json:"unread"`
}

// Baseline returns the last baseline of a system; ok is false when there is
// none.
func (c *Corridor) Baseline(ctx context.Context, system string) (b everqual.Baseline, ok bool, err error) {
	q := ledger.Query{Kind: everqual.KindBaseline, Subject: system, Descending: true, Limit: 1}
	for d, err := range ledger.Bodies[everqual.Baseline](ctx, c.Ledger, q) {
		return d.Body, err == nil, err
	}
	return b, false, nil
}

// Drift compares the members of a system with its baseline, attribute by
// attribute. Resources that joined the system since are one row each.
func (c *Corridor) Drift(ctx context.Context, system everqual.System, b everqual.Baseline) (Drift, error) {
	members, err := c.Members(ctx, system)
	if err != nil {
		return Drift{}, err
	}
	base := map[everqual.ResourceID]int{}
	for _, m := range b.Members {
		base[m.Resource.ID] = m.Version
	}
	var drift Drift
	for _, m := range members {
		h, err := c.history(ctx, m.Resource.ID)
		if err != nil {
			return Drift{}, err
		}
		h.since(base[m.Resource.ID], &drift)
	}
	return drift, nil
}

// history is what is recorded of one resource.
type history struct {
	versions []everqual.Observation // [i] is version i+1
	seen     []time.Time            // when version i+1 was last seen
	events   []everqual.ReceivedEvent
}

func (c *Corridor) history(ctx context.Context, id everqual.ResourceID) (h history, err error) {
	for r, err := range c.Ledger.Records(ctx, ledger.Query{Subject: string(id)}) {
		if err != nil {
			return h, err
		}
		switch r.Kind {
		case everqual.KindObservation:
			o, err := ledger.Body[everqual.Observation](r)
			if err != nil {
				return h, err
			}
			h.versions, h.seen = append(h.versions, o), append(h.seen, o.CollectedAt)
		case everqual.KindConfirmation:
			k, err := ledger.Body[everqual.Confirmation](r)
			if err != nil {
				return h, err
			}
			h.seen[k.Version-1] = k.CollectedAt
		case everqual.KindChangeEvent:
			e, err := ledger.Body[everqual.ReceivedEvent](r)
			if err != nil {
				return h, err
			}
			e.Time = happened(e.ChangeEvent, r.Time) // it explains nothing by a time that is to come
			h.events = append(h.events, e)
		}
	}
	return h, c.partEvents(ctx, &h)
}

// partEvents adds the events of the resources that are nested in this one: they
// explain what changed in its parts.
func (c *Corridor) partEvents(ctx context.Context, h *history) error {
	known := map[string]bool{}
	for _, e := range h.events {
		known[e.ID] = true
	}
	parts := map[everqual.ResourceID]bool{}
	for _, v := range h.versions {
		for _, p := range v.Parts {
			parts[p] = true
		}
	}
	for _, p := range slices.Sorted(maps.Keys(parts)) {
		q := ledger.Query{Kind: everqual.KindChangeEvent, Subject: string(p)}
		for e, err := range ledger.Bodies[everqual.ReceivedEvent](ctx, c.Ledger, q) {
			if err != nil {
				return err
			}
			if !known[e.Body.ID] {
				known[e.Body.ID] = true
				e.Body.Time = happened(e.Body.ChangeEvent, e.Record.Time)
				h.events = append(h.events, e.Body)
			}
		}
	}
	slices.SortStableFunc(h.events, func(a, b everqual.ReceivedEvent) int { return a.Time.Compare(b.Time) })
	return nil
}

// since compares the last version with version base; 0 means that the
// resource is not part of the baseline.
func (h history) since(base int, drift *Drift) {
	last := h.versions[len(h.versions)-1]
	before := everqual.Observation{Resource: last.Resource}
	if base > 0 {
		before = h.versions[base-1]
	}
	d := compare(before, last)
	if len(d.Unreadable) > 0 {
		drift.NotCompared = append(drift.NotCompared, NotCompared{last.Resource, last.Name, d.Unreadable})
	}
	for _, change := range d.Changes {
		v := h.firstWith(before, change, base)
		drift.Differences = append(drift.Differences, Difference{
			Resource: last.Resource, Name: last.Name, Change: change, Version: v.Version, SeenAt: v.CollectedAt,
			Events: assess.Attribute(change, h.between(v.Version)),
		})
	}
}

// compare compares two versions. A resource that is not in the baseline is one
// change, not as many as it has attributes.
func compare(before, after everqual.Observation) assess.Drift {
	if before.State == "" {
		return assess.Drift{Changes: []assess.Change{{Path: "State", Kind: assess.Added, After: string(after.State)}}}
	}
	return assess.Diff(before, after)
}

// firstWith finds the version since which the change has been as it is now. A
// version in which the attribute could not be read does not interrupt it.
func (h history) firstWith(before everqual.Observation, want assess.Change, base int) everqual.Observation {
	first := len(h.versions) - 1
	for i := first - 1; i >= base; i-- {
		d := compare(before, h.versions[i])
		if slices.ContainsFunc(d.Changes, func(c assess.Change) bool { return sameChange(c, want) }) {
			first = i
		} else if len(d.Unreadable) == 0 {
			break
		}
	}
	return h.versions[first]
}

func sameChange(a, b assess.Change) bool {
	return a.Path == b.Path && a.Kind == b.Kind && a.AfterText() == b.AfterText()
}

// between returns the events that can have led to a version: after the version
// before was last seen, and not after this one was collected.
func (h history) between(version int) []everqual.ReceivedEvent {
	var from time.Time
	if version > 1 {
		from = h.seen[version-2]
	}
	to := h.versions[version-1].CollectedAt
	var events []everqual.ReceivedEvent
	for _, e := range h.events {
		if e.Time.Add(eventResolution).After(from) && !e.Time.After(to) {
			events = append(events, e)
		}
	}
	return events
}
