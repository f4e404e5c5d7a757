package hometest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/everqual/everqual/flow"
	"github.com/google/go-cmp/cmp"
)

func runQueue(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home) {
	tests := []struct {
		name string
		run  func(t *testing.T, q *tried)
	}{
		{"an empty queue", emptyQueue},
		{"gives back what was sent", givesBack},
		{"a message is kept once", keptOnce},
		{"due, oldest first", inOrder},
		{"hidden while in flight", hidden},
		{"a receipt that is past changes nothing", pastReceipt},
		{"a receipt of an earlier life changes nothing", earlierLife},
		{"postponed", postponed},
		{"released", released},
		{"buried", buried},
		{"redriven", redriven},
		{"discarded", discarded},
		{"sent again beside its dead letter", besideLetter},
		{"receivers share", shared},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			clock := NewClock(start)
			test.run(t, &tried{t, open(t, clock).Queue, clock})
		})
	}
	t.Run("taken by name", func(t *testing.T) {
		clock := NewClock(start)
		queue := open(t, clock).Queue
		if ringer, ok := queue.(flow.Ringer); ok { // else there is nothing to promise
			takenByName(t, &tried{t, queue, clock}, ringer)
		}
	})
	t.Run("does as the model does", func(t *testing.T) { queueLikeModel(t, open) })
}

// takenByName: a name is received as Receive would, and otherwise changes nothing.
func takenByName(t *testing.T, q *tried, ringer flow.Ringer) {
	take := func(id string, want bool) flow.Delivery {
		t.Helper()
		d, got, err := ringer.Take(background, id, time.Minute)
		q.must(err)
		if got != want || got && d.ID != id {
			t.Fatalf("took %s: %t, %q", id, got, d.ID)
		}
		return d
	}
	now := q.clock.Now()
	q.send(flow.Message{ID: "a", SentAt: now, NotBefore: now}, flow.Message{ID: "b", SentAt: now, NotBefore: now.Add(time.Hour)})
	d := take("a", true)
	take("a", false) // held
	take("b", false) // not due
	take("c", false) // unknown
	q.must(q.queue.Delete(background, d))
	take("a", false) // gone
	q.clock.Advance(time.Hour)
	if d := take("b", true); d.Attempt != 1 {
		t.Errorf("the first delivery is attempt %d", d.Attempt)
	}
	q.none()
}

// tried is a queue whose errors end the test.
type tried struct {
	t     testing.TB
	queue flow.Queue
	clock *Clock
}

var background = context.Background()

func (q *tried) must(err error) {
	q.t.Helper()
	if err != nil {
		q.t.Fatal(err)
	}
}

func (q *tried) send(messages ...flow.Message) {
	q.t.Helper()
	q.must(q.queue.Send(background, messages...))
}

func (q *tried) receive(limit int, visibility time.Duration) []flow.Delivery {
	q.t.Helper()
	got, err := q.queue.Receive(background, limit, visibility)
	q.must(err)
	return got
}

// one receives the one message that is due.
func (q *tried) one(visibility time.Duration) flow.Delivery {
	q.t.Helper()
	got := q.receive(10, visibility)
	if len(got) != 1 {
		q.t.Fatalf("received %d messages, want 1", len(got))
	}
	return got[0]
}

func (q *tried) none() {
	q.t.Helper()
	if got := q.receive(10, time.Minute); len(got) > 0 {
		q.t.Fatalf("received %s, want nothing", got[0].ID)
	}
}

// pending expects n messages, the next one due in wait from now.
func (q *tried) pending(n int, wait time.Duration) {
	q.t.Helper()
	got, next, err := q.queue.Pending(background)
	q.must(err)
	want := q.clock.Now().Add(wait)
	if got != n || n == 0 && !next.IsZero() || n > 0 && !next.IsZero() && !next.Equal(want) {
		q.t.Fatalf("pending %d, next due %v; want %d, %v", got, next, n, want)
	}
}

