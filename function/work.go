package function

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/everqual/everqual/flow"
)

// libraryAge is how old the specifications may be that a message's observation
// is judged by at first. The function judge, which reads them anew, has the last
// word.
const libraryAge = time.Minute

// work handles the messages whose names an SQS batch holds. A name that means
// nothing comes back until SQS's own dead-letter queue has it.
func work(ctx context.Context, c *call, input json.RawMessage) (any, error) {
	batch, err := records[message](input)
	if err != nil {
		return nil, err
	}
	c.fresh(ctx, libraryAge)
	var held []flow.Delivery
	var again []string
	rung := map[string]string{} // SQS message by message
	for _, m := range batch {
		c.metrics.highest("OldestMessageAge", seconds, m.age(c.Clock.Now()).Seconds())
		d, ok, err := c.called(ctx, m)
		switch {
		case err != nil:
			c.Log.Error("deliver again", "message", m.ID, "cause", err)
			again = append(again, m.ID)
		case ok:
			held = append(held, d)
			rung[d.ID] = m.ID
		}
	}
	n, failed := c.WorkOn(ctx, held...)
	for id, err := range failed {
		c.Log.Error("deliver again", "message", id, "cause", err)
		again = append(again, rung[id])
	}
	c.metrics.work(n)
	c.metrics.add("Redelivered", count, float64(len(again)))
	return failures(again...), nil
}

// called is the message that a name calls for, or where the queue knows no
// names, the next one that is due; ok is false when there is none.
func (c *call) called(ctx context.Context, m message) (d flow.Delivery, ok bool, err error) {
	var name struct{ ID string }
	if err := json.Unmarshal([]byte(m.Body), &name); err != nil || name.ID == "" {
		return d, false, fmt.Errorf(`the message names no work, as {"id": "..."} does: %.100q`, m.Body)
	}
	if ringer, ok := c.Queue.(flow.Ringer); ok {
		return ringer.Take(ctx, name.ID, c.Settings.Visibility)
	}
	due, err := c.Queue.Receive(ctx, 1, c.Settings.Visibility)
	if err != nil || len(due) == 0 {
		return d, false, err
	}
	return due[0], true, nil
}
