package function

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/everqual/everqual"
)

// scheduled is what a schedule asks for.
type scheduled struct {
	Do string `json:"do"`
	SweepRequest
}

// SweepRequest is a scope, as the flags of 'everqual sweep' name it.
type SweepRequest struct {
	Tags         map[string]string `json:"tags,omitempty"`
	Stacks       []string          `json:"stacks,omitempty"`
	Types        []string          `json:"types,omitempty"`
	Regions      []string          `json:"regions,omitempty"`
	Accounts     []string          `json:"accounts,omitempty"`
	Organisation bool              `json:"organisation,omitempty"`
}

// schedule does what is due by the clock.
func schedule(ctx context.Context, c *call, input json.RawMessage) (any, error) {
	var s scheduled
	if err := decode(input, &s); err != nil {
		return nil, err
	}
	switch s.Do {
	case "rejudge":
		return struct{}{}, c.rejudge(ctx)
	case "seal":
		return c.seal(ctx)
	case "work":
		return c.workOff(ctx)
	case "sweep":
		return c.host.Sweep(ctx, c.Corridor, s.SweepRequest)
	}
	return nil, everqual.Permanent(fmt.Errorf(`"do" is rejudge, seal, work or sweep, not %q`, s.Do))
}

// sealed is how far the ledger is signed.
type sealed struct {
	Size uint64          `json:"size"` // 0: nothing was appended since the last time
	Root everqual.Digest `json:"root,omitempty"`
}

func (c *call) seal(ctx context.Context) (any, error) {
	signer, _, err := c.Signer(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the key that signs the ledger: %w", err)
	}
	made, err := c.Ledger.Checkpoint(ctx, signer)
	return sealed{made.Size, made.Root}, err
}

// workOff handles what waits in the queue, and takes no more than can be ended
// before the invocation is: half of its time is enough to end a message in.
func (c *call) workOff(ctx context.Context) (any, error) {
	c.fresh(ctx, libraryAge)
	until := ctx
	if deadline, ok := ctx.Deadline(); ok {
		left := deadline.Sub(c.host.Now())
		var cancel context.CancelFunc
		until, cancel = context.WithTimeout(ctx, left-min(c.Settings.Visibility, left/2))
		defer cancel()
	}
	n, err := c.WorkUntil(ctx, until)
	c.metrics.work(n)
	c.metrics.highest("Left", count, float64(n.Left))
	return n, err
}
