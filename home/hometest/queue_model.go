package hometest

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// queueLikeModel does the same things to the queue and to a list, and compares
// every answer.
func queueLikeModel(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home) {
	rapid.Check(t, func(r *rapid.T) {
		clock := NewClock(start)
		m := &machine{queue: open(t, clock).Queue, clock: clock, deliveries: map[string]delivered{}}
		r.Repeat(map[string]func(*rapid.T){
			"send": m.send, "receive": m.receive, "delete": m.delete, "postpone": m.postpone, "bury": m.bury,
			"redrive": m.redrive, "discard": m.discard, "pass": m.pass, "": m.compare,
		})
	})
}

// item is a message in the model. It is in flight while receipt is set.
type item struct {
	flow.Message
	order       int // of sending
	hiddenUntil time.Time
	receipt     string
	attempts    int
}

func (i *item) due() time.Time {
	if i.hiddenUntil.After(i.NotBefore) {
		return i.hiddenUntil
	}
	return i.NotBefore
}

type delivered struct {
	flow.Delivery
	item *item
}

type machine struct {
	queue      flow.Queue
	clock      *Clock
	items      []*item
	letters    []everqual.DeadLetter
	sent       int
	deliveries map[string]delivered // all there ever were, by receipt
	receipts   []string
}

func (m *machine) find(id string) *item {
	for _, i := range m.items {
		if i.ID == id {
			return i
		}
	}
	return nil
}

// id is one of few, so that they meet again.
func id(r *rapid.T) string { return fmt.Sprint("message ", rapid.IntRange(1, 5).Draw(r, "id")) }

func after(r *rapid.T, t time.Time) time.Time {
	return t.Add(time.Duration(rapid.IntRange(-2, 5).Draw(r, "seconds")) * time.Second)
}

func (m *machine) add(x flow.Message) {
	if m.find(x.ID) == nil {
		m.sent++
		m.items = append(m.items, &item{Message: x, order: m.sent})
	}
}

func (m *machine) send(r *rapid.T) {
	batch := make([]flow.Message, rapid.IntRange(1, 3).Draw(r, "batch"))
	for i := range batch {
		batch[i] = message(id(r), 0)
		batch[i].SentAt, batch[i].NotBefore = m.clock.Now(), after(r, m.clock.Now())
		m.add(batch[i])
	}
	if err := m.queue.Send(background, batch...); err != nil {
		r.Fatal(err)
	}
}

func (m *machine) receive(r *rapid.T) {
	limit := rapid.IntRange(0, 3).Draw(r, "limit")
	visibility := time.Duration(rapid.IntRange(1, 5).Draw(r, "visibility")) * time.Second
	got, err := m.queue.Receive(background, limit, visibility)
	if err != nil {
		r.Fatal(err)
	}
	want := m.dueItems(limit)
	if len(got) != len(want) {
		r.Fatalf("received %d messages, want %d", len(got), len(want))
	}
	for k, i := range want {
		i.attempts++
		i.hiddenUntil, i.receipt = m.clock.Now().Add(visibility), got[k].Receipt
		if d := gocmp.Diff(flow.Delivery{Message: i.Message, Attempt: i.attempts, Receipt: i.receipt}, got[k]); d != "" {
			r.Fatalf("delivery %d (-want +got):\n%s", k, d)
		}
		if _, used := m.deliveries[i.receipt]; used {
			r.Fatalf("receipt %s was given before", i.receipt)
		}
		m.deliveries[i.receipt] = delivered{got[k], i}
		m.receipts = append(m.receipts, i.receipt)
	}
}

func (m *machine) dueItems(limit int) []*item {
	var due []*item
	for _, i := range m.items {
		if !i.due().After(m.clock.Now()) {
			due = append(due, i)
		}
	}
	slices.SortFunc(due, func(a, b *item) int {
		return cmp.Or(a.NotBefore.Compare(b.NotBefore), cmp.Compare(a.order, b.order))
	})
	return due[:min(limit, len(due))]
}

