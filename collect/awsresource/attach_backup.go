package awsresource

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// backupProtection is what AWS Backup holds of the resource: its recovery points,
// and the plans whose selections take it in. ProtectedResource is null while there
// is no recovery point.
var backupProtection = attachment{
	name: "backup", path: "Backup", read: (*look).backupProtection,
	actions: []string{
		"backup:DescribeProtectedResource", "backup:ListRecoveryPointsByResource",
		"backup:ListBackupPlans", "backup:ListBackupSelections", "backup:GetBackupSelection",
	},
	sets: []string{"Backup.RecoveryPoints", "Backup.Plans"},
}

type protection struct {
	ProtectedResource *protected
	RecoveryPoints    []heldPoint
	Plans             []planned
}

type protected struct {
	ResourceType   *string
	LastBackupTime *time.Time
}

type heldPoint struct {
	RecoveryPointArn, BackupVaultName, EncryptionKeyArn *string
	Status                                              string
	CreationDate                                        *time.Time
}

// planned is a selection of a plan that takes the resource in.
type planned struct{ BackupPlanId, BackupPlanName, SelectionId, SelectionName *string }

func (l *look) backupProtection(ctx context.Context) {
	const path = "Backup"
	arn := l.arn()
	p := protection{RecoveryPoints: []heldPoint{}, Plans: []planned{}}
	out, err := l.backup.DescribeProtectedResource(ctx, &backup.DescribeProtectedResourceInput{ResourceArn: &arn})
	if err == nil {
		p.ProtectedResource = &protected{out.ResourceType, out.LastBackupTime}
	} else if code, _ := codeOf(err); code != "ResourceNotFoundException" {
		l.refused(path, "backup:DescribeProtectedResource", err)
		return
	}
	pages := backup.NewListRecoveryPointsByResourcePaginator(l.backup, &backup.ListRecoveryPointsByResourceInput{ResourceArn: &arn})
	points, err := all(ctx, pages, func(o *backup.ListRecoveryPointsByResourceOutput) []types.RecoveryPointByResource {
		return o.RecoveryPoints
	})
	if l.refused(path, "backup:ListRecoveryPointsByResource", err) {
		return
	}
	for _, r := range points {
		p.RecoveryPoints = append(p.RecoveryPoints, heldPoint{r.RecoveryPointArn, r.BackupVaultName, r.EncryptionKeyArn, string(r.Status), r.CreationDate})
	}
	plans := backup.NewListBackupPlansPaginator(l.backup, &backup.ListBackupPlansInput{})
	members, err := all(ctx, plans, func(o *backup.ListBackupPlansOutput) []types.BackupPlansListMember { return o.BackupPlansList })
	if l.refused(path, "backup:ListBackupPlans", err) {
		return
	}
	for _, plan := range members {
		if !l.selections(ctx, path, plan, &p) {
			return
		}
	}
	l.set(path, p)
}

func (l *look) selections(ctx context.Context, path string, plan types.BackupPlansListMember, p *protection) bool {
	pages := backup.NewListBackupSelectionsPaginator(l.backup, &backup.ListBackupSelectionsInput{BackupPlanId: plan.BackupPlanId})
	list, err := all(ctx, pages, func(o *backup.ListBackupSelectionsOutput) []types.BackupSelectionsListMember {
		return o.BackupSelectionsList
	})
	if l.refused(path, "backup:ListBackupSelections", err) {
		return false
	}
	for _, s := range list {
		out, err := l.backup.GetBackupSelection(ctx, &backup.GetBackupSelectionInput{BackupPlanId: plan.BackupPlanId, SelectionId: s.SelectionId})
		if l.refused(path, "backup:GetBackupSelection", err) {
			return false
		}
		if out.BackupSelection != nil && selects(*out.BackupSelection, everqual.ResourceID(l.arn()), collect.TagsOf(l.attributes)) {
			p.Plans = append(p.Plans, planned{plan.BackupPlanId, plan.BackupPlanName, s.SelectionId, s.SelectionName})
		}
	}
	return true
}

// selects tells whether a selection takes a resource in: it is listed, or bears
// one of the tags of ListOfTags, and then fulfils all Conditions and is not
// excluded. Without a list and without tags to choose by, conditions choose from
// everything.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
func selects(s types.BackupSelection, id everqual.ResourceID, tags map[string]string) bool {
	matches := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return p == "*" || like(p, string(id)) })
	}
	chosen := matches(s.Resources) || slices.ContainsFunc(s.ListOfTags, func(c types.Condition) bool {
		v, ok := tags[aws.ToString(c.ConditionKey)]
		return ok && v == aws.ToString(c.ConditionValue)
	}) || len(s.Resources) == 0 && len(s.ListOfTags) == 0 && s.Conditions != nil
	if !chosen || matches(s.NotResources) {
		return false
	}
	if s.Conditions == nil {
		return true
	}
	fulfils := func(list []types.ConditionParameter, wanted bool, equal func(pattern, v string) bool) bool {
		return !slices.ContainsFunc(list, func(c types.ConditionParameter) bool {
			key := strings.TrimPrefix(aws.ToString(c.ConditionKey), "aws:ResourceTag/")
			v, ok := tags[key]
			return (ok && equal(aws.ToString(c.ConditionValue), v)) != wanted
		})
	}
	same := func(a, b string) bool { return a == b }
	return fulfils(s.Conditions.StringEquals, true, same) && fulfils(s.Conditions.StringLike, true, like) &&
		fulfils(s.Conditions.StringNotEquals, false, same) && fulfils(s.Conditions.StringNotLike, false, like)
}

// like matches "*" with any text.
func like(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	last := len(parts) - 1
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for _, p := range parts[1:last] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return strings.HasSuffix(s, parts[last])
}
