package awshome

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// queue keeps messages and dead letters in the table, where one transaction does
// what the port promises, and rings a doorbell in SQS for whoever works.
//
// A message has a due row beside it, which is moved in the same transaction: the
// rows, in the order of their time, are what waits.
type queue struct {
	table *table
	clock flow.Clock
	bell  *bell
}

// mostDue bounds how many due messages are put in order to find the oldest.
const mostDue = 1000

// Send keeps the messages that are not in the queue, each for itself. A dead
// letter with the same ID does not hold a message back.
//
// A zero SentAt is now; a zero NotBefore is SentAt. The doorbell also rings for a
// message that is there already: its own ring may have been lost.
func (q *queue) Send(ctx context.Context, messages ...flow.Message) error {
	messages = firsts(messages)
	if len(messages) == 0 {
		return nil
	}
	last, err := q.number(ctx, len(messages))
	if err != nil {
		return err
	}
	now := q.clock.Now()
	rings := make([]ring, len(messages))
	err = together(ctx, len(messages), func(ctx context.Context, i int) error {
		m := &kept{Message: messages[i], n: last - int64(len(messages)-1-i)}
		m.SentAt = orElse(m.SentAt, now)
		m.NotBefore = orElse(m.NotBefore, m.SentAt)
		m.due = nanos(m.NotBefore)
		rings[i] = ring{m.ID, m.NotBefore.Sub(now)}
		return q.insert(ctx, m)
	})
	if err != nil {
		return err
	}
	return q.bell.ring(ctx, rings...)
}

// firsts leaves the first message of each ID.
func firsts(messages []flow.Message) (some []flow.Message) {
	seen := map[string]bool{}
	for _, m := range messages {
		if !seen[m.ID] {
			some = append(some, m)
		}
		seen[m.ID] = true
	}
	return some
}

// number counts what was ever sent or buried, and returns the last of n numbers.
// They put what happens at the same time in order, and tell a message from another
// one that had its ID.
func (q *queue) number(ctx context.Context, n int) (int64, error) {
	out, err := q.table.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &q.table.name, Key: place("queue", "-"), UpdateExpression: aws.String("ADD numbers :n"),
		ExpressionAttributeValues: item{":n": number(int64(n))}, ReturnValues: "UPDATED_NEW",
	})
	if err != nil {
		return 0, said("write "+q.table.name, err)
	}
	return numberOf(out.Attributes, "numbers"), nil
}

func (q *queue) insert(ctx context.Context, m *kept) error {
	i, err := m.item()
	if err != nil {
		return err
	}
	err = q.table.transact(ctx, q.table.put(i), q.table.put(m.row()))
	if errors.As(err, new(*refused)) {
		return nil // it is there
	}
	return err
}

// Receive hides the due messages and returns them. It looks into the table, so it
// also finds what no doorbell told of.
func (q *queue) Receive(ctx context.Context, limit int, visibility time.Duration) (got []flow.Delivery, err error) {
	if limit <= 0 {
		return nil, nil
	}
	now := q.clock.Now()
	due, err := q.dueRows(ctx, nanos(now), mostDue)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(due, earlier)
	for len(due) > 0 && len(got) < limit {
		some := due[:min(limit-len(got), len(due))]
		due = due[len(some):]
		claimed := make([]*kept, len(some))
		err := together(ctx, len(some), func(ctx context.Context, i int) (err error) {
			claimed[i], err = q.claim(ctx, some[i].id, now, visibility)
			return err
		})
		for _, m := range claimed {
			if m != nil {
				got = append(got, m.delivery())
			}
		}
		if err != nil && len(got) == 0 { // what is hidden now must be handed out
			return nil, err
		}
	}
	return got, nil
}

