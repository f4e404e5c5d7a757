package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	dms "github.com/aws/aws-sdk-go-v2/service/databasemigrationservice"
	"github.com/aws/aws-sdk-go-v2/service/databasemigrationservice/types"
)

var dmsReplicationInstance = kind{
	name: "AWS::DMS::ReplicationInstance", version: 1, arn: "dms:rep:",
	describe: describeReplicationInstance, list: listReplicationInstances,
	actions: []string{"dms:DescribeReplicationInstances", "dms:ListTagsForResource"}, listActions: []string{"dms:DescribeReplicationInstances"},
	missing: []string{"ResourceNotFoundFault"},
	ending:  ending{"ReplicationInstanceStatus", []string{"deleting", "deleted"}},
	sets: []string{
		"TagList", "VpcSecurityGroups", "ReplicationInstancePrivateIpAddresses", "ReplicationInstancePublicIpAddresses",
		"ReplicationInstanceIpv6Addresses", "ReplicationSubnetGroup.Subnets", "ReplicationSubnetGroup.SupportedNetworkTypes",
	},
}

// replicationInstances finds instances by the whole ARN: its last part is an
// id that no other reply shows.
func replicationInstances(ctx context.Context, c *clients, filters ...types.Filter) ([]types.ReplicationInstance, error) {
	pages := dms.NewDescribeReplicationInstancesPaginator(c.dms, &dms.DescribeReplicationInstancesInput{Filters: filters})
	return all(ctx, pages, func(o *dms.DescribeReplicationInstancesOutput) []types.ReplicationInstance {
		return o.ReplicationInstances
	})
}

func listReplicationInstances(ctx context.Context, c *clients) ([]string, error) {
	found, err := replicationInstances(ctx, c)
	arns := make([]string, 0, len(found))
	for _, i := range found {
		arns = append(arns, aws.ToString(i.ReplicationInstanceArn))
	}
	return arns, err
}

func describeReplicationInstance(ctx context.Context, l *look) {
	arn := string(l.resource.ID)
	found, err := replicationInstances(ctx, l.clients, types.Filter{Name: aws.String("replication-instance-arn"), Values: []string{arn}})
	if !l.read("", "dms:DescribeReplicationInstances", err) {
		return
	}
	instance, ok := theOne(found, func(i types.ReplicationInstance) *string { return i.ReplicationInstanceArn }, arn)
	switch {
	case len(found) == 0:
		l.gone = true
		return
	case !ok:
		l.nothing("dms:DescribeReplicationInstances")
		return
	}
	if l.root(instance); l.ended() {
		return
	}
	tags, err := l.dms.ListTagsForResource(ctx, &dms.ListTagsForResourceInput{ResourceArn: &arn})
	if l.read("TagList", "dms:ListTagsForResource", err) {
		l.set("TagList", tags.TagList)
	}
}
