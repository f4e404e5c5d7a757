package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var snapshots = source[types.Snapshot]{
	action: "ec2:DescribeSnapshots",
	find: func(ctx context.Context, c *clients, name string) ([]types.Snapshot, error) {
		pages := ec2.NewDescribeSnapshotsPaginator(c.ec2, &ec2.DescribeSnapshotsInput{
			SnapshotIds: only(name), OwnerIds: []string{"self"}, MaxResults: pageSize(name),
		})
		return all(ctx, pages, func(o *ec2.DescribeSnapshotsOutput) []types.Snapshot { return o.Snapshots })
	},
	id:   func(s types.Snapshot) *string { return s.SnapshotId },
	more: describeSnapshot,
}

// ec2Snapshot is one of the account's own: others have made theirs public, and are
// not answered for here.
var ec2Snapshot = kind{
	name: "AWS::EC2::Snapshot", version: 1, arn: "ec2:snapshot/",
	describe: snapshots.describe, list: snapshots.list,
	actions:     []string{"ec2:DescribeSnapshots", "ec2:DescribeSnapshotAttribute", "ec2:DescribeLockedSnapshots"},
	listActions: []string{"ec2:DescribeSnapshots"},
	missing:     []string{"InvalidSnapshot.NotFound"},
	sets:        []string{"Tags", "CreateVolumePermissions"},
	volatile:    []string{"Progress"},
}

func describeSnapshot(ctx context.Context, l *look, _ types.Snapshot) {
	out, err := l.ec2.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{
		SnapshotId: &l.name, Attribute: types.SnapshotAttributeNameCreateVolumePermission,
	})
	if l.read("CreateVolumePermissions", "ec2:DescribeSnapshotAttribute", err) {
		l.set("CreateVolumePermissions", out.CreateVolumePermissions)
	}
	locked, err := l.ec2.DescribeLockedSnapshots(ctx, &ec2.DescribeLockedSnapshotsInput{SnapshotIds: []string{l.name}})
	if !l.read("Lock", "ec2:DescribeLockedSnapshots", err) {
		return
	}
	l.set("Lock", nil)
	if lock, ok := theOne(locked.Snapshots, func(s types.LockedSnapshotsInfo) *string { return s.SnapshotId }, l.name); ok {
		l.set("Lock", lock)
	}
}
