package awshome_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/home/hometest"
)

// bells are a queue and the doorbells that SQS holds for it.
type bells struct {
	t     *testing.T
	sqs   *sqs.Client
	url   string
	queue flow.Queue
	clock *hometest.Clock
}

func openBells(t *testing.T, f *front) *bells {
	t.Helper()
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	must(t, err)
	name := f.deploy(t)
	b := &bells{t: t, sqs: sqs.NewFromConfig(cfg), clock: hometest.NewClock(noon)}
	h, err := awshome.Open(ctx, name, awshome.Options{Clock: b.clock})
	must(t, err)
	out, err := b.sqs.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	must(t, err)
	b.queue, b.url = h.Queue, *out.QueueUrl
	return b
}

func (b *bells) deliver(id string) (flow.Delivery, bool) {
	b.t.Helper()
	d, due, err := b.queue.(flow.Ringer).Take(context.Background(), id, time.Minute)
	must(b.t, err)
	return d, due
}

// heard takes the names that SQS hands out now, sorted.
func (b *bells) heard() (ids []string) {
	b.t.Helper()
	for {
		out, err := b.sqs.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{QueueUrl: &b.url, MaxNumberOfMessages: 10, VisibilityTimeout: 600})
		must(b.t, err)
		if len(out.Messages) == 0 {
			slices.Sort(ids)
			return ids
		}
		for _, m := range out.Messages {
			var name struct{ ID string }
			must(b.t, json.Unmarshal([]byte(aws.ToString(m.Body)), &name))
			ids = append(ids, name.ID)
		}
	}
}

// delayed counts what SQS holds back.
func (b *bells) delayed() string {
	b.t.Helper()
	out, err := b.sqs.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{
		QueueUrl: &b.url, AttributeNames: []sqstypes.QueueAttributeName{"ApproximateNumberOfMessagesDelayed"},
	})
	must(b.t, err)
	return out.Attributes["ApproximateNumberOfMessagesDelayed"]
}

func TestDoorbells(t *testing.T) { doorbells(t, start(t, dynamoDBLocal(t))) }

func doorbells(t *testing.T, f *front) {
	ctx := context.Background()
	message := func(id string, wait time.Duration) flow.Message {
		return flow.Message{ID: id, Kind: "observe", SentAt: noon, NotBefore: noon.Add(wait)}
	}
	t.Run("every message is rung for", func(t *testing.T) {
		b := openBells(t, f)
		var all []flow.Message
		var want []string
		for i := range 23 {
			all = append(all, message(fmt.Sprintf("m%02d \"<ä\n", i), 0))
			want = append(want, all[i].ID)
		}
		must(t, b.queue.Send(ctx, all...))
		if got := b.heard(); !slices.Equal(got, want) {
			t.Errorf("heard %q", got)
		}
	})
	t.Run("out of order, twice and for nothing", func(t *testing.T) {
		b := openBells(t, f)
		must(t, b.queue.Send(ctx, message("a", 0), message("b", 0)))
		b.heard()
		second, due := b.deliver("b")
		if !due || second.ID != "b" || second.Attempt != 1 {
			t.Fatalf("delivered %+v, %t", second, due)
		}
		if d, due := b.deliver("b"); due {
			t.Errorf("held by one and delivered again: %+v", d)
		}
		must(t, b.queue.Delete(ctx, second))
		for _, id := range []string{"b", "never sent"} {
			if d, due := b.deliver(id); due {
				t.Errorf("delivered what is not there: %+v", d)
			}
		}
		if _, due := b.deliver("a"); !due {
			t.Error("the first is still there, and was not delivered")
		}
	})
	t.Run("far away", func(t *testing.T) {
		b := openBells(t, f)
		must(t, b.queue.Send(ctx, message("a", 40*time.Minute)))
		for _, wait := range []time.Duration{15 * time.Minute, 15 * time.Minute} {
			b.clock.Advance(wait)
			if _, due := b.deliver("a"); due {
				t.Error("delivered before its time")
			}
		}
		if got := b.delayed(); got != "3" { // as sent, and rung again twice
			t.Errorf("SQS holds back %s names, want 3", got)
		}
		b.clock.Advance(10 * time.Minute)
		if d, due := b.deliver("a"); !due || d.Attempt != 1 {
			t.Errorf("at its time: %+v, %t", d, due)
		}
	})
	t.Run("a killed worker's message is rung for again", func(t *testing.T) {
		b := openBells(t, f)
		must(t, b.queue.Send(ctx, message("a", 0)))
		first, _ := b.deliver("a")
		b.clock.Advance(time.Minute)
		again, due := b.deliver("a")
		if !due || again.Attempt != 2 {
			t.Errorf("delivered %+v, %t", again, due)
		}
		must(t, b.queue.Delete(ctx, first)) // late, and no longer its own
		if n, _, _ := b.queue.Pending(ctx); n != 1 {
			t.Errorf("%d messages wait", n)
		}
	})
	t.Run("what could not be hidden is not handed out", func(t *testing.T) {
		b := openBells(t, f)
		must(t, b.queue.Send(ctx, message("a", 0)))
		end := f.meeting(func(operation string, serve func(), w http.ResponseWriter, _ *http.Request) {
			if operation == transaction {
				refuse(w, 400, "AccessDeniedException", "not authorized to perform: dynamodb:DeleteItem")
				return
			}
			serve()
		})
		got, err := b.queue.Receive(ctx, 10, time.Minute)
		if err == nil || !strings.Contains(err.Error(), "dynamodb:DeleteItem") || len(got) > 0 {
			t.Errorf("received %v, %v", got, err)
		}
		end()
		if got, err := b.queue.Receive(ctx, 10, time.Minute); err != nil || len(got) != 1 || got[0].Attempt != 1 {
			t.Errorf("allowed again, received %v, %v", got, err)
		}
	})
	t.Run("lost", func(t *testing.T) {
		b := openBells(t, f)
		end := f.meeting(func(operation string, serve func(), w http.ResponseWriter, _ *http.Request) {
			if operation == "AmazonSQS.SendMessageBatch" {
				refuse(w, 400, "InvalidAddress", "no such line")
				return
			}
			serve()
		})
		if err := b.queue.Send(ctx, message("a", 0)); err == nil {
			t.Error("nobody was told that the doorbell did not ring")
		}
		end()
		if got, err := b.queue.Receive(ctx, 10, time.Minute); err != nil || len(got) != 1 {
			t.Errorf("received %v, %v: the table has it", got, err)
		}
		must(t, b.queue.Send(ctx, message("a", 0)))
		if got := b.heard(); !slices.Equal(got, []string{"a"}) {
			t.Errorf("sent again, heard %q", got)
		}
	})
}
