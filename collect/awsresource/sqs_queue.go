package awsresource

import (
	"context"
	"path"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// sqsQueue's attributes are texts, also where they are numbers or booleans: the
// service says them so.
var sqsQueue = kind{
	name: "AWS::SQS::Queue", version: 1, arn: "sqs:",
	describe: describeQueue, list: listQueues,
	actions:     []string{"sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:ListQueueTags"},
	listActions: []string{"sqs:ListQueues"},
	missing:     []string{"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"},
	policies:    []string{"Policy", "RedrivePolicy", "RedriveAllowPolicy"},
	volatile: []string{
		"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
	},
}

// listQueues asks for pages of a size: else AWS gives the first thousand, and
// does not say that there are more.
func listQueues(ctx context.Context, c *clients) ([]string, error) {
	pages := sqs.NewListQueuesPaginator(c.sqs, &sqs.ListQueuesInput{MaxResults: aws.Int32(1000)})
	return all(ctx, pages, func(o *sqs.ListQueuesOutput) (names []string) {
		for _, address := range o.QueueUrls {
			names = append(names, path.Base(address))
		}
		return names
	})
}

func describeQueue(ctx context.Context, l *look) {
	address, err := l.sqs.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &l.name})
	if !l.read("", "sqs:GetQueueUrl", err) {
		return
	}
	queue, err := l.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: address.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if !l.read("", "sqs:GetQueueAttributes", err) {
		return
	}
	if queue.Attributes["QueueArn"] != string(l.resource.ID) {
		l.nothing("sqs:GetQueueAttributes")
		return
	}
	l.root(queue.Attributes)
	l.orNull("KmsMasterKeyId", "Policy", "RedrivePolicy")
	tags, err := l.sqs.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: address.QueueUrl})
	if l.read("Tags", "sqs:ListQueueTags", err) {
		l.set("Tags", united([]map[string]string{tags.Tags}))
	}
}
