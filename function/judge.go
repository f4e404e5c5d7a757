package function

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/everqual/everqual"
)

// judge assesses the last record of every resource that a DynamoDB stream batch
// tells a new observation of. It reads the specifications anew: one that came
// into force before the observation was recorded judges it for certain, also
// where the observer had not heard of it. A stream is delivered again from the
// first failure on, so nothing behind it is tried.
func judge(ctx context.Context, c *call, input json.RawMessage) (any, error) {
	batch, err := records[change](input)
	if err != nil {
		return nil, err
	}
	c.fresh(ctx, 0)
	judged := map[everqual.ResourceID]bool{}
	for _, r := range batch {
		id := r.observed()
		if id == "" || judged[id] {
			continue
		}
		if at := r.Stream.Created; at > 0 {
			lag := c.Clock.Now().Sub(time.UnixMilli(int64(at * 1000)))
			c.metrics.highest("LedgerLag", seconds, max(0, lag.Seconds()))
		}
		if err := c.judgeLast(ctx, id); err != nil {
			c.Log.Error("deliver again", "resource", id, "sequence", r.Stream.Sequence, "cause", err)
			return failures(r.Stream.Sequence), nil
		}
		judged[id] = true
	}
	c.metrics.add("Judged", count, float64(len(judged)))
	return failures(), nil
}

// observed is the resource of an item that is the record of an observation, ""
// of every other item: keys, heads, messages. A record names its resource first
// among its subjects.
func (r change) observed() everqual.ResourceID {
	subjects := r.Stream.Image["subjects"].L
	if r.Stream.Image["kind"].S != string(everqual.KindObservation) || len(subjects) == 0 {
		return ""
	}
	return everqual.ResourceID(subjects[0].S)
}

func (c *call) judgeLast(ctx context.Context, id everqual.ResourceID) error {
	last, err := c.Ledger.Latest(ctx, id)
	if err != nil {
		return fmt.Errorf("read last record of %s: %w", id, err)
	}
	if last.Version == 0 {
		return everqual.Permanent(fmt.Errorf("%s was never observed", id))
	}
	return c.Judge(ctx, last)
}
