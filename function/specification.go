package function

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// newSpecification reads the specifications when S3 tells that one was written,
// and has those in force judge what is there. Which one it was does not matter:
// all are read.
func newSpecification(ctx context.Context, c *call, _ json.RawMessage) (any, error) {
	return struct{}{}, c.rejudge(ctx)
}

// rejudge judges by the specifications as they are now. That they cannot be read,
// or that one was altered under its old version, is told to people: whoever put it
// there has gone.
func (c *call) rejudge(ctx context.Context) error {
	if err := c.reload(ctx); err != nil {
		told := c.Tell(ctx, flow.Notice{
			ID:       "specifications:" + everqual.DigestOf([]byte(err.Error())).Short(),
			Severity: "warning", Title: "New specifications were refused", Time: c.Clock.Now(),
			Text: err.Error() + "\nThe last good ones go on judging.",
		})
		if told != nil {
			return told
		}
		return fmt.Errorf("read the specifications: %w", err)
	}
	return c.Rejudge(ctx)
}
