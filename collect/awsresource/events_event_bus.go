package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

var eventsBus = kind{
	name: "AWS::Events::EventBus", version: 1, arn: "events:event-bus/", deep: true,
	describe: describeEventBus, list: listEventBuses,
	actions:     []string{"events:DescribeEventBus", "events:ListArchives", "events:ListTagsForResource"},
	listActions: []string{"events:ListEventBuses"},
	missing:     []string{"ResourceNotFoundException"},
	sets:        []string{"Tags", "Archives"},
	policies:    []string{"Policy"},
	volatile:    []string{"Archives[].EventCount", "Archives[].SizeBytes"},
	parts:       []part{{"Archives[].ArchiveName", func(region, account, id string) string { return "events:" + region + ":" + account + ":archive/" + id }}},
}

func listEventBuses(ctx context.Context, c *clients) ([]string, error) {
	buses, err := c.eventBuses(ctx)
	names := make([]string, 0, len(buses))
	for _, bus := range buses {
		names = append(names, aws.ToString(bus.Name))
	}
	return names, err
}

func (c *clients) eventBuses(ctx context.Context) ([]types.EventBus, error) {
	return byToken(func(token *string) ([]types.EventBus, *string, error) {
		page, err := c.events.ListEventBuses(ctx, &eventbridge.ListEventBusesInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.EventBuses, page.NextToken, nil
	})
}

func describeEventBus(ctx context.Context, l *look) {
	bus, err := l.events.DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: &l.name})
	if !l.read("", "events:DescribeEventBus", err) {
		return
	}
	if aws.ToString(bus.Name) != l.name {
		l.nothing("events:DescribeEventBus")
		return
	}
	l.root(bus)
	l.orNull("Policy", "KmsKeyIdentifier", "DeadLetterConfig")
	archives, err := byToken(func(token *string) ([]types.Archive, *string, error) {
		page, err := l.events.ListArchives(ctx, &eventbridge.ListArchivesInput{EventSourceArn: aws.String(string(l.resource.ID)), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Archives, page.NextToken, nil
	})
	if l.read("Archives", "events:ListArchives", err) {
		l.set("Archives", archives)
	}
	l.eventTags(ctx)
}
