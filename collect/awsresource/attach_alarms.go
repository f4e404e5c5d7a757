package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// cloudwatchAlarms are the metric alarms with a dimension that names the resource.
var cloudwatchAlarms = attachment{
	name: "alarms", path: "Alarms", read: (*look).alarms,
	actions: []string{"cloudwatch:DescribeAlarms"},
	sets:    []string{"Alarms", "Alarms[].Actions"},
}

// alarmed is an alarm without what changes with every state of it.
type alarmed struct {
	AlarmName, Namespace, MetricName *string
	StateValue, ComparisonOperator   string
	Threshold                        *float64
	Period, EvaluationPeriods        *int32
	TreatMissingData                 *string
	ActionsEnabled                   *bool
	Actions                          []string
}

func (l *look) alarms(ctx context.Context) {
	pages := cloudwatch.NewDescribeAlarmsPaginator(l.cloudwatch, &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm}})
	alarms, err := all(ctx, pages, func(o *cloudwatch.DescribeAlarmsOutput) (list []alarmed) {
		for _, a := range o.MetricAlarms {
			if l.watched(a) {
				list = append(list, alarmed{
					a.AlarmName, a.Namespace, a.MetricName, string(a.StateValue), string(a.ComparisonOperator), a.Threshold,
					a.Period, a.EvaluationPeriods, a.TreatMissingData, a.ActionsEnabled, append([]string{}, a.AlarmActions...),
				})
			}
		}
		return list
	})
	if !l.refused("Alarms", "cloudwatch:DescribeAlarms", err) {
		l.set("Alarms", alarms)
	}
}

// watched tells whether one of the alarm's dimensions, or of its metrics', names
// the resource; V2 load balancers go by the end of their ARN.
func (l *look) watched(a types.MetricAlarm) bool {
	dimensions := a.Dimensions
	for _, m := range a.Metrics {
		if m.MetricStat != nil && m.MetricStat.Metric != nil {
			dimensions = append(dimensions[:len(dimensions):len(dimensions)], m.MetricStat.Metric.Dimensions...)
		}
	}
	arn, _ := l.resource.ID.Parts()
	_, rest, _ := strings.Cut(arn.Rest, "/")
	for _, d := range dimensions {
		if v := aws.ToString(d.Value); v != "" && (v == l.name || v == rest || v == string(l.resource.ID)) {
			return true
		}
	}
	return false
}