// Take hides the message with the ID, as a doorbell names it, and returns it if
// it is due. For one that is not, because it was put off, somebody else holds it, or
// SQS cannot wait as long, the doorbell rings again at its time.
func (q *queue) Take(ctx context.Context, id string, visibility time.Duration) (flow.Delivery, bool, error) {
	now := q.clock.Now()
	m, err := q.claim(ctx, id, now, visibility)
	if err != nil || m != nil {
		return m.delivery(), m != nil, err
	}
	waiting, err := q.find(ctx, id)
	if err != nil || waiting == nil {
		return flow.Delivery{}, false, err
	}
	return flow.Delivery{}, false, q.bell.ring(ctx, ring{id, moment(waiting.due).Sub(now)})
}

// claim hides a message that is due; nil: it is not, or another was faster. One that
// may be hidden and may not comes back when it was to: nobody works on what is not his.
func (q *queue) claim(ctx context.Context, id string, now time.Time, visibility time.Duration) (*kept, error) {
	old, err := q.find(ctx, id)
	if err != nil || old == nil || old.due > nanos(now) {
		return nil, err
	}
	m := *old
	m.receives, m.flight = old.receives+1, true
	m.due = max(nanos(m.NotBefore), nanos(now.Add(visibility)))
	if err := q.replace(ctx, old, &m); err != nil {
		return nil, q.ifCurrent(err)
	}
	return &m, nil
}

// replace writes a message in a new state in the place of the old one, as long as
// that is still its state.
func (q *queue) replace(ctx context.Context, old, m *kept) error {
	i, err := m.item()
	if err != nil {
		return err
	}
	write := q.table.set(i)
	condition, values := old.current()
	write.Put.ConditionExpression, write.Put.ExpressionAttributeValues = &condition, values
	operations := []operation{write, q.table.set(m.row())}
	if old.due != m.due { // else it is the same row
		operations = append(operations, q.table.remove(placeOf(old.row()), "", nil))
	}
	return q.table.transact(ctx, operations...)
}

// held is the message of a delivery, as long as its receipt counts; nil otherwise.
func (q *queue) held(ctx context.Context, d flow.Delivery) (*kept, error) {
	m, err := q.find(ctx, d.ID)
	if err != nil || m == nil || !m.names(d) {
		return nil, err
	}
	return m, nil
}

// Delete ends a message.
func (q *queue) Delete(ctx context.Context, d flow.Delivery) error {
	m, err := q.held(ctx, d)
	if err != nil || m == nil {
		return err
	}
	return q.ifCurrent(q.table.transact(ctx, q.removal(m)...))
}

func (q *queue) removal(m *kept) []operation {
	condition, values := m.current()
	return []operation{q.table.remove(m.place(), condition, values), q.table.remove(placeOf(m.row()), "", nil)}
}

// ifCurrent takes a state that has passed for no error.
func (q *queue) ifCurrent(err error) error {
	if errors.As(err, new(*refused)) {
		return nil
	}
	return err
}

// Postpone gives a message back; its receipt is used up. Where it was already, the
// doorbell rings all the same: the call before may have ended in between.
func (q *queue) Postpone(ctx context.Context, d flow.Delivery, t time.Time) error {
	now := q.clock.Now()
	m, err := q.find(ctx, d.ID)
	if err != nil || m == nil {
		return err
	}
	if m.names(d) {
		old := *m
		m.NotBefore, m.flight = orElse(t, now), false
		m.due = nanos(m.NotBefore)
		if err := q.ifCurrent(q.replace(ctx, &old, m)); err != nil {
			return err
		}
	}
	return q.bell.ring(ctx, ring{m.ID, moment(m.due).Sub(now)})
}

// Pending counts the messages and tells when the next one is due.
func (q *queue) Pending(ctx context.Context) (n int, next time.Time, err error) {
	rows, err := q.dueRows(ctx, nanos(farthest), 0)
	for _, r := range rows {
		if at := moment(r.due); n == 0 || at.Before(next) {
			next = at
		}
		n++
	}
	return n, next, err
}

