package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// The ARNs of Auto Scaling hold an id that it gives besides the name by which it
// is asked. A resource made anew under the old name is another one.

var launchConfigurations = source[types.LaunchConfiguration]{
	action: "autoscaling:DescribeLaunchConfigurations",
	find: func(ctx context.Context, c *clients, name string) ([]types.LaunchConfiguration, error) {
		input := &autoscaling.DescribeLaunchConfigurationsInput{LaunchConfigurationNames: only(behind(name, "launchConfigurationName/"))}
		found, err := all(ctx, autoscaling.NewDescribeLaunchConfigurationsPaginator(c.autoscaling, input),
			func(o *autoscaling.DescribeLaunchConfigurationsOutput) []types.LaunchConfiguration {
				return o.LaunchConfigurations
			})
		return named(found, launchConfigurationID, name), err
	},
	id: launchConfigurationID,
}

// A launch configuration has no tags. Of its user data only a digest is kept.
var launchConfiguration = kind{
	name: "AWS::AutoScaling::LaunchConfiguration", version: 1, arn: "autoscaling:launchConfiguration:", deep: true,
	describe: launchConfigurations.describe, list: launchConfigurations.list,
	actions:     []string{"autoscaling:DescribeLaunchConfigurations"},
	listActions: []string{"autoscaling:DescribeLaunchConfigurations"},
	sets:        []string{"BlockDeviceMappings", "SecurityGroups", "ClassicLinkVPCSecurityGroups"},
}

func launchConfigurationID(l types.LaunchConfiguration) *string {
	return inARN(l.LaunchConfigurationARN, ":launchConfiguration:")
}

var autoScalingGroups = source[types.AutoScalingGroup]{
	action: "autoscaling:DescribeAutoScalingGroups",
	find: func(ctx context.Context, c *clients, name string) ([]types.AutoScalingGroup, error) {
		input := &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: only(behind(name, "autoScalingGroupName/"))}
		found, err := all(ctx, autoscaling.NewDescribeAutoScalingGroupsPaginator(c.autoscaling, input),
			func(o *autoscaling.DescribeAutoScalingGroupsOutput) []types.AutoScalingGroup {
				return o.AutoScalingGroups
			})
		return named(found, autoScalingGroupID, name), err
	},
	id: autoScalingGroupID,
}

// Which instances a group runs at the moment is its work and not its setting.
var autoScalingGroup = kind{
	name: "AWS::AutoScaling::AutoScalingGroup", version: 1, arn: "autoscaling:autoScalingGroup:", deep: true,
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

func autoScalingGroupID(g types.AutoScalingGroup) *string {
	return inARN(g.AutoScalingGroupARN, ":autoScalingGroup:")
}

// named are the elements of that name, or all.
func named[T any](found []T, id func(T) *string, name string) []T {
	if name == "" {
		return found
	}
	one, ok := theOne(found, id, name)
	if !ok {
		return nil
	}
	return []T{one}
}

// inARN is what an ARN says behind its prefix, as kind.nameIn reads it.
func inARN(arn *string, prefix string) *string {
	if _, name, ok := strings.Cut(aws.ToString(arn), prefix); ok {
		return &name
	}
	return nil
}

// behind is the name behind the id that Auto Scaling gives.
func behind(name, prefix string) string {
	if _, rest, ok := strings.Cut(name, prefix); ok {
		return rest
	}
	return name
}
