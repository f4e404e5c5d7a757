package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// WorkCounts tells what the workers did. Each delivery counts once.
type WorkCounts struct {
	Done        int `json:"done"`
	Retried     int `json:"retried"`
	DeadLetters int `json:"dead_letters"`
	// Left is how many messages wait or are in flight.
	Left int `json:"left"`
}

// Work handles messages until the queue is empty. Messages that are not due
// yet are waited for, also those that a killed worker held.
func (c *Corridor) Work(ctx context.Context) (WorkCounts, error) {
	var n WorkCounts
	for {
		// Few enough that none outlives its visibility while it waits its turn.
		batch, err := c.Queue.Receive(ctx, 2*c.Settings.Workers, c.Settings.Visibility)
		if err != nil {
			return n, fmt.Errorf("receive messages: %w", err)
		}
		if len(batch) == 0 {
			left, next, err := c.Queue.Pending(ctx)
			if err != nil || left == 0 {
				n.Left = left
				return n, err
			}
			if err := c.Clock.Sleep(ctx, c.untilDue(next)); err != nil {
				return n, err
			}
			continue
		}
		if err := c.handleAll(ctx, batch, &n); err != nil {
			return n, err
		}
	}
}

func (c *Corridor) untilDue(next time.Time) time.Duration {
	wait := next.Sub(c.Clock.Now())
	return min(max(wait, 20*time.Millisecond), 5*time.Second)
}

// handleAll works on a batch. Messages about the same subject take turns, so
// that one observation answers all of them.
func (c *Corridor) handleAll(ctx context.Context, batch []Delivery, n *WorkCounts) error {
	var order []string
	groups := map[string][]Delivery{}
	for _, d := range batch {
		if groups[d.Subject] == nil {
			order = append(order, d.Subject)
		}
		groups[d.Subject] = append(groups[d.Subject], d)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failure error
	slots := make(chan struct{}, max(1, c.Settings.Workers))
	for _, subject := range order {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			for _, d := range groups[subject] {
				ended, err := c.handle(ctx, d)
				mu.Lock()
				ended.addTo(n)
				if err != nil && failure == nil {
					failure = err
				}
				if c.Progress != nil {
					c.Progress(*n)
				}
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	return failure
}

// ending is how one delivery ended.
type ending int

const (
	done ending = iota
	retried
	buried
)

func (e ending) addTo(n *WorkCounts) {
	switch e {
	case done:
		n.Done++
	case retried:
		n.Retried++
	case buried:
		n.DeadLetters++
	}
}

// handle does the work of one message and then decides, in this one place,
// whether it is finished, tried again, or dead. Its error means that the home
// itself failed: the message stays and is delivered again.
func (c *Corridor) handle(ctx context.Context, d Delivery) (ending, error) {
	work, cancel := context.WithTimeout(ctx, c.Settings.Visibility)
	defer cancel()
	err := c.do(work, d)
	switch wait := (notYet{}); {
	case err == nil:
		return done, c.Queue.Delete(ctx, d)
	case ctx.Err() != nil: // told to stop: give the message back at once
		return retried, errors.Join(ctx.Err(), c.Queue.Postpone(context.WithoutCancel(ctx), d, c.Clock.Now()))
	case asNotYet(err, &wait):
		return retried, c.Queue.Postpone(ctx, d, wait.until)
	case everqual.IsPermanent(err) || d.Attempt >= c.Settings.MaxAttempts:
		return buried, c.bury(ctx, d, err)
	}
	c.Log.Warn("try again", "message", d.ID, "attempt", d.Attempt, "cause", err)
	return retried, c.Queue.Postpone(ctx, d, c.Clock.Now().Add(c.backoff(d.Attempt)))
}

func (c *Corridor) do(ctx context.Context, d Delivery) error {
	switch d.Kind {
	case kindObserve:
		return c.observe(ctx, d)
	case kindNotify:
		var n Notice
		if err := json.Unmarshal(d.Body, &n); err != nil {
			return everqual.Permanent(fmt.Errorf("read notice: %w", err))
		}
		if err := c.Notify.Notify(ctx, n); err != nil {
			return fmt.Errorf("notify: %w", err)
		}
		return nil
	}
	return everqual.Permanent(fmt.Errorf("unknown kind of message %q", d.Kind))
}

// backoff doubles from one second to two minutes, with full jitter above half.
func (c *Corridor) backoff(attempt int) time.Duration {
	d := min(time.Second<<min(attempt-1, 10), 2*time.Minute)
	return d/2 + time.Duration(float64(d/2)*c.Settings.Jitter())
}

// bury records the dead letter and has people told before the queue lets go of
// the message, so that no crash can lose its cause.
func (c *Corridor) bury(ctx context.Context, d Delivery, cause error) error {
	letter := everqual.DeadLetter{
		ID: d.ID, Kind: d.Kind, Subject: d.Subject, Body: d.Body, Cause: cause.Error(),
		Attempts: d.Attempt, SentAt: d.SentAt, FailedAt: c.Clock.Now(),
	}
	if err := c.recordDead(ctx, letter); err != nil {
		return fmt.Errorf("record dead letter: %w", err)
	}
	c.Log.Error("dead letter", "message", d.ID, "attempts", d.Attempt, "cause", cause)
	if d.Kind != kindNotify { // a notice about a notice that fails would never end
		err := c.notify(ctx, Notice{
			ID: "dead-letter:" + d.ID, Severity: "warning", Title: "A message failed for good: " + d.Subject,
			Text: letter.Cause, Time: letter.FailedAt,
			Fields: []Field{{"What to do", fmt.Sprintf("everqual deadletter show %q", d.ID)}},
		})
		if err != nil {
			return err
		}
	}
	if err := c.Queue.Bury(ctx, d, letter); err != nil {
		return fmt.Errorf("bury %s: %w", d.ID, err)
	}
	return nil
}

// recordDead records a dead letter, unless the last thing that is recorded of
// it is this very death: then the burial was cut off and is only repeated.
func (c *Corridor) recordDead(ctx context.Context, letter everqual.DeadLetter) error {
	subject := "dead-letter:" + letter.ID
	for r, err := range c.Ledger.Records(ctx, ledger.Query{Subject: subject, Descending: true, Limit: 1}) {
		if err != nil {
			return err
		}
		last, err := ledger.Body[everqual.DeadLetter](r)
		if r.Kind == everqual.KindDeadLetter && err == nil && last.SentAt.Equal(letter.SentAt) {
			return nil
		}
	}
	_, _, err := c.Ledger.Append(ctx, ledger.Entry{
		Kind:     everqual.KindDeadLetter,
		Key:      subject + ":" + letter.FailedAt.UTC().Format(time.RFC3339Nano),
		Subjects: []string{letter.Subject, subject},
		Body:     letter,
	})
	return err
}

// notify queues a notice: telling people is retried and can fail for good on
// its own, without holding up the record that it speaks of.
func (c *Corridor) notify(ctx context.Context, n Notice) error {
	body, err := json.Marshal(n)
	if err != nil {
		return everqual.Permanent(err)
	}
	now := c.Clock.Now()
	return c.Queue.Send(ctx, Message{
		ID: "notify:" + n.ID, Kind: kindNotify, Subject: "notice " + n.ID, Body: body, SentAt: now, NotBefore: now,
	})
}
