package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

var ecsService = kind{
	name: "AWS::ECS::Service", version: 1, arn: "ecs:service/", deep: true, // "cluster/service"
	describe: describeECSService, list: listECSServices,
	actions: []string{"ecs:DescribeServices"}, listActions: []string{"ecs:ListClusters", "ecs:ListServices"},
	missing: []string{"ClusterNotFoundException"},
	ending:  ending{"Status", []string{"DRAINING", "INACTIVE"}},
	sets: append([]string{
		"Tags", "CapacityProviderStrategy", "LoadBalancers", "PlacementConstraints", "ServiceRegistries", "Deployments", "TaskSets",
		"CurrentServiceRevisions", "DeploymentConfiguration.Alarms.AlarmNames",
		"NetworkConfiguration.AwsvpcConfiguration.Subnets", "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups",
	}, under("Deployments[]", "CapacityProviderStrategy", "ServiceConnectResources", "VolumeConfigurations", "VpcLatticeConfigurations",
		"NetworkConfiguration.AwsvpcConfiguration.Subnets", "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups")...),
	volatile: join([]string{"RunningCount", "PendingCount", "Events"},
		under("Deployments[]", "RunningCount", "PendingCount", "FailedTasks", "DesiredCount", "RolloutState", "RolloutStateReason", "UpdatedAt"),
		under("TaskSets[]", "RunningCount", "PendingCount", "ComputedDesiredCount", "StabilityStatus", "StabilityStatusAt", "UpdatedAt"),
		under("CurrentServiceRevisions[]", "RunningTaskCount", "PendingTaskCount", "RequestedTaskCount")),
}

func describeECSService(ctx context.Context, l *look) {
	input := &ecs.DescribeServicesInput{Services: []string{l.name}, Include: []types.ServiceField{types.ServiceFieldTags}}
	// ARNs of before 2019 name no cluster.
	if cluster, service, ok := strings.Cut(l.name, "/"); ok {
		input.Cluster, input.Services = &cluster, []string{service}
	}
	out, err := l.ecs.DescribeServices(ctx, input)
	if !l.read("", "ecs:DescribeServices", err) || l.ecsFailed("ecs:DescribeServices", out.Failures) {
		return
	}
	service, ok := oneOf(l, "ecs:DescribeServices", out.Services, serviceName)
	if !ok {
		return
	}
	l.root(service)
	l.orNull("NetworkConfiguration", "PlatformVersion")
	l.set("Tags", service.Tags)
}

func serviceName(s types.Service) *string {
	_, name, found := strings.Cut(aws.ToString(s.ServiceArn), ":service/")
	if !found {
		return nil
	}
	return &name
}

func listECSServices(ctx context.Context, c *clients) ([]string, error) {
	clusters, err := listECSClusters(ctx, c)
	var found []string
	for _, cluster := range clusters {
		services, err := all(ctx, ecs.NewListServicesPaginator(c.ecs, &ecs.ListServicesInput{Cluster: &cluster, MaxResults: aws.Int32(100)}),
			func(o *ecs.ListServicesOutput) []string { return o.ServiceArns })
		if err != nil {
			return nil, err
		}
		found = append(found, services...)
	}
	return found, err
}