// delivery draws one of the deliveries that there ever were; current tells
// whether its receipt still counts.
func (m *machine) delivery(r *rapid.T) (d delivered, current bool) {
	if len(m.receipts) == 0 {
		r.Skip("nothing was received yet")
	}
	// The latest few are the likeliest to be current.
	back := rapid.IntRange(1, len(m.receipts)).Draw(r, "receipt, from the last")
	d = m.deliveries[m.receipts[len(m.receipts)-back]]
	return d, d.item.receipt == d.Receipt && slices.Contains(m.items, d.item)
}

func (m *machine) remove(i *item) {
	m.items = slices.DeleteFunc(m.items, func(x *item) bool { return x == i })
}

func (m *machine) delete(r *rapid.T) {
	d, current := m.delivery(r)
	if current {
		m.remove(d.item)
	}
	if err := m.queue.Delete(background, d.Delivery); err != nil {
		r.Fatal(err)
	}
}

func (m *machine) postpone(r *rapid.T) {
	d, current := m.delivery(r)
	t := after(r, m.clock.Now())
	if current {
		d.item.NotBefore, d.item.hiddenUntil, d.item.receipt = t, time.Time{}, ""
	}
	if err := m.queue.Postpone(background, d.Delivery, t); err != nil {
		r.Fatal(err)
	}
}

func (m *machine) bury(r *rapid.T) {
	d, current := m.delivery(r)
	letter := letterOf(d.Delivery, fmt.Sprint("cause ", len(m.receipts)), m.clock.Now())
	if current {
		m.remove(d.item)
		m.drop(letter.ID)
		m.letters = append(m.letters, letter)
	}
	if err := m.queue.Bury(background, d.Delivery, letter); err != nil {
		r.Fatal(err)
	}
}

// drop removes a dead letter and returns what was dropped.
func (m *machine) drop(id string) (dropped []everqual.DeadLetter) {
	m.letters = slices.DeleteFunc(m.letters, func(l everqual.DeadLetter) bool {
		if l.ID == id {
			dropped = append(dropped, l)
		}
		return l.ID == id
	})
	return dropped
}

func (m *machine) redrive(r *rapid.T) {
	id := id(r)
	dropped := m.drop(id)
	for _, l := range dropped {
		m.add(flow.Message{ID: l.ID, Kind: l.Kind, Subject: l.Subject, Body: l.Body, SentAt: l.SentAt, NotBefore: m.clock.Now()})
	}
	known(r, dropped, m.queue.Redrive(background, id))
}

func (m *machine) discard(r *rapid.T) {
	id := id(r)
	known(r, m.drop(id), m.queue.Discard(background, id))
}

func known(r *rapid.T, dropped []everqual.DeadLetter, err error) {
	if len(dropped) > 0 && err != nil || len(dropped) == 0 && !errors.Is(err, fs.ErrNotExist) {
		r.Fatalf("%d dead letters, but %v", len(dropped), err)
	}
}

func (m *machine) pass(r *rapid.T) {
	m.clock.Advance(time.Duration(rapid.IntRange(1, 4).Draw(r, "seconds")) * time.Second)
}

func (m *machine) compare(r *rapid.T) {
	n, next, err := m.queue.Pending(background)
	if err != nil || n != len(m.items) {
		r.Fatalf("pending %d, %v; want %d", n, err, len(m.items))
	}
	var want time.Time
	for k, i := range m.items {
		if k == 0 || i.due().Before(want) {
			want = i.due()
		}
	}
	if !next.IsZero() && !next.Equal(want) {
		r.Fatalf("next due %v, want %v", next, want)
	}
	letters, err := m.queue.DeadLetters(background)
	if d := gocmp.Diff(m.letters, letters, cmpopts.EquateEmpty()); err != nil || d != "" {
		r.Fatalf("dead letters, %v (-want +got):\n%s", err, d)
	}
}
