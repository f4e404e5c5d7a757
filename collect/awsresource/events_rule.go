package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

var eventsRule = kind{
	name: "AWS::Events::Rule", version: 1, arn: "events:rule/", deep: true,
	describe: describeRule, list: listRules,
	actions:     []string{"events:DescribeRule", "events:ListTargetsByRule", "events:ListTagsForResource"},
	listActions: []string{"events:ListEventBuses", "events:ListRules"},
	missing:     []string{"ResourceNotFoundException"},
	sets: join([]string{"Tags", "Targets"}, under("Targets[]",
		"EcsParameters.CapacityProviderStrategy", "EcsParameters.PlacementConstraints", "EcsParameters.Tags",
		"EcsParameters.NetworkConfiguration.AwsvpcConfiguration.Subnets", "EcsParameters.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups",
		"RunCommandParameters.RunCommandTargets", "RunCommandParameters.RunCommandTargets[].Values", "SageMakerPipelineParameters.PipelineParameterList",
	)),
	policies: []string{"EventPattern"},
}

func listRules(ctx context.Context, c *clients) ([]string, error) {
	buses, err := c.eventBuses(ctx)
	if err != nil {
		return nil, err
	}
	arns := []string{}
	for _, bus := range buses {
		rules, err := byToken(func(token *string) ([]types.Rule, *string, error) {
			page, err := c.events.ListRules(ctx, &eventbridge.ListRulesInput{EventBusName: bus.Name, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return page.Rules, page.NextToken, nil
		})
		if err != nil {
			return nil, err
		}
		for _, r := range rules {
			arns = append(arns, aws.ToString(r.Arn))
		}
	}
	return arns, nil
}

// ruleAndBus splits the name of a rule on another bus than the default one. A
// partner's bus has slashes in its own name.
func ruleAndBus(name string) (rule, bus *string) {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return aws.String(name[i+1:]), aws.String(name[:i])
	}
	return &name, nil
}

func describeRule(ctx context.Context, l *look) {
	name, bus := ruleAndBus(l.name)
	rule, err := l.events.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: name, EventBusName: bus})
	if !l.read("", "events:DescribeRule", err) {
		return
	}
	if aws.ToString(rule.Name) != *name {
		l.nothing("events:DescribeRule")
		return
	}
	l.root(rule)
	l.orNull("EventPattern", "ScheduleExpression", "RoleArn")
	targets, err := byToken(func(token *string) ([]types.Target, *string, error) {
		page, err := l.events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: name, EventBusName: bus, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Targets, page.NextToken, nil
	})
	if l.read("Targets", "events:ListTargetsByRule", err) {
		l.set("Targets", targets)
	}
	l.eventTags(ctx)
}

func (l *look) eventTags(ctx context.Context) {
	tags, err := l.events.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: aws.String(string(l.resource.ID))})
	if l.read("Tags", "events:ListTagsForResource", err) {
		l.set("Tags", tags.Tags)
	}
}
