package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/rule/schedule"
)

// Times of a worker: how long it looks away when there is nothing to do or the
// home failed, and how long a round of work may take in messages, after which it
// looks at its schedules and says that it lives.
const (
	idle      = time.Second
	afterFail = 5 * time.Second
	round     = time.Minute
)

// worker is a running worker.
type worker struct {
	*flow.Corridor
	jobs   []*job
	reload func(context.Context, *flow.Corridor) error

	mu     sync.Mutex
	seen   time.Time // when the last round ended
	broken error     // what is not well since then
}

// run works until until ends, and finishes what it holds before ctx does.
func (w *worker) run(ctx, until context.Context) error {
	w.Log.Info("worker began")
	for until.Err() == nil {
		left, err := w.round(ctx, until)
		wait := time.Duration(0)
		switch {
		case err != nil && until.Err() == nil:
			w.Log.Error("try again", "cause", err)
			wait = afterFail
		case left == 0:
			wait = idle
		}
		_ = w.Clock.Sleep(until, wait) // that it was cut short is what until says
	}
	if ctx.Err() != nil {
		w.Log.Warn("what could not be finished in time was given back")
	}
	w.Log.Info("worker ended")
	return nil
}

// round does what is due by schedule, and then works until there is nothing to do
// or something else is due.
func (w *worker) round(ctx, until context.Context) (left int, err error) {
	next := w.keepSchedule(ctx)
	until, cancel := context.WithTimeout(until, next.Sub(w.Clock.Now()))
	defer cancel()
	n, err := w.WorkUntil(ctx, until)
	if n.Done+n.Retried+n.DeadLetters > 0 {
		w.Log.Info("worked", "done", n.Done, "retried", n.Retried, "dead_letters", n.DeadLetters, "left", n.Left)
	}
	w.beat(err)
	return n.Left, err
}

// keepSchedule does what is due, and tells when to look again. What fails is tried
// again after a while; it does not hold up the messages.
func (w *worker) keepSchedule(ctx context.Context) (next time.Time) {
	now := w.Clock.Now()
	next = now.Add(round)
	for _, j := range w.jobs {
		if !j.due.After(now) {
			j.after(now)
			if j.broken = w.do(ctx, j.verb); j.broken != nil {
				w.Log.Error("try again", "schedule", j.verb, "cause", j.broken)
				j.due = now.Add(round)
			}
		}
		if j.due.Before(next) {
			next = j.due
		}
	}
	return next
}

func (w *worker) do(ctx context.Context, verb string) error {
	if verb == "rejudge" {
		return w.reload(ctx, w.Corridor)
	}
	signer, _, err := w.Signer(ctx)
	if err != nil {
		return err
	}
	made, err := w.Ledger.Checkpoint(ctx, signer)
	if err == nil && made.Size > 0 {
		w.Log.Info("sealed", "size", made.Size)
	}
	return err
}

// job is something that is done by schedule.
type job struct {
	verb     string
	schedule *schedule.Schedule
	due      time.Time
	broken   error // why it failed the last time
}

func (j *job) after(t time.Time) {
	next, ok := j.schedule.Next(t, time.UTC)
	if !ok {
		next = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) // never again
	}
	j.due = next
}

// parseJobs reads --schedule. All is judged once at the start, as 'everqual run' does.
func parseJobs(texts []string, now time.Time) (jobs []*job, err error) {
	for _, text := range texts {
		verb, expression, ok := strings.Cut(text, "=")
		if !ok || verb != "rejudge" && verb != "seal" {
			return nil, usagef("--schedule is rejudge=EXPRESSION or seal=EXPRESSION, not %q", text)
		}
		s, err := schedule.Parse(schedule.Scheduler, expression)
		if err != nil {
			return nil, usagef("--schedule %s: %w", verb, err)
		}
		j := &job{verb: verb, schedule: s, due: now}
		if verb == "seal" {
			j.after(now)
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}