// Release lets be due now what would wait or be hidden until after t.
func (q *queue) Release(ctx context.Context, t time.Time) (int, error) {
	now := q.clock.Now()
	rows, err := q.rowsBetween(ctx, fromTime(nanos(t))+"~", "~", 0)
	for _, r := range rows {
		old, err := q.find(ctx, r.id)
		if err != nil {
			return 0, err
		}
		if old == nil || old.due <= nanos(t) {
			continue // it was done or put off meanwhile
		}
		m := *old
		m.NotBefore, m.flight, m.due = moment(min(nanos(m.NotBefore), nanos(now))), false, nanos(now)
		if err := q.replace(ctx, old, &m); q.ifCurrent(err) != nil {
			return 0, err
		}
		if err := q.bell.ring(ctx, ring{m.ID, 0}); err != nil {
			return 0, err
		}
	}
	return len(rows), err
}

// dueRows reads the rows up to a time, some of each shard or all.
func (q *queue) dueRows(ctx context.Context, until int64, limit int) ([]dueRow, error) {
	return q.rowsBetween(ctx, "0", fromTime(until)+"~", limit)
}

func (q *queue) rowsBetween(ctx context.Context, from, to string, limit int) ([]dueRow, error) {
	found := make([][]item, shards)
	err := together(ctx, shards, func(ctx context.Context, i int) (err error) {
		found[i], err = q.table.query(ctx, duePartition(i), from, to, false, limit)
		return err
	})
	var rows []dueRow
	for _, i := range slices.Concat(found...) {
		rows = append(rows, dueRowOf(i))
	}
	return rows, err
}

func orElse(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}

// letters is the partition of the dead letters.
const letters = "letters"

// Bury moves a message to the dead letters. What the message was is taken from
// the queue, why it failed from the letter. An older letter of the same message
// gives way to the new one.
func (q *queue) Bury(ctx context.Context, d flow.Delivery, letter everqual.DeadLetter) error {
	m, err := q.held(ctx, d)
	if err != nil || m == nil {
		return err
	}
	n, err := q.number(ctx, 1)
	if err != nil {
		return err
	}
	i := letterItem(m, letter, n, orElse(letter.FailedAt, q.clock.Now()))
	return q.ifCurrent(q.table.transact(ctx, append(q.removal(m), q.table.set(i))...))
}

// DeadLetters returns the dead letters in the order in which they were buried.
func (q *queue) DeadLetters(ctx context.Context) ([]everqual.DeadLetter, error) {
	items, err := q.table.query(ctx, letters, "0", "~", false, 0)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(items, func(a, b item) int { return int(numberOf(a, "n") - numberOf(b, "n")) })
	var all []everqual.DeadLetter
	for _, i := range items {
		all = append(all, letterOf(i))
	}
	return all, nil
}

// Redrive puts a dead letter's message back. Where a message with its ID waits
// already, that one does the work of both.
func (q *queue) Redrive(ctx context.Context, id string) error {
	now := q.clock.Now()
	n, err := q.number(ctx, 1)
	if err != nil {
		return err
	}
	for range tries {
		i, err := q.table.get(ctx, letters, digest(id))
		if err != nil {
			return err
		}
		if i == nil {
			return unknown(id)
		}
		waiting, err := q.find(ctx, id)
		if err != nil {
			return err
		}
		err = q.table.transact(ctx, q.redriving(i, n, waiting, now)...)
		if err == nil {
			return q.bell.ring(ctx, ring{id, 0})
		}
		if !errors.As(err, new(*refused)) {
			return err
		}
	}
	return fmt.Errorf("redrive %s: others were faster %d times in a row", id, tries)
}

// Discard removes a dead letter.
func (q *queue) Discard(ctx context.Context, id string) error {
	err := q.table.transact(ctx, q.table.remove(place(letters, digest(id)), "attribute_exists(pk)", nil))
	if errors.As(err, new(*refused)) {
		return unknown(id)
	}
	return err
}

func unknown(id string) error { return fmt.Errorf("dead letter %q: %w", id, fs.ErrNotExist) }
