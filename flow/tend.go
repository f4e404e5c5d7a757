package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/everqual/everqual"
)

// tendEvery is how often a worker without end looks after the queue.
const tendEvery = 10 * time.Minute

// tend looks after what no message leads to: messages whose time a wrong clock or an
// event put far ahead, and dead letters about which a kill cut something off. Where
// that fails, what can be done is done all the same, and it is tried again later.
func (c *Corridor) tend(ctx context.Context) {
	now := c.Clock.Now()
	if last := c.tended.Load(); last != nil && now.Sub(*last).Abs() < tendEvery {
		return
	}
	c.tended.Store(&now)
	if err := errors.Join(c.release(ctx, now), c.healAll(ctx)); err != nil && ctx.Err() == nil {
		c.Log.Error("look after the queue", "cause", err)
	}
}

func (c *Corridor) release(ctx context.Context, now time.Time) error {
	n, err := c.Queue.Release(ctx, now.Add(c.longestWait()))
	if err != nil {
		return fmt.Errorf("release messages: %w", err)
	}
	if n > 0 {
		c.Log.Warn("messages would have waited longer than any has to: they are due now", "messages", n)
	}
	return nil
}

func (c *Corridor) healAll(ctx context.Context) error {
	letters, err := c.Queue.DeadLetters(ctx)
	for _, l := range letters {
		if e := c.heal(ctx, l); e != nil {
			err = errors.Join(err, fmt.Errorf("heal %s: %w", l.ID, e))
		}
	}
	return err
}

// longestWait is longer than anything makes a message wait.
func (c *Corridor) longestWait() time.Duration {
	s := c.Settings
	return max(s.Settle, s.Debounce, s.Reports, s.Visibility) + 24*time.Hour
}

// heal records a letter that only the queue knows of, and ends a decision that was
// recorded and not carried out.
func (c *Corridor) heal(ctx context.Context, l everqual.DeadLetter) error {
	last, decided, err := c.lastDeath(ctx, l.ID)
	switch {
	case err != nil || last.Entry > 0 && decided == nil:
		return err
	case decided == nil || !last.FailedAt.Equal(l.FailedAt):
		_, err = c.recordDeath(ctx, l)
		return err
	case decided.Action == "redrive":
		err = c.Queue.Redrive(ctx, l.ID)
	default:
		err = c.Queue.Discard(ctx, l.ID)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // whoever decided has just done it
	}
	return err
}
