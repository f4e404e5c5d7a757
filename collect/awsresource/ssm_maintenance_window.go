package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

var maintenanceWindow = kind{
	name: "AWS::SSM::MaintenanceWindow", version: 1, arn: "ssm:maintenancewindow/",
	describe: describeMaintenanceWindow, list: listMaintenanceWindows,
	actions: []string{
		"ssm:GetMaintenanceWindow", "ssm:DescribeMaintenanceWindowTargets", "ssm:DescribeMaintenanceWindowTasks", "ssm:ListTagsForResource",
	},
	listActions: []string{"ssm:DescribeMaintenanceWindows"},
	missing:     []string{"DoesNotExistException"},
	sets: []string{
		"Tags", "Targets", "Targets[].Targets", "Targets[].Targets[].Values", "Tasks", "Tasks[].Targets", "Tasks[].Targets[].Values",
	},
	volatile: []string{"NextExecutionTime"},
}

func listMaintenanceWindows(ctx context.Context, c *clients) ([]string, error) {
	pages := ssm.NewDescribeMaintenanceWindowsPaginator(c.ssm, &ssm.DescribeMaintenanceWindowsInput{})
	return all(ctx, pages, func(o *ssm.DescribeMaintenanceWindowsOutput) (ids []string) {
		for _, w := range o.WindowIdentities {
			ids = append(ids, aws.ToString(w.WindowId))
		}
		return ids
	})
}

func describeMaintenanceWindow(ctx context.Context, l *look) {
	window, err := l.ssm.GetMaintenanceWindow(ctx, &ssm.GetMaintenanceWindowInput{WindowId: &l.name})
	if !l.read("", "ssm:GetMaintenanceWindow", err) {
		return
	}
	if aws.ToString(window.WindowId) != l.name {
		l.nothing("ssm:GetMaintenanceWindow")
		return
	}
	l.root(window)
	aims := ssm.NewDescribeMaintenanceWindowTargetsPaginator(l.ssm, &ssm.DescribeMaintenanceWindowTargetsInput{WindowId: &l.name})
	targets, err := all(ctx, aims, func(o *ssm.DescribeMaintenanceWindowTargetsOutput) []types.MaintenanceWindowTarget { return o.Targets })
	if l.read("Targets", "ssm:DescribeMaintenanceWindowTargets", err) {
		l.set("Targets", targets)
	}
	work := ssm.NewDescribeMaintenanceWindowTasksPaginator(l.ssm, &ssm.DescribeMaintenanceWindowTasksInput{WindowId: &l.name})
	tasks, err := all(ctx, work, func(o *ssm.DescribeMaintenanceWindowTasksOutput) []types.MaintenanceWindowTask { return o.Tasks })
	if l.read("Tasks", "ssm:DescribeMaintenanceWindowTasks", err) {
		l.set("Tasks", tasks)
	}
	l.ssmTags(ctx, types.ResourceTypeForTaggingMaintenanceWindow)
}
