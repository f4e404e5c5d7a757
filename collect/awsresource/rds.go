package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

var rdsInstance = kind{
	name: "AWS::RDS::DBInstance", version: 1, arn: "rds:db:",
	describe: describeDBInstance,
	actions:  []string{"rds:DescribeDBInstances"},
	missing:  []string{"DBInstanceNotFound", "DBInstanceNotFoundFault"},
	ending:   ending{"DBInstanceStatus", []string{"deleting"}},
	sets: []string{
		"TagList", "VpcSecurityGroups", "DBSecurityGroups", "DBParameterGroups", "OptionGroupMemberships",
		"AssociatedRoles", "DomainMemberships", "ProcessorFeatures", "EnabledCloudwatchLogsExports",
		"ReadReplicaDBInstanceIdentifiers", "ReadReplicaDBClusterIdentifiers", "StatusInfos",
		"DBSubnetGroup.Subnets", "DBSubnetGroup.SupportedNetworkTypes", "AdditionalStorageVolumes",
		"DBInstanceAutomatedBackupsReplications",
	},
	volatile: []string{"LatestRestorableTime", "PercentProgress", "StorageOperationPercentProgress"},
}

func describeDBInstance(ctx context.Context, l *look) {
	pages := rds.NewDescribeDBInstancesPaginator(l.rds, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &l.name})
	found, err := all(ctx, pages, func(o *rds.DescribeDBInstancesOutput) []types.DBInstance { return o.DBInstances })
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
	describe: describeDBCluster,
	actions:  []string{"rds:DescribeDBClusters"},
	missing:  []string{"DBClusterNotFoundFault", "DBClusterNotFound"},
	ending:   ending{"Status", []string{"deleting"}},
	sets: []string{
		"TagList", "AvailabilityZones", "DBClusterMembers", "VpcSecurityGroups", "AssociatedRoles", "CustomEndpoints",
		"DBClusterOptionGroupMemberships", "DomainMemberships", "EnabledCloudwatchLogsExports",
		"ReadReplicaIdentifiers", "StatusInfos",
	},
	volatile: []string{
		"LatestRestorableTime", "EarliestRestorableTime", "EarliestBacktrackTime", "BacktrackConsumedChangeRecords",
		"PercentProgress", "Capacity", "IOOptimizedNextAllowedModificationTime",
	},
}

func describeDBCluster(ctx context.Context, l *look) {
	pages := rds.NewDescribeDBClustersPaginator(l.rds, &rds.DescribeDBClustersInput{DBClusterIdentifier: &l.name})
	found, err := all(ctx, pages, func(o *rds.DescribeDBClustersOutput) []types.DBCluster { return o.DBClusters })
	if !l.read("", "rds:DescribeDBClusters", err) {
		return
	}
	if cluster, ok := theOne(found, func(c types.DBCluster) *string { return c.DBClusterIdentifier }, l.name); ok {
		l.root(cluster)
	} else {
		l.nothing("rds:DescribeDBClusters")
	}
}
