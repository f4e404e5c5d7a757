package awshome

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/everqual/everqual"
)

// alarmNames are the alarms of a deployment, as deploy/aws makes them.
func (w *ward) alarmNames() (names []string) {
	add := func(suffix string, of ...string) {
		for _, o := range of {
			names = append(names, w.name+"-"+o+suffix)
		}
	}
	add("-waits", "intake", "work")
	add("-dead-letters", deadQueues...)
	add("-errors", functionNames...)
	add("-throttles", functionNames...)
	add("", "ledger-lag", "ledger-throttles")
	add("-failed", "collect", "qualify")
	add("-gave-up", "work", "schedule")
	return names
}

// alarms checks that each alarm is there and tells somebody, and which of them ring.
func (w *ward) alarms(ctx context.Context) []everqual.Check {
	there := map[string]types.MetricAlarm{}
	for next := (*string)(nil); ; {
		out, err := w.metrics().DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String(w.name + "-"), NextToken: next})
		if err != nil {
			return []everqual.Check{unasked("alarms", "cloudwatch:DescribeAlarms", err)}
		}
		for _, a := range out.MetricAlarms {
			there[aws.ToString(a.AlarmName)] = a
		}
		if next = out.NextToken; next == nil {
			break
		}
	}
	var missing, mute, ringing []string
	for _, name := range w.alarmNames() {
		a, ok := there[name]
		switch {
		case !ok:
			missing = append(missing, name)
			continue
		case !aws.ToBool(a.ActionsEnabled) || len(a.AlarmActions) == 0:
			mute = append(mute, name)
		}
		if a.StateValue == types.StateValueAlarm {
			ringing = append(ringing, name)
		}
	}
	found := len(w.alarmNames()) - len(missing)
	return []everqual.Check{
		several("alarms", len(w.alarmNames()), missing, "are there", "missing", everqual.CheckFail, "deploy them again"),
		several("alarm actions", found, mute, "tell somebody", "tell nobody", everqual.CheckFail, "enable their actions, to the topic"),
		several("alarm states", found, ringing, "are quiet", "ring", everqual.CheckWarn, "do what the description of the alarm says"),
	}
}
