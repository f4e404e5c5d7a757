package flow

import (
	"context"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// nothingRead tells whether an observation is of a resource of which nothing could be
// read. Of one that was read in part it is known what could be.
func nothingRead(o everqual.Observation) bool {
	return o.State != everqual.Deleted && len(o.Unread) > 0 && (unread(o, "") || len(o.Attributes) == 0)
}

// seenAfter is a look at a resource, or at what contains it, after the event: the last
// at which something could be read, else the last.
func (c *Corridor) seenAfter(ctx context.Context, id everqual.ResourceID, e everqual.ReceivedEvent) (ledger.Observed, error) {
	seen, err := c.seenSince(ctx, id, e.Time)
	if err != nil || seen.Version > 0 && !nothingRead(seen.Observation) {
		return seen, err
	}
	users, err := c.users(ctx, id)
	if err != nil {
		return ledger.Observed{}, err
	}
	for _, u := range users {
		last, err := c.seenSince(ctx, u.ID, e.Time)
		switch {
		case err != nil || last.Version > 0 && !nothingRead(last.Observation):
			return last, err
		case seen.Version == 0:
			seen = last
		}
	}
	return seen, nil
}

// seenSince is the last look at a resource since a time at which something could be
// read, else the last since then, else none.
func (c *Corridor) seenSince(ctx context.Context, id everqual.ResourceID, since time.Time) (ledger.Observed, error) {
	last, err := c.Ledger.Latest(ctx, id)
	switch {
	case err != nil:
		return ledger.Observed{}, err
	case last.Version == 0 || last.SeenAt.Before(since):
		return ledger.Observed{}, nil
	case !nothingRead(last.Observation):
		return last, nil
	}
	confirmed, err := c.confirmedSince(ctx, id, since)
	if err != nil {
		return ledger.Observed{}, err
	}
	q := ledger.Query{Kind: everqual.KindObservation, Subject: string(id), Descending: true}
	for o, err := range ledger.Bodies[everqual.Observation](ctx, c.Ledger, q) {
		if err != nil {
			return ledger.Observed{}, err
		}
		before := o.Body.CollectedAt.Before(since)
		if !nothingRead(o.Body) && (!before || confirmed[o.Body.Version]) {
			return ledger.Observed{Observation: o.Body, Record: o.Record, SeenAt: o.Body.CollectedAt}, nil
		}
		if before { // it was in force then: earlier ones were not seen since
			break
		}
	}
	return last, nil
}

// confirmedSince are the versions of a resource that were seen again since a time.
func (c *Corridor) confirmedSince(ctx context.Context, id everqual.ResourceID, since time.Time) (map[int]bool, error) {
	confirmed := map[int]bool{}
	q := ledger.Query{Kind: everqual.KindConfirmation, Subject: string(id), Descending: true}
	for o, err := range ledger.Bodies[everqual.Confirmation](ctx, c.Ledger, q) {
		if err != nil {
			return nil, err
		}
		if o.Body.CollectedAt.Before(since) {
			break
		}
		confirmed[o.Body.Version] = true
	}
	return confirmed, nil
}
