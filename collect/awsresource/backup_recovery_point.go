package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
)

// recoveryPoint does not know snapshots and images, which have ARNs of EC2,
// RDS and so on: they are resources of those services.
var recoveryPoint = kind{
	name: "AWS::Backup::RecoveryPoint", version: 1, arn: "backup:recovery-point:", deep: true,
	describe: describeRecoveryPoint, list: listRecoveryPoints,
	actions: []string{
		"backup:ListBackupVaults", "backup:ListRecoveryPointsByBackupVault", "backup:DescribeRecoveryPoint", "backup:ListTags",
	},
	listActions: []string{"backup:ListBackupVaults", "backup:ListRecoveryPointsByBackupVault"},
	missing:     []string{"ResourceNotFoundException"},
	ending:      ending{"Status", []string{"DELETING"}},
	sets:        []string{"ScanResults", "ScanResults[].Findings"},
	// A continuous recovery point grows with the data.
	volatile: []string{"LastRestoreTime", "BackupSizeInBytes", "ScanResults[].LastScanTimestamp"},
}

func listRecoveryPoints(ctx context.Context, c *clients) ([]string, error) {
	vaults, err := c.backupVaults(ctx)
	if err != nil {
		return nil, err
	}
	var arns []string
	for _, v := range vaults {
		points, err := c.recoveryPoints(ctx, v.BackupVaultName)
		if err != nil {
			return nil, err
		}
		for _, p := range points {
			if arn := aws.ToString(p.RecoveryPointArn); strings.Contains(arn, ":recovery-point:") {
				arns = append(arns, arn)
			}
		}
	}
	return arns, nil
}

func (c *clients) recoveryPoints(ctx context.Context, vault *string) ([]types.RecoveryPointByBackupVault, error) {
	pages := backup.NewListRecoveryPointsByBackupVaultPaginator(c.backup, &backup.ListRecoveryPointsByBackupVaultInput{
		BackupVaultName: vault, MaxResults: aws.Int32(1000),
	})
	return all(ctx, pages, func(o *backup.ListRecoveryPointsByBackupVaultOutput) []types.RecoveryPointByBackupVault {
		return o.RecoveryPoints
	})
}

func describeRecoveryPoint(ctx context.Context, l *look) {
	vault, ok := l.vaultOf(ctx)
	if !ok {
		return
	}
	point, err := l.backup.DescribeRecoveryPoint(ctx, &backup.DescribeRecoveryPointInput{
		BackupVaultName: vault, RecoveryPointArn: aws.String(string(l.resource.ID)),
	})
	if !l.read("", "backup:DescribeRecoveryPoint", err) {
		return
	}
	l.root(point)
	if l.orNull("Lifecycle", "EncryptionKeyArn"); !l.ended() {
		l.backupTags(ctx)
	}
}

// vaultOf finds the vault that holds the recovery point, without which AWS
// does not describe it.
func (l *look) vaultOf(ctx context.Context) (*string, bool) {
	vaults, err := l.backupVaults(ctx)
	if !l.read("", "backup:ListBackupVaults", err) {
		return nil, false
	}
	for _, v := range vaults {
		points, err := l.recoveryPoints(ctx, v.BackupVaultName)
		if !l.read("", "backup:ListRecoveryPointsByBackupVault", err) {
			return nil, false
		}
		id := func(p types.RecoveryPointByBackupVault) *string { return p.RecoveryPointArn }
		if _, ok := theOne(points, id, string(l.resource.ID)); ok {
			return v.BackupVaultName, true
		}
	}
	l.gone = true
	return nil, false
}
