package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

var eventSourceMapping = kind{
	name: "AWS::Lambda::EventSourceMapping", version: 1, arn: "lambda:event-source-mapping:",
	describe: describeEventSourceMapping, list: listEventSourceMappings,
	actions: []string{"lambda:GetEventSourceMapping", "lambda:ListTags"}, listActions: []string{"lambda:ListEventSourceMappings"},
	missing: []string{"ResourceNotFoundException"},
	ending:  ending{"State", []string{"Deleting"}},
	sets: []string{
		"FunctionResponseTypes", "Queues", "Topics", "SourceAccessConfigurations", "FilterCriteria.Filters", "MetricsConfig.Metrics",
	},
	volatile: []string{"LastProcessingResult"},
}

func describeEventSourceMapping(ctx context.Context, l *look) {
	mapping, err := l.lambda.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: &l.name})
	if !l.read("", "lambda:GetEventSourceMapping", err) {
		return
	}
	if aws.ToString(mapping.UUID) != l.name {
		l.nothing("lambda:GetEventSourceMapping")
		return
	}
	if l.root(mapping); l.ended() {
		return
	}
	l.orNull("DestinationConfig", "FilterCriteria", "KMSKeyArn", "ScalingConfig")
	tags, err := l.lambda.ListTags(ctx, &lambda.ListTagsInput{Resource: aws.String(string(l.resource.ID))})
	if l.read("Tags", "lambda:ListTags", err) {
		l.set("Tags", tags.Tags)
	}
}

func listEventSourceMappings(ctx context.Context, c *clients) ([]string, error) {
	found, err := all(ctx, lambda.NewListEventSourceMappingsPaginator(c.lambda, &lambda.ListEventSourceMappingsInput{}),
		func(o *lambda.ListEventSourceMappingsOutput) []types.EventSourceMappingConfiguration {
			return o.EventSourceMappings
		})
	return namesOf(found, func(m types.EventSourceMappingConfiguration) *string { return m.UUID }), err
}
