package function

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/everqual/everqual"
)

// What is read of Lambda's deliveries. Everything else in them is passed over.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html

// message is one of an SQS batch.
type message struct {
	ID         string              `json:"messageId"`
	Body       string              `json:"body"`
	Attributes map[string]string   `json:"attributes"`
	Queue      everqual.ResourceID `json:"eventSourceARN"`
}

// change is one of a DynamoDB stream batch.
type change struct {
	Stream struct {
		Sequence string               `json:"SequenceNumber"`
		Created  float64              `json:"ApproximateCreationDateTime"` // seconds
		Image    map[string]attribute `json:"NewImage"`
	} `json:"dynamodb"`
}

// attribute is a value of an item, of which texts and lists of them are read.
type attribute struct {
	S string      `json:"S"`
	L []attribute `json:"L"`
}

// object is one that S3 tells of.
type object struct {
	Source string `json:"eventSource"`
	S3     struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key string `json:"key"` // as in a URL
		} `json:"object"`
	} `json:"s3"`
}

func (o object) key() (string, error) {
	key, err := url.QueryUnescape(o.S3.Object.Key)
	if err != nil || key == "" || o.S3.Bucket.Name == "" {
		return "", everqual.Permanent(fmt.Errorf("the notification names no object: bucket %q, key %q", o.S3.Bucket.Name, o.S3.Object.Key))
	}
	return key, nil
}

// records reads the list that Lambda delivers.
func records[T any](input json.RawMessage) ([]T, error) {
	var batch struct{ Records []T }
	if err := json.Unmarshal(input, &batch); err != nil {
		return nil, everqual.Permanent(fmt.Errorf("read the batch: %w", err))
	}
	if len(batch.Records) == 0 {
		return nil, everqual.Permanent(fmt.Errorf("the batch holds no Records: the function was called by something that it is not for"))
	}
	return batch.Records, nil
}

// batchReply names what has to be delivered again; everything else is done.
type batchReply struct {
	Failures []failure `json:"batchItemFailures"`
}

type failure struct {
	Item string `json:"itemIdentifier"`
}

func failures(ids ...string) batchReply {
	r := batchReply{Failures: []failure{}}
	for _, id := range ids {
		r.Failures = append(r.Failures, failure{id})
	}
	return r
}

// age is how long a message has waited.
func (m message) age(now time.Time) time.Duration {
	ms, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64)
	if err != nil {
		return 0
	}
	return max(0, now.Sub(time.UnixMilli(ms)))
}
