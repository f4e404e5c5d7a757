package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
)

// backupVaults are looked for in the listing first: to a question for a vault
// that does not exist, AWS answers that access is denied.
var backupVaults = source[types.BackupVaultListMember]{
	action: "backup:ListBackupVaults",
	find: func(ctx context.Context, c *clients, name string) ([]types.BackupVaultListMember, error) {
		list, err := c.backupVaults(ctx)
		return pick(list, vaultName, name), err
	},
	id:   vaultName,
	more: moreOfVault,
}

var backupVault = kind{
	name: "AWS::Backup::BackupVault", version: 1, arn: "backup:backup-vault:",
	describe: backupVaults.describe, list: backupVaults.list,
	actions: []string{
		"backup:ListBackupVaults", "backup:DescribeBackupVault", "backup:GetBackupVaultAccessPolicy",
		"backup:GetBackupVaultNotifications", "backup:ListTags",
	},
	listActions: []string{"backup:ListBackupVaults"},
	missing:     []string{"ResourceNotFoundException"},
	sets:        []string{"Notifications.BackupVaultEvents"},
	policies:    []string{"AccessPolicy"},
	volatile:    []string{"NumberOfRecoveryPoints"},
}

func vaultName(v types.BackupVaultListMember) *string { return v.BackupVaultName }

func (c *clients) backupVaults(ctx context.Context) ([]types.BackupVaultListMember, error) {
	pages := backup.NewListBackupVaultsPaginator(c.backup, &backup.ListBackupVaultsInput{})
	return all(ctx, pages, func(o *backup.ListBackupVaultsOutput) []types.BackupVaultListMember { return o.BackupVaultList })
}

func moreOfVault(ctx context.Context, l *look, _ types.BackupVaultListMember) {
	vault, err := l.backup.DescribeBackupVault(ctx, &backup.DescribeBackupVaultInput{BackupVaultName: &l.name})
	if !l.read("", "backup:DescribeBackupVault", err) {
		return
	}
	l.root(vault)
	l.orNull("EncryptionKeyArn", "LockDate", "MinRetentionDays", "MaxRetentionDays")
	policy, err := l.backup.GetBackupVaultAccessPolicy(ctx, &backup.GetBackupVaultAccessPolicyInput{BackupVaultName: &l.name})
	if l.read("AccessPolicy", "backup:GetBackupVaultAccessPolicy", err, "ResourceNotFoundException") {
		l.set("AccessPolicy", policy.Policy)
	}
	news, err := l.backup.GetBackupVaultNotifications(ctx, &backup.GetBackupVaultNotificationsInput{BackupVaultName: &l.name})
	if l.read("Notifications", "backup:GetBackupVaultNotifications", err, "ResourceNotFoundException") {
		l.set("Notifications", news)
	}
	l.backupTags(ctx)
}
