package awshome

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// doorbell is the body of what SQS carries: the name of a message, not the message.
type doorbell struct {
	ID string `json:"id"`
}

// bell rings in SQS. Only ever after the table has it: a ring that is lost is
// made up for by Receive, one for nothing does nothing.
type bell struct {
	sqs *sqs.Client
	url string
}

type ring struct {
	id    string
	after time.Duration
}

const (
	mostRings = 10 // in one call
	// farthestRing is as long as SQS holds something back. What is due later is
	// rung for on the way, and Take rings again.
	farthestRing = 15 * time.Minute
)

func (b *bell) ring(ctx context.Context, rings ...ring) error {
	chunks := slices.Collect(slices.Chunk(rings, mostRings))
	return together(ctx, len(chunks), func(ctx context.Context, i int) error { return b.send(ctx, chunks[i]) })
}

func (b *bell) send(ctx context.Context, rings []ring) error {
	var entries []types.SendMessageBatchRequestEntry
	for i, r := range rings {
		body, _ := json.Marshal(doorbell{r.id}) // of a string: cannot fail
		entries = append(entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body)), DelaySeconds: delay(r.after),
		})
	}
	for try := 0; ; try++ {
		out, err := b.sqs.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &b.url, Entries: entries})
		if err != nil {
			return said("ring for messages that are kept", err)
		}
		if len(out.Failed) == 0 {
			return nil
		}
		cause := fmt.Errorf("SQS refused %d of %d: %s", len(out.Failed), len(entries), aws.ToString(out.Failed[0].Message))
		if err := wait(ctx, try, "ring for messages that are kept", cause); err != nil {
			return err
		}
	}
}

// delay rounds up: SQS counts in seconds, and a ring before the time is for nothing.
func delay(after time.Duration) int32 {
	after = min(max(after, 0), farthestRing)
	return int32((after + time.Second - 1) / time.Second)
}
