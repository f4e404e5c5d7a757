package awsresource

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/everqual/everqual"
)

var ecsCluster = kind{
	name: "AWS::ECS::Cluster", version: 1, arn: "ecs:cluster/",
	describe: describeECSCluster, list: listECSClusters,
	actions: []string{"ecs:DescribeClusters"}, listActions: []string{"ecs:ListClusters"},
	missing: []string{"ClusterNotFoundException"},
	ending:  ending{"Status", []string{"DEPROVISIONING", "INACTIVE"}},
	sets:    []string{"Tags", "Settings", "CapacityProviders", "DefaultCapacityProviderStrategy", "Attachments"},
	volatile: []string{
		"ActiveServicesCount", "PendingTasksCount", "RegisteredContainerInstancesCount", "RunningTasksCount", "Statistics",
		"AttachmentsStatus",
	},
}

func describeECSCluster(ctx context.Context, l *look) {
	out, err := l.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{
		Clusters: []string{l.name},
		Include: []types.ClusterField{
			types.ClusterFieldAttachments, types.ClusterFieldConfigurations, types.ClusterFieldSettings, types.ClusterFieldTags,
		},
	})
	if !l.read("", "ecs:DescribeClusters", err) || l.ecsFailed("ecs:DescribeClusters", out.Failures) {
		return
	}
	cluster, ok := oneOf(l, "ecs:DescribeClusters", out.Clusters, func(c types.Cluster) *string { return c.ClusterName })
	if !ok {
		return
	}
	l.root(cluster)
	l.orNull("Configuration", "ServiceConnectDefaults")
	l.set("Tags", cluster.Tags)
}

// ecsFailed notes a failure that a reply tells of: ECS answers with it instead
// of an error. What is missing is none.
func (l *look) ecsFailed(action string, failures []types.Failure) bool {
	i := slices.IndexFunc(failures, func(f types.Failure) bool { return aws.ToString(f.Reason) != "MISSING" })
	if i < 0 {
		return false
	}
	f := failures[i]
	l.fail("", everqual.Unread{
		Call: action, Reason: everqual.Invalid, Message: short(aws.ToString(f.Reason) + ": " + aws.ToString(f.Detail)),
	})
	return true
}

func listECSClusters(ctx context.Context, c *clients) ([]string, error) {
	return all(ctx, ecs.NewListClustersPaginator(c.ecs, &ecs.ListClustersInput{}),
		func(o *ecs.ListClustersOutput) []string { return o.ClusterArns })
}
