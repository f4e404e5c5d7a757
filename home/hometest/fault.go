package hometest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// fault fails one write of the queue or the archive: the write is lost, or it
// happens and its success is not heard of.
type fault struct {
	mu   sync.Mutex
	left int  // writes until the one that fails
	lost bool // it does not happen
	hit  bool
}

var errFault = errors.New("the line was cut")

func (f *fault) write(do func() error) error {
	if !f.now() {
		return do()
	}
	if !f.lost {
		_ = do()
	}
	return errFault
}

func (f *fault) now() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left--
	f.hit = f.hit || f.left == 0
	return f.left == 0
}

type faultyQueue struct {
	flow.Queue
	*fault
}

func (q faultyQueue) Send(ctx context.Context, m ...flow.Message) error {
	return q.write(func() error { return q.Queue.Send(ctx, m...) })
}

func (q faultyQueue) Delete(ctx context.Context, d flow.Delivery) error {
	return q.write(func() error { return q.Queue.Delete(ctx, d) })
}

func (q faultyQueue) Postpone(ctx context.Context, d flow.Delivery, t time.Time) error {
	return q.write(func() error { return q.Queue.Postpone(ctx, d, t) })
}

func (q faultyQueue) Bury(ctx context.Context, d flow.Delivery, l everqual.DeadLetter) error {
	return q.write(func() error { return q.Queue.Bury(ctx, d, l) })
}

type faultyArchive struct {
	flow.Archive
	*fault
}

func (a faultyArchive) Put(ctx context.Context, d everqual.Digest, b []byte) error {
	return a.write(func() error { return a.Archive.Put(ctx, d, b) })
}

// faults runs the corridor with each of its writes failing in turn, lost and
// lost-but-persisted, and then again as after a restart. Whatever failed, the
// ledger says the same in the end: nothing lost, nothing twice.
func faults(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home) {
	for _, lost := range []bool{true, false} {
		for n := 1; ; n++ {
			hit := false
			t.Run(fmt.Sprintf("write %d lost %v", n, lost), func(t *testing.T) { hit = failOnce(t, open, n, lost) })
			if !hit {
				if n < 6 {
					t.Errorf("only %d writes were seen", n-1)
				}
				break
			}
		}
	}
}

func failOnce(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home, n int, lost bool) (hit bool) {
	clock := NewClock(morning)
	s := newScene(t, open(t, clock), clock)
	s.aws.set(instance, "m5.xlarge", appTags)
	whole := s.Home
	f := &fault{left: n, lost: lost}
	s.Home.Queue, s.Home.Archive = faultyQueue{whole.Queue, f}, faultyArchive{whole.Archive, f}
	if takeIn(t.Context(), s.Corridor) == nil {
		_, _ = s.Work(t.Context())
	}
	s.Home = whole
	s.clock.Advance(s.Settings.Visibility) // the killed worker's messages come back
	if err := takeIn(t.Context(), s.Corridor); err != nil {
		t.Fatal(err)
	}
	if left := s.work().Left; left != 0 {
		t.Errorf("%d messages are left", left)
	}
	s.expect("v1 APP-01 FAIL")
	want := map[everqual.Kind]int{everqual.KindChangeEvent: 2, everqual.KindObservation: 1, everqual.KindAssessment: 1, everqual.KindDeadLetter: 1}
	for kind, n := range want {
		if got := s.count(kind); got != n {
			t.Errorf("%d records of kind %s, want %d", got, kind, n)
		}
	}
	if letters, err := s.Queue.DeadLetters(t.Context()); err != nil || len(letters) != 1 {
		t.Errorf("dead letters are %+v, %v, want one", letters, err)
	}
	if len(s.post.notices) < 2 {
		t.Errorf("people were told of %d of 2 things", len(s.post.notices))
	}
	if err := s.Ledger.Check(t.Context()); err != nil {
		t.Error(err)
	}
	return f.hit
}

// takeIn takes in an event that ends well and one that ends as a dead letter.
func takeIn(ctx context.Context, c *flow.Corridor) error {
	a := c.Accept()
	for _, e := range []everqual.ChangeEvent{modify("e1", morning), event("e2", "ModifyInstanceAttribute", morning, "null")} {
		if err := a.Event(ctx, e); err != nil {
			return err
		}
	}
	return a.Flush(ctx)
}
