package function

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// takeIn accepts the events of an SQS batch: envelopes as EventBridge delivers
// them, also by way of SNS, and log files that S3 tells of.
func takeIn(ctx context.Context, c *call, input json.RawMessage) (any, error) {
	batch, err := records[message](input)
	if err != nil {
		return nil, err
	}
	for _, m := range batch {
		c.metrics.highest("OldestMessageAge", seconds, m.age(c.Clock.Now()).Seconds())
	}
	failed := c.take(ctx, batch)
	c.metrics.add("Redelivered", count, float64(len(failed)))
	return failures(failed...), nil
}

// take accepts messages together, and where that fails one by one, so that
// each fails alone. What never can be accepted is accounted for and ends here;
// what failed otherwise is returned, to be delivered again.
func (c *call) take(ctx context.Context, batch []message) (failed []string) {
	account, err := c.accept(ctx, batch)
	switch one := batch[0]; {
	case err == nil:
		c.metrics.events(account.Events)
		return nil
	case len(batch) > 1:
		for i := range batch {
			failed = append(failed, c.take(ctx, batch[i:i+1])...)
		}
		return failed
	case everqual.IsPermanent(err):
		account, err = c.Refuse(ctx, c.from(batch), everqual.InputProblem{Place: place(one), Message: err.Error()})
		if err == nil {
			c.metrics.events(account.Events)
			return nil
		}
		fallthrough
	default:
		c.Log.Error("deliver again", "message", one.ID, "cause", err)
		return []string{one.ID}
	}
}

// from names the account of a batch; no other has this name.
func (c *call) from(batch []message) string {
	arn, _ := batch[0].Queue.Parts()
	from := fmt.Sprintf("sqs:%s/%s", arn.Rest, c.id)
	if len(batch) == 1 {
		from += "/" + batch[0].ID
	}
	return from
}

func place(m message) everqual.Place { return everqual.Place{Input: "sqs:" + m.ID} }

func (c *call) accept(ctx context.Context, batch []message) (everqual.IntakeAccount, error) {
	var inputs []flow.Delivered
	var open []io.Closer
	defer func() {
		for _, f := range open {
			f.Close()
		}
	}()
	for _, m := range batch {
		objects := objectsIn(m.Body)
		for _, o := range objects {
			in, err := c.object(ctx, o)
			if err != nil {
				return everqual.IntakeAccount{}, err
			}
			open, inputs = append(open, in.Reader.(io.Closer)), append(inputs, in)
		}
		if len(objects) == 0 {
			inputs = append(inputs, flow.Delivered{Name: place(m).Input, Reader: strings.NewReader(m.Body)})
		}
	}
	return c.TakeDelivered(ctx, c.from(batch), inputs...)
}

// objectsIn are the objects that a notification of S3 names, also one that SNS
// carries; none when the body is anything else.
func objectsIn(body string) (objects []object) {
	var n struct {
		Records []object
		Message string
	}
	if json.Unmarshal([]byte(body), &n) != nil {
		return nil
	}
	if n.Message != "" {
		return objectsIn(n.Message)
	}
	for _, o := range n.Records {
		if o.Source != "aws:s3" {
			return nil
		}
	}
	return n.Records
}

// object opens an object. One that is gone will not come back.
func (c *call) object(ctx context.Context, o object) (flow.Delivered, error) {
	key, err := o.key()
	if err != nil {
		return flow.Delivered{}, err
	}
	opener, ok := c.Archive.(flow.Opener)
	if !ok {
		return flow.Delivered{}, fmt.Errorf("open s3://%s/%s: this home opens no objects", o.S3.Bucket.Name, key)
	}
	name := "s3://" + o.S3.Bucket.Name + "/" + key
	in, err := opener.Open(ctx, o.S3.Bucket.Name, key)
	if errors.Is(err, fs.ErrNotExist) {
		err = everqual.Permanent(err)
	}
	if err != nil {
		return flow.Delivered{}, fmt.Errorf("open %s: %w", name, err)
	}
	return flow.Delivered{Name: name, Reader: in}, nil
}
