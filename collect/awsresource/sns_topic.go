package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// snsTopic's attributes are texts, also where they are numbers or booleans: the
// service says them so.
var snsTopic = kind{
	name: "AWS::SNS::Topic", version: 1, arn: "sns:",
	describe: describeTopic, list: listTopics,
	actions:     []string{"sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"},
	listActions: []string{"sns:ListTopics"},
	missing:     []string{"NotFound", "NotFoundException", "ResourceNotFound"},
	sets:        []string{"Tags", "Subscriptions"},
	policies:    []string{"Policy", "DeliveryPolicy", "EffectiveDeliveryPolicy", "ArchivePolicy"},
	volatile:    []string{"SubscriptionsConfirmed", "SubscriptionsPending", "SubscriptionsDeleted", "BeginningArchiveTime"},
}

func listTopics(ctx context.Context, c *clients) ([]string, error) {
	pages := sns.NewListTopicsPaginator(c.sns, &sns.ListTopicsInput{})
	return all(ctx, pages, func(o *sns.ListTopicsOutput) (arns []string) {
		for _, topic := range o.Topics {
			arns = append(arns, aws.ToString(topic.TopicArn))
		}
		return arns
	})
}

func describeTopic(ctx context.Context, l *look) {
	id := string(l.resource.ID)
	topic, err := l.sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &id})
	if !l.read("", "sns:GetTopicAttributes", err) {
		return
	}
	if topic.Attributes["TopicArn"] != id {
		l.nothing("sns:GetTopicAttributes")
		return
	}
	l.root(topic.Attributes)
	l.orNull("KmsMasterKeyId", "Policy")
	pages := sns.NewListSubscriptionsByTopicPaginator(l.sns, &sns.ListSubscriptionsByTopicInput{TopicArn: &id})
	subscriptions, err := all(ctx, pages, func(o *sns.ListSubscriptionsByTopicOutput) []types.Subscription { return o.Subscriptions })
	if l.read("Subscriptions", "sns:ListSubscriptionsByTopic", err) {
		l.set("Subscriptions", subscriptions)
	}
	tags, err := l.sns.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: &id})
	if l.read("Tags", "sns:ListTagsForResource", err) {
		l.set("Tags", tags.Tags)
	}
}