// message is due wait after the start.
func message(id string, wait time.Duration) flow.Message {
	return flow.Message{
		ID: id, Kind: "observe", Subject: "arn:" + id, Body: []byte(`{"id":"` + id + `"}`),
		SentAt: start, NotBefore: start.Add(wait),
	}
}

func emptyQueue(t *testing.T, q *tried) {
	q.pending(0, 0)
	q.none()
	q.letters()
	q.send()
	q.pending(0, 0)
	for _, d := range []flow.Delivery{{}, {Message: message("a", 0), Receipt: "1-1"}, {Message: message("a", 0), Receipt: "nonsense"}} {
		q.must(q.queue.Delete(background, d))
		q.must(q.queue.Postpone(background, d, start))
		q.must(q.queue.Bury(background, d, letterOf(d, "cause", start)))
	}
	q.letters()
}

func givesBack(t *testing.T, q *tried) {
	odd := flow.Message{
		ID: "observe:arn:aws:s3:::a b'\"%/Ä日本", Kind: "notify", Subject: "line\nbreak", Body: []byte(`{ "b" : [1.50,"<&>"] }`),
		SentAt: start.Add(-time.Hour), NotBefore: start.Add(-time.Minute),
	}
	q.send(odd)
	d := q.one(time.Minute)
	if diff := cmp.Diff(odd, d.Message); diff != "" {
		t.Errorf("message (-sent +received):\n%s", diff)
	}
	if d.Attempt != 1 || d.Receipt == "" {
		t.Errorf("attempt %d, receipt %q", d.Attempt, d.Receipt)
	}
	q.must(q.queue.Delete(background, d))
	q.send(flow.Message{ID: "no times"})
	if d := q.one(time.Minute); !d.SentAt.Equal(start) || !d.NotBefore.Equal(start) || len(d.Body) != 0 {
		t.Errorf("a message without times: %+v", d)
	}
	q.send(flow.Message{ID: "never", SentAt: start, NotBefore: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})
	q.none()
}

func keptOnce(t *testing.T, q *tried) {
	other := message("a", 0)
	other.Body = []byte(`"another body"`)
	q.send(message("a", 0), message("b", time.Hour), message("a", 0))
	q.send(other)
	q.pending(2, 0)
	d := q.one(time.Minute)
	if string(d.Body) != `{"id":"a"}` {
		t.Errorf("the second message took the first one's place: %s", d.Body)
	}
	q.send(other)
	q.pending(2, time.Minute)
	q.none()
	q.must(q.queue.Delete(background, d))
	q.must(q.queue.Delete(background, d))
	q.pending(1, time.Hour)
	q.send(other)
	if d := q.one(time.Minute); d.Attempt != 1 || string(d.Body) != `"another body"` {
		t.Errorf("sent anew: attempt %d, body %s", d.Attempt, d.Body)
	}
}

func inOrder(t *testing.T, q *tried) {
	q.send(message("third", 3*time.Second), message("first", time.Second), message("second", 2*time.Second), message("later", time.Minute))
	q.pending(4, time.Second)
	q.none()
	q.clock.Advance(time.Second - 1)
	q.none()
	q.clock.Advance(1)
	if d := q.receive(1, time.Minute); len(d) != 1 || d[0].ID != "first" {
		t.Fatalf("at its time, received %v", d)
	}
	q.clock.Advance(2 * time.Second)
	for _, limit := range []int{0, -1} {
		if got := q.receive(limit, time.Minute); len(got) != 0 {
			t.Fatalf("received %d messages within a limit of %d", len(got), limit)
		}
	}
	got := q.receive(10, time.Minute)
	if len(got) != 2 || got[0].ID != "second" || got[1].ID != "third" {
		t.Fatalf("received %v", got)
	}
	q.pending(4, 57*time.Second)
}

func hidden(t *testing.T, q *tried) {
	q.send(message("a", 0))
	first := q.one(time.Minute)
	q.pending(1, time.Minute)
	q.clock.Advance(time.Minute - 1)
	q.none()
	q.clock.Advance(1)
	q.pending(1, 0)
	second := q.one(2 * time.Minute)
	if second.Attempt != 2 || second.Receipt == first.Receipt {
		t.Errorf("attempt %d, receipts %q and %q", second.Attempt, first.Receipt, second.Receipt)
	}
	q.clock.Advance(time.Hour)
	// Late, but nobody else has received it since.
	q.must(q.queue.Delete(background, second))
	q.pending(0, 0)
}

