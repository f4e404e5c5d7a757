package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// The ARNs of Auto Scaling hold an id that it gives besides the name, and that no
// event tells: the name is what identifies, and a group made anew under an old
// name shows as a change of its ARN.

var launchConfigurations = source[types.LaunchConfiguration]{
	action: "autoscaling:DescribeLaunchConfigurations",
	find: func(ctx context.Context, c *clients, name string) ([]types.LaunchConfiguration, error) {
		input := &autoscaling.DescribeLaunchConfigurationsInput{LaunchConfigurationNames: only(name)}
		return all(ctx, autoscaling.NewDescribeLaunchConfigurationsPaginator(c.autoscaling, input),
			func(o *autoscaling.DescribeLaunchConfigurationsOutput) []types.LaunchConfiguration {
				return o.LaunchConfigurations
			})
	},
	id: func(l types.LaunchConfiguration) *string { return l.LaunchConfigurationName },
}

// A launch configuration has no tags. Of its user data only a digest is kept.
var launchConfiguration = kind{
	name: "AWS::AutoScaling::LaunchConfiguration", version: 1, arn: "autoscaling:launchConfiguration:*:launchConfigurationName/", deep: true,
	describe: launchConfigurations.describe, list: launchConfigurations.list,
	actions:     []string{"autoscaling:DescribeLaunchConfigurations"},
	listActions: []string{"autoscaling:DescribeLaunchConfigurations"},
	sets:        []string{"BlockDeviceMappings", "SecurityGroups", "ClassicLinkVPCSecurityGroups"},
}

var autoScalingGroups = source[types.AutoScalingGroup]{
	action: "autoscaling:DescribeAutoScalingGroups",
	find: func(ctx context.Context, c *clients, name string) ([]types.AutoScalingGroup, error) {
		input := &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: only(name)}
		return all(ctx, autoscaling.NewDescribeAutoScalingGroupsPaginator(c.autoscaling, input),
			func(o *autoscaling.DescribeAutoScalingGroupsOutput) []types.AutoScalingGroup {
				return o.AutoScalingGroups
			})
	},
	id: func(g types.AutoScalingGroup) *string { return g.AutoScalingGroupName },
}

// Which instances a group runs at the moment is its work and not its setting.
var autoScalingGroup = kind{
	name: "AWS::AutoScaling::AutoScalingGroup", version: 1, arn: "autoscaling:autoScalingGroup:*:autoScalingGroupName/", deep: true,
	describe: autoScalingGroups.describe, list: autoScalingGroups.list,
	actions:     []string{"autoscaling:DescribeAutoScalingGroups"},
	listActions: []string{"autoscaling:DescribeAutoScalingGroups"},
	ending:      ending{"Status", []string{"Delete in progress"}},
	sets: []string{
		"Tags", "AvailabilityZones", "AvailabilityZoneIds", "EnabledMetrics", "LoadBalancerNames", "SuspendedProcesses",
		"TargetGroupARNs", "TrafficSources", "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationIds",
		"CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArns",
	},
	volatile: []string{"Instances", "PredictedCapacity", "WarmPoolSize"},
}
