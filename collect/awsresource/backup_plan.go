package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
)

var backupPlan = kind{
	name: "AWS::Backup::BackupPlan", version: 1, arn: "backup:backup-plan:",
	describe: describeBackupPlan, list: listBackupPlans,
	actions: []string{
		"backup:GetBackupPlan", "backup:ListBackupSelections", "backup:GetBackupSelection", "backup:ListTags",
	},
	listActions: []string{"backup:ListBackupPlans"},
	missing:     []string{"ResourceNotFoundException"},
	sets: join(
		[]string{"AdvancedBackupSettings", "Selections"},
		under("BackupPlan", "Rules", "Rules[].CopyActions", "Rules[].IndexActions", "Rules[].ScanActions", "AdvancedBackupSettings", "ScanSettings"),
		under("Selections[].BackupSelection", "Resources", "NotResources", "ListOfTags", "Conditions.StringEquals",
			"Conditions.StringLike", "Conditions.StringNotEquals", "Conditions.StringNotLike"),
	),
	volatile: []string{"LastExecutionDate", "ScheduledRunsPreview"},
}

func listBackupPlans(ctx context.Context, c *clients) ([]string, error) {
	pages := backup.NewListBackupPlansPaginator(c.backup, &backup.ListBackupPlansInput{})
	return all(ctx, pages, func(o *backup.ListBackupPlansOutput) (ids []string) {
		for _, plan := range o.BackupPlansList {
			ids = append(ids, *plan.BackupPlanId)
		}
		return ids
	})
}

func describeBackupPlan(ctx context.Context, l *look) {
	plan, err := l.backup.GetBackupPlan(ctx, &backup.GetBackupPlanInput{BackupPlanId: &l.name})
	if !l.read("", "backup:GetBackupPlan", err) {
		return
	}
	// A plan that was deleted can be read for as long as its recovery points last.
	if l.gone = plan.DeletionDate != nil; l.gone {
		return
	}
	l.root(plan)
	l.backupSelections(ctx)
	l.backupTags(ctx)
}

// backupSelections reads what a plan backs up; AWS allows a hundred selections.
func (l *look) backupSelections(ctx context.Context) {
	pages := backup.NewListBackupSelectionsPaginator(l.backup, &backup.ListBackupSelectionsInput{BackupPlanId: &l.name})
	list, err := all(ctx, pages, func(o *backup.ListBackupSelectionsOutput) []types.BackupSelectionsListMember {
		return o.BackupSelectionsList
	})
	if !l.read("Selections", "backup:ListBackupSelections", err) {
		return
	}
	selections := []*backup.GetBackupSelectionOutput{}
	for _, s := range list {
		selection, err := l.backup.GetBackupSelection(ctx, &backup.GetBackupSelectionInput{BackupPlanId: &l.name, SelectionId: s.SelectionId})
		if !l.read("Selections", "backup:GetBackupSelection", err) {
			return
		}
		selections = append(selections, selection)
	}
	l.set("Selections", selections)
}

func (l *look) backupTags(ctx context.Context) {
	id := string(l.resource.ID)
	pages := backup.NewListTagsPaginator(l.backup, &backup.ListTagsInput{ResourceArn: &id})
	tags, err := all(ctx, pages, func(o *backup.ListTagsOutput) []map[string]string { return []map[string]string{o.Tags} })
	if l.read("Tags", "backup:ListTags", err) {
		l.set("Tags", united(tags))
	}
}
