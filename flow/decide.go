package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// SetBaseline records the present versions of a system's resources as its
// baseline. The reason is mandatory: a record says why it was changed
// (21 CFR 11.10(e), Annex 11 §9).
func (c *Corridor) SetBaseline(ctx context.Context, system everqual.System, by, reason string) (everqual.Baseline, error) {
	if err := c.define(ctx, system); err != nil {
		return everqual.Baseline{}, err
	}
	members, err := c.Members(ctx, system)
	if err != nil {
		return everqual.Baseline{}, err
	}
	b := everqual.Baseline{System: system.ID, At: c.Clock.Now(), By: by, Reason: reason}
	for _, m := range members {
		if m.State == everqual.Present {
			b.Members = append(b.Members, everqual.BaselineItem{Resource: m.Resource, Version: m.Version, Digest: m.Digest})
		}
	}
	if len(b.Members) == 0 {
		return b, everqual.Permanent(fmt.Errorf("system %s has no observed resources yet: run its change events first", system.ID))
	}
	_, _, err = c.Ledger.Append(ctx, ledger.Entry{
		Kind:     everqual.KindBaseline,
		Key:      fmt.Sprintf("baseline:%s:%s", system.ID, b.At.UTC().Format(time.RFC3339Nano)),
		Subjects: []string{system.ID},
		Body:     b,
	})
	return b, err
}

// Redrive sends a dead letter's message again, as it is recorded where the queue has
// lost or changed it.
func (c *Corridor) Redrive(ctx context.Context, id, by, reason string) error {
	l, err := c.dispose(ctx, id, "redrive", by, reason)
	if err != nil {
		return err
	}
	return c.redrive(ctx, l)
}

// redrive sends what is recorded before the queue's own letter goes, so that no
// crash can lose both.
func (c *Corridor) redrive(ctx context.Context, l Letter) error {
	if l.Strange == "" || l.Heals {
		if err := c.Queue.Redrive(ctx, l.ID); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err := c.Queue.Send(ctx, Message{
		ID: l.ID, Kind: l.Kind, Subject: l.Subject, Body: l.Body, SentAt: l.SentAt, NotBefore: c.Clock.Now(),
	})
	if err != nil {
		return err
	}
	return c.discard(ctx, l.ID)
}

// discard takes a letter that is gone for discarded.
func (c *Corridor) discard(ctx context.Context, id string) error {
	if err := c.Queue.Discard(ctx, id); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Dispose ends a dead letter without another try.
func (c *Corridor) Dispose(ctx context.Context, id, by, reason string) error {
	l, err := c.dispose(ctx, id, "dispose", by, reason)
	if err != nil {
		return err
	}
	return c.discard(ctx, l.ID)
}

// dispose records the decision. That comes before the letter goes, so that no
// crash can let it go without a word; and after the letter, where only the queue
// knew of that.
func (c *Corridor) dispose(ctx context.Context, id, action, by, reason string) (Letter, error) {
	l, err := c.DeadLetter(ctx, id)
	if err == nil && l.Entry == 0 {
		l.DeadLetter, err = c.recordDeath(ctx, l.DeadLetter)
	}
	if err != nil {
		return l, err
	}
	_, _, err = c.Ledger.Append(ctx, ledger.Entry{
		Kind:     everqual.KindDisposition,
		Key:      fmt.Sprintf("disposition:%s:%s:%s", action, l.ID, stamp(l.FailedAt)),
		Subjects: []string{l.Subject, letterSubject(l.ID)},
		Body:     everqual.Disposition{DeadLetter: l.ID, Action: action, By: by, Reason: reason, At: c.Clock.Now()},
	})
	if err != nil {
		return l, fmt.Errorf("record disposition of %s: %w", l.ID, err)
	}
	return l, nil
}
