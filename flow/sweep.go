package flow

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// sweepFor is how long a sweep that was broken off can be taken up again: what
// it observed at its beginning should still be true.
const sweepFor = 24 * time.Hour

// Sweep observes and judges every resource of a scope, and records an account of
// it. scope names what is swept: a sweep of the same scope that was broken off is
// taken up, and what it has observed already is not asked for again. An error
// means that the home failed or that the context ended.
func (c *Corridor) Sweep(ctx context.Context, scope string, all iter.Seq[everqual.Found]) (everqual.SweepAccount, error) {
	account, err := c.beginSweep(ctx, scope)
	if err != nil {
		return account, err
	}
	resources, err := c.requestAll(ctx, &account, all)
	if err != nil {
		return account, err
	}
	if _, err := c.Work(ctx); err != nil {
		return account, err
	}
	rows := map[everqual.Coverage]*everqual.Coverage{}
	for _, r := range resources {
		seen, err := c.Ledger.Latest(ctx, r.ID)
		if err != nil {
			return account, fmt.Errorf("read last record of %s: %w", r.ID, err)
		}
		key := everqual.Coverage{Account: r.Account, Region: r.Region, Type: r.Type}
		if rows[key] == nil {
			row := key
			rows[key] = &row
		}
		rows[key].Add(coverage(seen, account.Started))
	}
	for _, row := range rows {
		account.Rows = append(account.Rows, *row)
	}
	slices.SortFunc(account.Rows, func(a, b everqual.Coverage) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Type, b.Type))
	})
	account.Ended = c.Clock.Now()
	return account, c.recordSweep(ctx, account)
}

// beginSweep takes up the last sweep of the scope unless it came to its end.
func (c *Corridor) beginSweep(ctx context.Context, scope string) (account everqual.SweepAccount, err error) {
	now := c.Clock.Now()
	for record, err := range c.Ledger.Records(ctx, ledger.Query{Subject: sweepSubject(scope), Descending: true, Limit: 1}) {
		if err != nil {
			return account, fmt.Errorf("read earlier sweeps: %w", err)
		}
		if account, err = ledger.Body[everqual.SweepAccount](record); err != nil {
			return account, err
		}
	}
	if !account.Started.IsZero() && account.Ended.IsZero() && now.Sub(account.Started) < sweepFor {
		return account, nil
	}
	account = everqual.SweepAccount{Scope: scope, Started: now}
	return account, c.recordSweep(ctx, account)
}

func sweepSubject(scope string) string { return "sweep:" + scope }

func (c *Corridor) recordSweep(ctx context.Context, account everqual.SweepAccount) error {
	part := "began"
	if !account.Ended.IsZero() {
		part = "ended"
	}
	_, _, err := c.Ledger.Append(ctx, ledger.Entry{
		Kind:     everqual.KindSweep,
		Key:      fmt.Sprintf("sweep:%s:%s:%s", account.Scope, account.Started.Format(time.RFC3339Nano), part),
		Subjects: []string{"sweep", sweepSubject(account.Scope)},
		Body:     account,
	})
	return err
}

// requestAll queues an observation of every resource, each once.
func (c *Corridor) requestAll(ctx context.Context, account *everqual.SweepAccount, all iter.Seq[everqual.Found]) ([]everqual.Resource, error) {
	var resources []everqual.Resource
	var messages []Message
	known := map[everqual.ResourceID]bool{}
	send := func() error {
		err := c.Queue.Send(ctx, messages...)
		messages = messages[:0]
		return err
	}
	for found := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := found.Resource
		switch {
		case found.Unlisted != nil:
			account.Unlisted = append(account.Unlisted, *found.Unlisted)
			continue
		case known[r.ID]:
			continue
		}
		known[r.ID] = true
		resources = append(resources, r)
		messages = append(messages, c.onDemand(r, account.Started))
		if len(messages) >= 500 {
			if err := send(); err != nil {
				return nil, fmt.Errorf("queue observations: %w", err)
			}
		}
	}
	if err := send(); err != nil {
		return nil, fmt.Errorf("queue observations: %w", err)
	}
	return resources, ctx.Err()
}

// onDemand asks for an observation that no event asked for, unless there is one
// that was made since.
func (c *Corridor) onDemand(r everqual.Resource, since time.Time) Message {
	now := c.Clock.Now()
	body, _ := json.Marshal(request{Resource: r, NotBefore: since})
	return Message{
		ID: "observe:on-demand:" + string(r.ID), Kind: kindObserve, Subject: string(r.ID),
		Body: body, SentAt: now, NotBefore: now,
	}
}

// coverage is the row of one resource, by what the sweep saw of it.
func coverage(seen ledger.Observed, started time.Time) everqual.Coverage {
	row := everqual.Coverage{Expected: 1}
	i := slices.IndexFunc(seen.Unread, func(u everqual.Unread) bool { return u.Path == "" })
	switch {
	case seen.Version == 0 || seen.SeenAt.Before(started):
		row.Failed = 1
	case i >= 0 && seen.Unread[i].Reason == everqual.Denied:
		row.Denied = 1
	case i >= 0 && seen.Unread[i].Reason == everqual.Unsupported:
		row.Unsupported = 1
	case i >= 0:
		row.Failed = 1
	case seen.State == everqual.Deleted:
		row.Gone = 1
	default:
		row.Collected = 1
		if len(seen.Unread) > 0 {
			row.Partly = 1
		}
	}
	return row
}
