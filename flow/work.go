package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/everqual/everqual"
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
func (c *Corridor) Work(ctx context.Context) (WorkCounts, error) { return c.WorkUntil(ctx, ctx) }

// WorkUntil is Work that takes no more messages when until has ended, and then
// finishes what it holds. When ctx ends, what is held is given back.
func (c *Corridor) WorkUntil(ctx, until context.Context) (n WorkCounts, err error) {
	w := c.crew(ctx)
	defer func() { w.rest(); n = w.counts }()
	c.tend(ctx)
	for {
		got := 0
		stopping := until.Err() != nil && ctx.Err() == nil
		if !stopping && w.flying <= w.workers { // few enough that none outlives its visibility while it waits its turn
			batch, err := c.Queue.Receive(ctx, 2*w.workers-w.flying, c.Settings.Visibility)
			if err != nil {
				return n, fmt.Errorf("receive messages: %w", err)
			}
			got = len(batch)
			w.take(batch)
		}
		switch {
		case w.flying > 0:
			if err := w.next().err; err != nil {
				return n, err
			}
		case got == 0:
			left, next, err := c.Queue.Pending(ctx)
			if w.counts.Left = left; err != nil || left == 0 || stopping {
				return n, err
			}
			if err := c.Clock.Sleep(until, c.untilDue(next)); err != nil && ctx.Err() != nil {
				return n, err
			}
		}
	}
}

// WorkOn handles these deliveries. failed are those, by ID, that the home failed
// in the middle of: they stay and are delivered again.
func (c *Corridor) WorkOn(ctx context.Context, batch ...Delivery) (n WorkCounts, failed map[string]error) {
	w := c.crew(ctx)
	w.take(batch)
	failed = map[string]error{}
	for w.flying > 0 {
		if o := w.next(); o.err != nil {
			failed[o.id] = o.err
		}
	}
	return w.counts, failed
}

func (c *Corridor) untilDue(next time.Time) time.Duration {
	wait := next.Sub(c.Clock.Now())
	return min(max(wait, 20*time.Millisecond), 5*time.Second)
}

// crew is the workers of one call of Work, and what they hold.
type crew struct {
	*Corridor
	ctx     context.Context
	workers int
	slots   chan struct{}
	ended   chan outcome
	flying  int // received and not ended
	// behind are the deliveries about a subject that wait for another one about it:
	// they take turns, so that one observation answers all of them.
	behind map[string][]Delivery
	counts WorkCounts
}

// outcome is how one delivery ended; its error means that the home failed.
type outcome struct {
	id, subject string
	ending      ending
	err         error
}

func (c *Corridor) crew(ctx context.Context) *crew {
	n := max(1, c.Settings.Workers)
	return &crew{
		Corridor: c, ctx: ctx, workers: n, slots: make(chan struct{}, n), ended: make(chan outcome, n), behind: map[string][]Delivery{},
	}
}

func (w *crew) take(batch []Delivery) {
	w.flying += len(batch)
	for _, d := range batch {
		if waiting, busy := w.behind[d.Subject]; busy {
			w.behind[d.Subject] = append(waiting, d)
			continue
		}
		w.behind[d.Subject] = nil
		w.start(d)
	}
}

func (w *crew) start(d Delivery) {
	go func() {
		w.slots <- struct{}{}
		ended, err := w.handle(w.ctx, d)
		<-w.slots
		w.ended <- outcome{d.ID, d.Subject, ended, err}
	}()
}

// next waits for one delivery to end, and lets the one behind it begin.
func (w *crew) next() outcome {
	o := <-w.ended
	w.flying--
	o.ending.addTo(&w.counts)
	if w.Progress != nil {
		w.Progress(w.counts)
	}
	if waiting := w.behind[o.subject]; len(waiting) > 0 {
		w.behind[o.subject] = waiting[1:]
		w.start(waiting[0])
	} else {
		delete(w.behind, o.subject)
	}
	return o
}

// rest waits for what is held: when the context ended, it is given back.
func (w *crew) rest() {
	for w.flying > 0 {
		w.next() // the first error is the one that is told
	}
}

// ending is how one delivery ended.
type ending int

const (
	done ending = iota
	retried
	buried
)

func (e ending) String() string { return [...]string{"done", "retried", "dead letter"}[e] }

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
	ctx, ended := c.begin(ctx, "work", topic(d)...)
	how, cause, err := c.end(ctx, d, c.try(ctx, d))
	ended(errors.Join(cause, err), slog.String("outcome", how.String()))
	return how, err
}

