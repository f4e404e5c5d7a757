package hometest

import (
	"errors"
	"io/fs"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// letters expects the dead letters, oldest burial first.
func (q *tried) letters(want ...everqual.DeadLetter) {
	q.t.Helper()
	got, err := q.queue.DeadLetters(background)
	q.must(err)
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		q.t.Fatalf("dead letters (-want +got):\n%s", d)
	}
}

func letterOf(d flow.Delivery, cause string, at time.Time) everqual.DeadLetter {
	return everqual.DeadLetter{
		ID: d.ID, Kind: d.Kind, Subject: d.Subject, Body: d.Body, Cause: cause,
		Attempts: d.Attempt, SentAt: d.SentAt, FailedAt: at,
	}
}

func buried(t *testing.T, q *tried) {
	q.send(message("a", 0), message("b", time.Second))
	a := q.one(time.Minute)
	letterA := letterOf(a, "denied \"for good\"", q.clock.Now())
	for range 2 {
		q.must(q.queue.Bury(background, a, letterA))
		q.letters(letterA)
		q.pending(1, time.Second)
	}
	q.must(q.queue.Delete(background, a))
	q.clock.Advance(time.Hour)
	b := q.one(time.Minute)
	letterB := letterOf(b, "nonsense", q.clock.Now())
	q.must(q.queue.Bury(background, b, letterB))
	q.letters(letterA, letterB)
	q.pending(0, 0)
	q.none()
}

func (q *tried) buryOne(cause string) everqual.DeadLetter {
	q.t.Helper()
	d := q.one(time.Minute)
	letter := letterOf(d, cause, q.clock.Now())
	q.must(q.queue.Bury(background, d, letter))
	return letter
}

func (q *tried) unknown(id string) {
	q.t.Helper()
	if err := q.queue.Redrive(background, id); !errors.Is(err, fs.ErrNotExist) {
		q.t.Errorf("redrive %q: %v, want fs.ErrNotExist", id, err)
	}
	if err := q.queue.Discard(background, id); !errors.Is(err, fs.ErrNotExist) {
		q.t.Errorf("discard %q: %v, want fs.ErrNotExist", id, err)
	}
}

func redriven(t *testing.T, q *tried) {
	q.unknown("a")
	q.send(message("a", 0))
	q.one(time.Second)
	q.clock.Advance(time.Second)
	if l := q.buryOne("cause"); l.Attempts != 2 {
		t.Fatalf("buried after %d attempts, want 2", l.Attempts)
	}
	q.must(q.queue.Redrive(background, "a"))
	q.letters()
	q.pending(1, 0)
	d := q.one(time.Minute)
	want := message("a", 0)
	want.NotBefore = d.NotBefore
	if diff := cmp.Diff(want, d.Message); diff != "" || d.Attempt != 1 {
		t.Errorf("attempt %d, message (-sent +redriven):\n%s", d.Attempt, diff)
	}
	q.unknown("a")
}

func discarded(t *testing.T, q *tried) {
	q.send(message("a", 0))
	q.buryOne("cause")
	q.must(q.queue.Discard(background, "a"))
	q.letters()
	q.pending(0, 0)
	q.unknown("a")
}

// besideLetter: a dead letter does not hold back work that is asked for again.
func besideLetter(t *testing.T, q *tried) {
	q.send(message("a", 0))
	first := q.buryOne("first cause")
	q.send(message("a", 0))
	q.pending(1, 0)
	q.letters(first)
	q.clock.Advance(time.Second)
	second := q.buryOne("second cause")
	q.letters(second)
	q.send(message("a", 0))
	q.must(q.queue.Redrive(background, "a"))
	q.letters()
	q.pending(1, -time.Second)
	if d := q.one(time.Minute); d.Attempt != 1 {
		t.Errorf("attempt %d, want 1", d.Attempt)
	}
}
