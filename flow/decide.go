package flow

import (
	"context"
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

// DeadLetter returns one dead letter.
func (c *Corridor) DeadLetter(ctx context.Context, id string) (everqual.DeadLetter, error) {
	letters, err := c.Queue.DeadLetters(ctx)
	if err != nil {
		return everqual.DeadLetter{}, err
	}
	for _, l := range letters {
		if l.ID == id {
			return l, nil
		}
	}
	return everqual.DeadLetter{}, fmt.Errorf("dead letter %q: %w", id, fs.ErrNotExist)
}

// Redrive sends a dead letter's message again.
func (c *Corridor) Redrive(ctx context.Context, id, by, reason string) error {
	if err := c.dispose(ctx, id, "redrive", by, reason); err != nil {
		return err
	}
	return c.Queue.Redrive(ctx, id)
}

// Dispose ends a dead letter without another try.
func (c *Corridor) Dispose(ctx context.Context, id, by, reason string) error {
	if err := c.dispose(ctx, id, "dispose", by, reason); err != nil {
		return err
	}
	return c.Queue.Discard(ctx, id)
}

// dispose records the decision. That comes before the letter goes, so that no
// crash can let it go without a word.
func (c *Corridor) dispose(ctx context.Context, id, action, by, reason string) error {
	l, err := c.DeadLetter(ctx, id)
	if err != nil {
		return err
	}
	_, _, err = c.Ledger.Append(ctx, ledger.Entry{
		Kind:     everqual.KindDisposition,
		Key:      fmt.Sprintf("disposition:%s:%s:%s", action, l.ID, l.FailedAt.UTC().Format(time.RFC3339Nano)),
		Subjects: []string{l.Subject, "dead-letter:" + l.ID},
		Body:     everqual.Disposition{DeadLetter: l.ID, Action: action, By: by, Reason: reason, At: c.Clock.Now()},
	})
	if err != nil {
		return fmt.Errorf("record disposition of %s: %w", l.ID, err)
	}
	return nil
}
