package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

var dbSnapshots = source[types.DBSnapshot]{
	action: "rds:DescribeDBSnapshots",
	find: func(ctx context.Context, c *clients, name string) ([]types.DBSnapshot, error) {
		pages := rds.NewDescribeDBSnapshotsPaginator(c.rds, &rds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: optional(name)})
		return all(ctx, pages, func(o *rds.DescribeDBSnapshotsOutput) []types.DBSnapshot { return o.DBSnapshots })
	},
	id: func(s types.DBSnapshot) *string { return s.DBSnapshotIdentifier },
	more: func(ctx context.Context, l *look, _ types.DBSnapshot) {
		out, err := l.rds.DescribeDBSnapshotAttributes(ctx, &rds.DescribeDBSnapshotAttributesInput{DBSnapshotIdentifier: &l.name})
		if !l.read("DBSnapshotAttributes", "rds:DescribeDBSnapshotAttributes", err) {
			return
		}
		var result types.DBSnapshotAttributesResult
		if out.DBSnapshotAttributesResult != nil {
			result = *out.DBSnapshotAttributesResult
		}
		l.set("DBSnapshotAttributes", result.DBSnapshotAttributes)
	},
}

// rdsSnapshot is deep: those that RDS makes by itself are called rds:<name>.
var rdsSnapshot = kind{
	name: "AWS::RDS::DBSnapshot", version: 1, arn: "rds:snapshot:", deep: true,
	describe: dbSnapshots.describe, list: dbSnapshots.list,
	actions: []string{"rds:DescribeDBSnapshots", "rds:DescribeDBSnapshotAttributes"}, listActions: []string{"rds:DescribeDBSnapshots"},
	missing:  []string{"DBSnapshotNotFound", "DBSnapshotNotFoundFault"},
	ending:   ending{"Status", []string{"deleting", "deleted"}},
	sets:     []string{"TagList", "ProcessorFeatures", "AdditionalStorageVolumes", "DBSnapshotAttributes", "DBSnapshotAttributes[].AttributeValues"},
	volatile: []string{"PercentProgress"},
}

var dbClusterSnapshots = source[types.DBClusterSnapshot]{
	action: "rds:DescribeDBClusterSnapshots",
	find: func(ctx context.Context, c *clients, name string) ([]types.DBClusterSnapshot, error) {
		pages := rds.NewDescribeDBClusterSnapshotsPaginator(c.rds, &rds.DescribeDBClusterSnapshotsInput{DBClusterSnapshotIdentifier: optional(name)})
		return all(ctx, pages, func(o *rds.DescribeDBClusterSnapshotsOutput) []types.DBClusterSnapshot { return o.DBClusterSnapshots })
	},
	id: func(s types.DBClusterSnapshot) *string { return s.DBClusterSnapshotIdentifier },
	more: func(ctx context.Context, l *look, _ types.DBClusterSnapshot) {
		out, err := l.rds.DescribeDBClusterSnapshotAttributes(ctx, &rds.DescribeDBClusterSnapshotAttributesInput{DBClusterSnapshotIdentifier: &l.name})
		if !l.read("DBClusterSnapshotAttributes", "rds:DescribeDBClusterSnapshotAttributes", err) {
			return
		}
		var result types.DBClusterSnapshotAttributesResult
		if out.DBClusterSnapshotAttributesResult != nil {
			result = *out.DBClusterSnapshotAttributesResult
		}
		l.set("DBClusterSnapshotAttributes", result.DBClusterSnapshotAttributes)
	},
}

var rdsClusterSnapshot = kind{
	name: "AWS::RDS::DBClusterSnapshot", version: 1, arn: "rds:cluster-snapshot:", deep: true,
	describe: dbClusterSnapshots.describe, list: dbClusterSnapshots.list,
	actions:     []string{"rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusterSnapshotAttributes"},
	listActions: []string{"rds:DescribeDBClusterSnapshots"},
	missing:     []string{"DBClusterSnapshotNotFoundFault", "DBClusterSnapshotNotFound"},
	ending:      ending{"Status", []string{"deleting", "deleted"}},
	sets:        []string{"TagList", "AvailabilityZones", "DBClusterSnapshotAttributes", "DBClusterSnapshotAttributes[].AttributeValues"},
	volatile:    []string{"PercentProgress"},
}
