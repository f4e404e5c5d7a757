package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshift"
	"github.com/aws/aws-sdk-go-v2/service/redshift/types"
)

var redshiftClusters = source[types.Cluster]{
	action: "redshift:DescribeClusters",
	find: func(ctx context.Context, c *clients, name string) ([]types.Cluster, error) {
		pages := redshift.NewDescribeClustersPaginator(c.redshift, &redshift.DescribeClustersInput{ClusterIdentifier: optional(name)})
		return all(ctx, pages, func(o *redshift.DescribeClustersOutput) []types.Cluster { return o.Clusters })
	},
	id: func(c types.Cluster) *string { return c.ClusterIdentifier },
	more: func(ctx context.Context, l *look, found types.Cluster) {
		l.orNull("KmsKeyId")
		logging, err := l.redshift.DescribeLoggingStatus(ctx, &redshift.DescribeLoggingStatusInput{ClusterIdentifier: &l.name})
		if l.read("LoggingStatus", "redshift:DescribeLoggingStatus", err) {
			l.set("LoggingStatus", logging)
		}
		groups, err := redshiftParameters(ctx, l.clients, found.ClusterParameterGroups)
		if l.read("ParameterGroups", "redshift:DescribeClusterParameters", err) {
			l.set("ParameterGroups", groups)
		}
	},
}

type redshiftGroup struct {
	ParameterGroupName *string
	Parameters         []types.Parameter
}

// redshiftParameters reads all parameters, not only those that somebody set:
// there are few, and what the default is depends on the group's family.
func redshiftParameters(ctx context.Context, c *clients, names []types.ClusterParameterGroupStatus) ([]redshiftGroup, error) {
	groups := []redshiftGroup{}
	for _, g := range names {
		pages := redshift.NewDescribeClusterParametersPaginator(c.redshift, &redshift.DescribeClusterParametersInput{ParameterGroupName: g.ParameterGroupName})
		parameters, err := all(ctx, pages, func(o *redshift.DescribeClusterParametersOutput) []types.Parameter { return o.Parameters })
		if err != nil {
			return nil, err
		}
		groups = append(groups, redshiftGroup{aws.String(aws.ToString(g.ParameterGroupName)), parameters})
	}
	return groups, nil
}

var redshiftCluster = kind{
	name: "AWS::Redshift::Cluster", version: 1, arn: "redshift:cluster:",
	describe: redshiftClusters.describe, list: redshiftClusters.list,
	actions:     []string{"redshift:DescribeClusters", "redshift:DescribeLoggingStatus", "redshift:DescribeClusterParameters"},
	listActions: []string{"redshift:DescribeClusters"},
	missing:     []string{"ClusterNotFound", "ClusterNotFoundFault"},
	ending:      ending{"ClusterStatus", []string{"deleting"}},
	sets: []string{
		"Tags", "ClusterNodes", "ClusterParameterGroups", "ClusterParameterGroups[].ClusterParameterStatusList",
		"ClusterSecurityGroups", "DeferredMaintenanceWindows", "IamRoles", "PendingActions", "VpcSecurityGroups",
		"Endpoint.VpcEndpoints", "LoggingStatus.LogExports", "ParameterGroups", "ParameterGroups[].Parameters",
	},
	volatile: join(
		[]string{"NextMaintenanceWindowStartTime", "ExpectedNextSnapshotScheduleTime", "ExpectedNextSnapshotScheduleTimeStatus", "DataTransferProgress", "RestoreStatus"},
		under("LoggingStatus", "LastSuccessfulDeliveryTime", "LastFailureTime", "LastFailureMessage"),
	),
	parts: []part{{"ClusterParameterGroups[].ParameterGroupName", func(region, account, id string) string {
		return "redshift:" + region + ":" + account + ":parametergroup:" + id
	}}},
}
