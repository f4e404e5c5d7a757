package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

var logGroups = source[types.LogGroup]{
	action: "logs:DescribeLogGroups",
	find: func(ctx context.Context, c *clients, name string) ([]types.LogGroup, error) {
		pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(c.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: optional(name)})
		list, err := all(ctx, pages, func(o *cloudwatchlogs.DescribeLogGroupsOutput) []types.LogGroup { return o.LogGroups })
		return pick(list, logGroupName, name), err
	},
	id:   logGroupName,
	more: moreOfLogGroup,
}

var logsLogGroup = kind{
	name: "AWS::Logs::LogGroup", version: 1, arn: "logs:log-group:", deep: true,
	describe: describeLogGroup, list: logGroups.list,
	actions: []string{
		"logs:DescribeLogGroups", "logs:ListTagsForResource", "logs:DescribeMetricFilters",
		"logs:DescribeSubscriptionFilters", "logs:GetDataProtectionPolicy",
	},
	listActions: []string{"logs:DescribeLogGroups"},
	missing:     []string{"ResourceNotFoundException"},
	sets: []string{
		"InheritedProperties", "MetricFilters", "MetricFilters[].MetricTransformations", "MetricFilters[].EmitSystemFieldDimensions",
		"SubscriptionFilters", "SubscriptionFilters[].EmitSystemFields",
	},
	policies: []string{"DataProtectionPolicy"},
	volatile: []string{"StoredBytes"},
}

func logGroupName(g types.LogGroup) *string { return g.LogGroupName }

// describeLogGroup takes the ARN also as CloudWatch Logs writes it in policies:
// with ":*" for the streams behind the name.
func describeLogGroup(ctx context.Context, l *look) {
	l.name = strings.TrimSuffix(l.name, ":*")
	logGroups.describe(ctx, l)
}

func moreOfLogGroup(ctx context.Context, l *look, _ types.LogGroup) {
	l.orNull("KmsKeyId", "RetentionInDays")
	arn := strings.TrimSuffix(string(l.resource.ID), ":*")
	tags, err := l.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &arn})
	if l.read("Tags", "logs:ListTagsForResource", err) {
		l.set("Tags", tags.Tags)
	}
	metrics := cloudwatchlogs.NewDescribeMetricFiltersPaginator(l.logs, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: &l.name})
	filters, err := all(ctx, metrics, func(o *cloudwatchlogs.DescribeMetricFiltersOutput) []types.MetricFilter { return o.MetricFilters })
	if l.read("MetricFilters", "logs:DescribeMetricFilters", err) {
		l.set("MetricFilters", filters)
	}
	subscribed := cloudwatchlogs.NewDescribeSubscriptionFiltersPaginator(l.logs, &cloudwatchlogs.DescribeSubscriptionFiltersInput{LogGroupName: &l.name})
	subscriptions, err := all(ctx, subscribed, func(o *cloudwatchlogs.DescribeSubscriptionFiltersOutput) []types.SubscriptionFilter {
		return o.SubscriptionFilters
	})
	if l.read("SubscriptionFilters", "logs:DescribeSubscriptionFilters", err) {
		l.set("SubscriptionFilters", subscriptions)
	}
	protection, err := l.logs.GetDataProtectionPolicy(ctx, &cloudwatchlogs.GetDataProtectionPolicyInput{LogGroupIdentifier: aws.String(l.name)})
	if l.read("DataProtectionPolicy", "logs:GetDataProtectionPolicy", err) {
		l.set("DataProtectionPolicy", protection.PolicyDocument)
	}
}