func pastReceipt(t *testing.T, q *tried) {
	q.send(message("a", 0))
	past := q.one(time.Second)
	q.clock.Advance(time.Second)
	current := q.one(time.Minute)
	q.must(q.queue.Delete(background, past))
	q.must(q.queue.Postpone(background, past, start))
	q.must(q.queue.Bury(background, past, letterOf(past, "cause", start)))
	q.pending(1, time.Minute)
	q.letters()
	q.none()
	q.must(q.queue.Delete(background, current))
	q.pending(0, 0)
}

// earlierLife is what a slow worker does: its message timed out, was done by
// another, and was then sent anew.
func earlierLife(t *testing.T, q *tried) {
	q.send(message("a", 0))
	slow := q.one(time.Second)
	q.clock.Advance(time.Second)
	q.must(q.queue.Delete(background, q.one(time.Second)))
	q.send(message("a", 0))
	q.one(time.Second)
	q.must(q.queue.Delete(background, slow))
	q.must(q.queue.Bury(background, slow, letterOf(slow, "cause", start)))
	q.must(q.queue.Postpone(background, slow, start.Add(time.Hour)))
	q.clock.Advance(time.Second)
	if d := q.one(time.Second); d.Attempt != 2 {
		t.Errorf("attempt %d, want 2", d.Attempt)
	}
}

func postponed(t *testing.T, q *tried) {
	q.send(message("a", 0))
	d := q.one(time.Minute)
	for range 2 {
		q.must(q.queue.Postpone(background, d, start.Add(time.Hour)))
		q.pending(1, time.Hour)
	}
	q.clock.Advance(time.Hour - 1)
	q.none()
	q.clock.Advance(1)
	again := q.one(time.Minute)
	if again.Attempt != 2 || !again.NotBefore.Equal(start.Add(time.Hour)) || !again.SentAt.Equal(start) {
		t.Errorf("attempt %d, not before %v, sent at %v", again.Attempt, again.NotBefore, again.SentAt)
	}
	q.must(q.queue.Postpone(background, again, start))
	if d := q.one(time.Minute); d.Attempt != 3 {
		t.Errorf("attempt %d, want 3", d.Attempt)
	}
}

// released: what would wait or be hidden too long is due now, what is not stays.
func released(t *testing.T, q *tried) {
	release := func(want int) {
		t.Helper()
		n, err := q.queue.Release(background, q.clock.Now().Add(time.Hour))
		q.must(err)
		if n != want {
			t.Fatalf("%d were released, want %d", n, want)
		}
	}
	release(0)
	q.send(message("near", time.Hour), message("far", time.Hour+1), message("never", 200*365*24*time.Hour), message("held", 0))
	q.one(48 * time.Hour)
	release(3)
	release(0)
	q.pending(4, 0)
	var got []string
	for _, d := range q.receive(10, time.Minute) {
		got = append(got, d.ID)
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"far", "held", "never"}) {
		t.Errorf("received %q", got)
	}
}

// shared lets receivers empty the queue at once: each message reaches one.
func shared(t *testing.T, q *tried) {
	const n = 120
	var messages []flow.Message
	for i := range n {
		messages = append(messages, message(fmt.Sprint(i), 0))
	}
	q.send(messages...)
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := map[string]int{}
	for range 4 {
		wg.Go(func() {
			for {
				got, err := q.queue.Receive(background, 7, time.Hour)
				if err != nil {
					t.Error(err)
				}
				if len(got) == 0 {
					return
				}
				for _, d := range got {
					mu.Lock()
					seen[d.ID]++
					mu.Unlock()
					if err := q.queue.Delete(background, d); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s was received %d times", id, times)
		}
	}
	if len(seen) != n {
		t.Errorf("%d messages were received, want %d", len(seen), n)
	}
	q.pending(0, 0)
}