// try does the work, unless it was begun so often without an end, good or bad, that
// it must be what ends the program: out of memory, nothing is left that could say so.
// Time-outs of the home and innocent neighbours are why that is not decided sooner.
func (c *Corridor) try(ctx context.Context, d Delivery) error {
	if over, err := c.over(ctx, d); over || err != nil {
		return err
	}
	if d.Attempt > 3*c.Settings.MaxAttempts {
		return everqual.Permanent(fmt.Errorf(
			"begun %d times and never ended: the program was killed in the middle of it, perhaps for want of memory or time", d.Attempt-1))
	}
	ctx, cancel := context.WithTimeout(ctx, c.Settings.Visibility)
	defer cancel()
	return c.do(ctx, d)
}

// over tells whether the message died before, and its burial was cut off: it is not
// tried again, since what is recorded of it would then be wrong. Its error is the
// cause; none, where somebody has disposed of it meanwhile.
func (c *Corridor) over(ctx context.Context, d Delivery) (bool, error) {
	if d.Attempt == 1 {
		return false, nil
	}
	last, decided, err := c.lastDeath(ctx, d.ID)
	switch {
	case err != nil:
		return false, fmt.Errorf("read dead letters: %w", err)
	case last.Entry == 0 || !last.SentAt.Equal(d.SentAt):
		return false, nil
	case decided == nil:
		return true, everqual.Permanent(errors.New(last.Cause))
	}
	return decided.Action == "dispose", nil
}

// end lets the queue know how the work ended, err, and gives the reason where it
// is a failure.
func (c *Corridor) end(ctx context.Context, d Delivery, err error) (how ending, cause, home error) {
	switch wait := (notYet{}); {
	case err == nil:
		return done, nil, c.Queue.Delete(ctx, d)
	case ctx.Err() != nil: // told to stop: give the message back at once
		return retried, nil, errors.Join(ctx.Err(), c.Queue.Postpone(context.WithoutCancel(ctx), d, c.Clock.Now()))
	case asNotYet(err, &wait):
		return retried, nil, c.Queue.Postpone(ctx, d, wait.until)
	case everqual.IsPermanent(err) || d.Attempt >= c.Settings.MaxAttempts:
		return buried, err, c.bury(ctx, d, err)
	}
	c.log(ctx).Warn("try again", "cause", err)
	return retried, err, c.Queue.Postpone(ctx, d, c.Clock.Now().Add(c.backoff(d.Attempt)))
}

// do does the work of one message. A defect in here must not take other messages
// with it, and that which meets it must become a dead letter: a panic that ended the
// program would leave the message to the next one, which would end as well.
func (c *Corridor) do(ctx context.Context, d Delivery) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("a defect of Everqual, please report it: %v\n%s", r, debug.Stack())
		}
	}()
	switch d.Kind {
	case kindObserve:
		r, err := opened[request](d)
		if err != nil {
			return err
		}
		return c.observe(ctx, r, d.Attempt)
	case kindReport:
		return c.report(ctx, d)
	case kindNotify:
		n, err := opened[Notice](d)
		if err != nil {
			return err
		}
		if err := c.Notify.Notify(ctx, n); err != nil {
			return fmt.Errorf("notify: %w", err)
		}
		c.log(ctx).Info("told", "title", n.Title)
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
	letter, err := c.recordDeath(ctx, letter)
	if err != nil {
		return fmt.Errorf("record dead letter: %w", err)
	}
	c.log(ctx).Error("dead letter", "cause", cause)
	if d.Kind != kindNotify { // a notice about a notice that fails would never end
		err := c.notify(ctx, Notice{
			ID: letterSubject(letter.ID), Severity: "warning", Title: "A message failed for good: " + letter.Subject,
			Text: letter.Cause, Time: letter.FailedAt,
			Fields: []Field{{"What to do", fmt.Sprintf("everqual deadletter show %q", letter.ID)}},
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

// Tell queues a notice.
func (c *Corridor) Tell(ctx context.Context, n Notice) error { return c.notify(ctx, n) }

// notify queues a notice: telling people is retried and can fail for good on
// its own, without holding up the record that it speaks of.
func (c *Corridor) notify(ctx context.Context, n Notice) error {
	n.EventID = eventOf(ctx)
	body, err := json.Marshal(n)
	if err != nil {
		return everqual.Permanent(err)
	}
	now := c.Clock.Now()
	return c.Queue.Send(ctx, Message{
		ID: "notify:" + n.ID, Kind: kindNotify, Subject: "notice " + n.ID, Body: body, SentAt: now, NotBefore: now,
	})
}
