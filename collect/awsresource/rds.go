package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

var rdsInstance = kind{
	name: "AWS::RDS::DBInstance", version: 1, arn: "rds:db:",
	describe: describeDBInstance, list: listDBInstances,
	actions: []string{"rds:DescribeDBInstances"}, listActions: []string{"rds:DescribeDBInstances"},
	missing: []string{"DBInstanceNotFound", "DBInstanceNotFoundFault"},
	ending:  ending{"DBInstanceStatus", []string{"deleting"}},
	sets: []string{
		"TagList", "VpcSecurityGroups", "DBSecurityGroups", "DBParameterGroups", "OptionGroupMemberships",
		"AssociatedRoles", "DomainMemberships", "ProcessorFeatures", "EnabledCloudwatchLogsExports",
		"ReadReplicaDBInstanceIdentifiers", "ReadReplicaDBClusterIdentifiers", "StatusInfos",
		"DBSubnetGroup.Subnets", "DBSubnetGroup.SupportedNetworkTypes", "AdditionalStorageVolumes",
		"DBInstanceAutomatedBackupsReplications",
	},
	volatile: []string{"LatestRestorableTime", "PercentProgress", "StorageOperationPercentProgress"},
}

func dbInstances(ctx context.Context, c *clients, name string) ([]types.DBInstance, error) {
	pages := rds.NewDescribeDBInstancesPaginator(c.rds, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: optional(name)})
	return all(ctx, pages, func(o *rds.DescribeDBInstancesOutput) []types.DBInstance { return o.DBInstances })
}

func listDBInstances(ctx context.Context, c *clients) ([]string, error) {
	found, err := dbInstances(ctx, c, "")
	names := make([]string, 0, len(found))
	for _, d := range found {
		names = append(names, aws.ToString(d.DBInstanceIdentifier))
	}
	return names, err
}

func describeDBInstance(ctx context.Context, l *look) {
	found, err := dbInstances(ctx, l.clients, l.name)
	if !l.read("", "rds:DescribeDBInstances", err) {
		return
	}
	if db, ok := theOne(found, func(d types.DBInstance) *string { return d.DBInstanceIdentifier }, l.name); ok {
		l.root(db)
	} else {
		l.nothing("rds:DescribeDBInstances")
	}
}

var rdsCluster = kind{
	name: "AWS::RDS::DBCluster", version: 1, arn: "rds:cluster:",
	describe: describeDBCluster, list: listDBClusters,
	actions: []string{"rds:DescribeDBClusters"}, listActions: []string{"rds:DescribeDBClusters"},
	missing: []string{"DBClusterNotFoundFault", "DBClusterNotFound"},
	ending:  ending{"Status", []string{"deleting"}},
	sets: []string{
		"TagList", "AvailabilityZones", "DBClusterMembers", "VpcSecurityGroups", "AssociatedRoles", "CustomEndpoints",
		"DBClusterOptionGroupMemberships", "DomainMemberships", "EnabledCloudwatchLogsExports",
		"ReadReplicaIdentifiers", "StatusInfos",
	},
	volatile: []string{
		"LatestRestorableTime", "EarliestRestorableTime", "EarliestBacktrackTime", "BacktrackConsumedChangeRecords",
		"PercentProgress", "Capacity", "IOOptimizedNextAllowedModificationTime",
	},
	parts: []part{{"DBClusterMembers[].DBInstanceIdentifier", func(region, account, id string) string { return "rds:" + region + ":" + account + ":db:" + id }}},
}

func dbClusters(ctx context.Context, c *clients, name string) ([]types.DBCluster, error) {
	pages := rds.NewDescribeDBClustersPaginator(c.rds, &rds.DescribeDBClustersInput{DBClusterIdentifier: optional(name)})
	return all(ctx, pages, func(o *rds.DescribeDBClustersOutput) []types.DBCluster { return o.DBClusters })
}

func listDBClusters(ctx context.Context, c *clients) ([]string, error) {
	found, err := dbClusters(ctx, c, "")
	names := make([]string, 0, len(found))
	for _, d := range found {
		names = append(names, aws.ToString(d.DBClusterIdentifier))
	}
	return names, err
}

func describeDBCluster(ctx context.Context, l *look) {
	found, err := dbClusters(ctx, l.clients, l.name)
	if !l.read("", "rds:DescribeDBClusters", err) {
		return
	}
	if cluster, ok := theOne(found, func(c types.DBCluster) *string { return c.DBClusterIdentifier }, l.name); ok {
		l.root(cluster)
	} else {
		l.nothing("rds:DescribeDBClusters")
	}
}
