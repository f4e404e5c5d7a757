package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var snapshots = source[types.Snapshot]{
	action: "ec2:DescribeSnapshots",
	find: func(ctx context.Context, c *clients, name string) ([]types.Snapshot, error) {
		pages := ec2.NewDescribeSnapshotsPaginator(c.ec2, &ec2.DescribeSnapshotsInput{SnapshotIds: only(name), OwnerIds: []string{"self"}, MaxResults: pageSize(name)})
		return all(ctx, pages, func(o *ec2.DescribeSnapshotsOutput) []types.Snapshot { return o.Snapshots })
	},
	id:   func(s types.Snapshot) *string { return s.SnapshotId },
	more: snapshotPermissions,
}

// ec2Snapshot is one of the account's own: others have made theirs public, and are
// not answered for here.
var ec2Snapshot = kind{
	name: "AWS::EC2::Snapshot", version: 1, arn: "ec2:snapshot/",
	describe: snapshots.describe, list: snapshots.list,
	actions: []string{"ec2:DescribeSnapshots", "ec2:DescribeSnapshotAttribute"}, listActions: []string{"ec2:DescribeSnapshots"},
	missing:  []string{"InvalidSnapshot.NotFound"},
	sets:     []string{"Tags", "CreateVolumePermissions"},
	volatile: []string{"Progress"},
}

func snapshotPermissions(ctx context.Context, l *look, _ types.Snapshot) {
	out, err := l.ec2.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{
		SnapshotId: &l.name, Attribute: types.SnapshotAttributeNameCreateVolumePermission,
	})
	if l.read("CreateVolumePermissions", "ec2:DescribeSnapshotAttribute", err) {
		l.set("CreateVolumePermissions", out.CreateVolumePermissions)
	}
}
