package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"
)

var efsFileSystems = source[types.FileSystemDescription]{
	action: "elasticfilesystem:DescribeFileSystems",
	find: func(ctx context.Context, c *clients, name string) ([]types.FileSystemDescription, error) {
		pages := efs.NewDescribeFileSystemsPaginator(c.efs, &efs.DescribeFileSystemsInput{FileSystemId: optional(name)})
		return all(ctx, pages, func(o *efs.DescribeFileSystemsOutput) []types.FileSystemDescription { return o.FileSystems })
	},
	id:   func(f types.FileSystemDescription) *string { return f.FileSystemId },
	more: moreOfFileSystem,
}

var efsFileSystem = kind{
	name: "AWS::EFS::FileSystem", version: 1, arn: "elasticfilesystem:file-system/",
	describe: efsFileSystems.describe, list: efsFileSystems.list,
	actions: []string{
		"elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeFileSystemPolicy",
		"elasticfilesystem:DescribeBackupPolicy", "elasticfilesystem:DescribeLifecycleConfiguration",
	},
	listActions: []string{"elasticfilesystem:DescribeFileSystems"},
	missing:     []string{"FileSystemNotFound"},
	ending:      ending{"LifeCycleState", []string{"deleting", "deleted"}},
	sets:        []string{"Tags", "LifecyclePolicies"}, policies: []string{"Policy"},
	volatile: []string{"SizeInBytes"},
}

func moreOfFileSystem(ctx context.Context, l *look, _ types.FileSystemDescription) {
	l.orNull("KmsKeyId")
	policy, err := l.efs.DescribeFileSystemPolicy(ctx, &efs.DescribeFileSystemPolicyInput{FileSystemId: &l.name})
	if l.read("Policy", "elasticfilesystem:DescribeFileSystemPolicy", err, "PolicyNotFound") {
		l.set("Policy", policy.Policy)
	}
	backup, err := l.efs.DescribeBackupPolicy(ctx, &efs.DescribeBackupPolicyInput{FileSystemId: &l.name})
	if l.read("BackupPolicy", "elasticfilesystem:DescribeBackupPolicy", err, "PolicyNotFound") {
		l.set("BackupPolicy", backup.BackupPolicy)
	}
	lifecycle, err := l.efs.DescribeLifecycleConfiguration(ctx, &efs.DescribeLifecycleConfigurationInput{FileSystemId: &l.name})
	if l.read("LifecyclePolicies", "elasticfilesystem:DescribeLifecycleConfiguration", err) {
		l.set("LifecyclePolicies", lifecycle.LifecyclePolicies)
	}
}

var efsAccessPoints = source[types.AccessPointDescription]{
	action: "elasticfilesystem:DescribeAccessPoints",
	find: func(ctx context.Context, c *clients, name string) ([]types.AccessPointDescription, error) {
		pages := efs.NewDescribeAccessPointsPaginator(c.efs, &efs.DescribeAccessPointsInput{AccessPointId: optional(name)})
		return all(ctx, pages, func(o *efs.DescribeAccessPointsOutput) []types.AccessPointDescription { return o.AccessPoints })
	},
	id: func(p types.AccessPointDescription) *string { return p.AccessPointId },
	more: func(_ context.Context, l *look, _ types.AccessPointDescription) {
		l.orNull("PosixUser", "RootDirectory")
	},
}

var efsAccessPoint = kind{
	name: "AWS::EFS::AccessPoint", version: 1, arn: "elasticfilesystem:access-point/",
	describe: efsAccessPoints.describe, list: efsAccessPoints.list,
	actions: []string{"elasticfilesystem:DescribeAccessPoints"}, listActions: []string{"elasticfilesystem:DescribeAccessPoints"},
	missing: []string{"AccessPointNotFound"},
	ending:  ending{"LifeCycleState", []string{"deleting", "deleted"}},
	sets:    []string{"Tags", "PosixUser.SecondaryGids"},
}
