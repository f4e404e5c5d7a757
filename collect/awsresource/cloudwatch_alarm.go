package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// alarms are of three structures, which have their name and actions in common.
var alarms = source[any]{
	action: "cloudwatch:DescribeAlarms",
	find: func(ctx context.Context, c *clients, name string) ([]any, error) {
		pages := cloudwatch.NewDescribeAlarmsPaginator(c.cloudwatch, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: only(name), AlarmTypes: types.AlarmType("").Values(),
		})
		return all(ctx, pages, everyAlarm)
	},
	id:   alarmName,
	more: alarmTags,
}

// cloudwatchAlarm keeps the state of an alarm, which specifications ask for
// although it changes by itself; why and since when is left out.
var cloudwatchAlarm = kind{
	name: "AWS::CloudWatch::Alarm", version: 1, arn: "cloudwatch:alarm:", deep: true,
	describe: alarms.describe, list: alarms.list,
	actions: []string{"cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"}, listActions: []string{"cloudwatch:DescribeAlarms"},
	missing: []string{"ResourceNotFoundException"},
	sets: []string{
		"Tags", "AlarmActions", "OKActions", "InsufficientDataActions", "Dimensions",
		"Metrics", "Metrics[].MetricStat.Metric.Dimensions",
	},
	volatile: []string{
		"StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp", "EvaluationState",
		"ActionsSuppressedBy", "ActionsSuppressedReason",
	},
}

func everyAlarm(o *cloudwatch.DescribeAlarmsOutput) (list []any) {
	for _, a := range o.MetricAlarms {
		list = append(list, a)
	}
	for _, a := range o.CompositeAlarms {
		list = append(list, a)
	}
	for _, a := range o.LogAlarms {
		list = append(list, a)
	}
	return list
}

func alarmName(a any) *string {
	switch a := a.(type) {
	case types.MetricAlarm:
		return a.AlarmName
	case types.CompositeAlarm:
		return a.AlarmName
	case types.LogAlarm:
		return a.AlarmName
	}
	return nil
}

func alarmTags(ctx context.Context, l *look, _ any) {
	tags, err := l.cloudwatch.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: aws.String(string(l.resource.ID))})
	if l.read("Tags", "cloudwatch:ListTagsForResource", err) {
		l.set("Tags", tags.Tags)
	}
}
