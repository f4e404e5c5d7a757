package awshome

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"github.com/everqual/everqual"
)

// deadQueues are where what nobody could do ends.
var deadQueues = []string{"intake", "work", "judge", "schedule", "collect"}

// queues checks what wakes the functions, and where what they could not do ended.
func (w *ward) queues(ctx context.Context) (checks []everqual.Check) {
	client := sqs.NewFromConfig(w.cfg)
	for _, q := range []string{"intake", "work"} {
		checks = append(checks, w.queue(ctx, client, q)...)
	}
	for _, q := range deadQueues {
		checks = append(checks, w.deadQueue(ctx, client, q))
	}
	return checks
}

// queueAttributes are those of a queue.
func queueAttributes(ctx context.Context, client *sqs.Client, name, url string) (all map[string]string, action string, err error) {
	if url == "" {
		found, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
		if err != nil {
			return nil, "sqs:GetQueueUrl", err
		}
		url = aws.ToString(found.QueueUrl)
	}
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
	if err != nil {
		return nil, "sqs:GetQueueAttributes", err
	}
	return out.Attributes, "", nil
}

func (w *ward) queue(ctx context.Context, client *sqs.Client, which string) []everqual.Check {
	name, url := w.name+"-"+which, ""
	if which == "work" { // the parameter says where it is
		url = w.home.QueueURL
		name = url[strings.LastIndexByte(url, '/')+1:]
	}
	title := which + " queue"
	all, action, err := queueAttributes(ctx, client, name, url)
	if err != nil {
		return []everqual.Check{unasked(title, action, err)}
	}
	var redrive struct{ DeadLetterTargetArn string }
	_ = json.Unmarshal([]byte(all["RedrivePolicy"]), &redrive) // what is none names no queue
	dead := w.arn("sqs", w.name+"-"+which+"-dlq")
	return []everqual.Check{
		everqual.OK(title, "%s, %s waiting, %s in flight", name, all["ApproximateNumberOfMessages"], all["ApproximateNumberOfMessagesNotVisible"]),
		everqual.OK(title+" redrive", "to %s", redrive.DeadLetterTargetArn).
			Else(redrive.DeadLetterTargetArn == dead, everqual.CheckFail, "give it the redrive policy to "+dead),
		w.age(ctx, title+" age", name),
	}
}

// longWaiting is what the alarms on AWS say.
const longWaiting = 15 * time.Minute

// age asks how long the oldest message has waited lately. A quiet queue tells nothing.
func (w *ward) age(ctx context.Context, title, queue string) everqual.Check {
	out, err := w.metrics().GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("AWS/SQS"), MetricName: aws.String("ApproximateAgeOfOldestMessage"),
		Dimensions: []cwtypes.Dimension{{Name: aws.String("QueueName"), Value: &queue}},
		StartTime:  aws.Time(w.now.Add(-longWaiting)), EndTime: &w.now, Period: aws.Int32(300), Statistics: []cwtypes.Statistic{cwtypes.StatisticMaximum},
	})
	if err != nil {
		return unasked(title, "cloudwatch:GetMetricStatistics", err)
	}
	oldest := 0.
	for _, p := range out.Datapoints {
		oldest = max(oldest, aws.ToFloat64(p.Maximum))
	}
	waited := time.Duration(oldest) * time.Second
	return everqual.OK(title, "%s at most in the last 15 minutes", waited).
		Else(waited < longWaiting, everqual.CheckWarn, "look at the errors and the concurrency of the function that it wakes")
}

// metrics is the client of CloudWatch. Its default, CBOR, is not spoken by every
// server that is like AWS.
func (w *ward) metrics() *cloudwatch.Client {
	return cloudwatch.NewFromConfig(w.cfg, func(o *cloudwatch.Options) {
		o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801)
	})
}

func (w *ward) deadQueue(ctx context.Context, client *sqs.Client, which string) everqual.Check {
	name, title := w.name+"-"+which+"-dlq", which+" dead-letter queue"
	all, action, err := queueAttributes(ctx, client, name, "")
	if err != nil {
		return unasked(title, action, err)
	}
	n, err := strconv.Atoi(all["ApproximateNumberOfMessages"])
	if err != nil {
		return everqual.Unasked(title, err, "ask again: it needs sqs:GetQueueAttributes")
	}
	return everqual.OK(title, "%d messages", n).
		Else(n == 0, everqual.CheckFail, "look into "+name+", mend the cause, and redrive them")
}
