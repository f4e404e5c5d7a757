package awsresource

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

var patchStates = source[types.InstancePatchState]{
	action: "ssm:DescribeInstancePatchStates",
	find: func(ctx context.Context, c *clients, name string) ([]types.InstancePatchState, error) {
		pages := ssm.NewDescribeInstancePatchStatesPaginator(c.ssm, &ssm.DescribeInstancePatchStatesInput{InstanceIds: []string{name}})
		return all(ctx, pages, func(o *ssm.DescribeInstancePatchStatesOutput) []types.InstancePatchState {
			return o.InstancePatchStates
		})
	},
	id:   func(s types.InstancePatchState) *string { return s.InstanceId },
	more: patches,
}

var patchCompliance = kind{
	name: "AWS::SSM::PatchCompliance", version: 1, arn: "ssm:patch-compliance/",
	describe: patchStates.describe, list: listCompliance("Patch"),
	actions: join(instanceTagActions, []string{
		"ssm:DescribeInstancePatchStates", "ssm:DescribeInstancePatches", "ssm:ListComplianceItems",
	}),
	listActions: []string{"ssm:ListResourceComplianceSummaries"},
	missing:     []string{"InvalidInstanceId", "InvalidResourceId"},
	sets:        []string{"Tags", "Patches", "ComplianceItems"},
	// Patches that do not apply become more and fewer as vendors publish.
	volatile: []string{
		"OperationStartTime", "OperationEndTime", "LastNoRebootInstallOperationTime", "SnapshotId",
		"NotApplicableCount", "UnreportedNotApplicableCount",
		"Patches[].InstalledTime", // of patches that are not installed
		"ComplianceItems[].ExecutionSummary.ExecutionTime", "ComplianceItems[].ExecutionSummary.ExecutionId",
	},
}

var associationCompliance = kind{
	name: "AWS::SSM::AssociationCompliance", version: 1, arn: "ssm:association-compliance/",
	describe: describeAssociationCompliance, list: listCompliance("Association"),
	actions: join(instanceTagActions, []string{
		"ssm:ListComplianceItems", "ssm:DescribeInstanceAssociationsStatus",
	}),
	listActions: []string{"ssm:ListResourceComplianceSummaries"},
	missing:     []string{"InvalidInstanceId", "InvalidResourceId"},
	sets:        []string{"Tags", "ComplianceItems", "Associations"},
	volatile: join(
		under("ComplianceItems[].ExecutionSummary", "ExecutionTime", "ExecutionId"),
		under("Associations[]", "ExecutionDate", "ExecutionSummary", "OutputUrl"),
	),
}

// listCompliance lists the instances that have a summary of a kind.
func listCompliance(kind string) func(context.Context, *clients) ([]string, error) {
	return func(ctx context.Context, c *clients) ([]string, error) {
		pages := ssm.NewListResourceComplianceSummariesPaginator(c.ssm, &ssm.ListResourceComplianceSummariesInput{})
		return all(ctx, pages, func(o *ssm.ListResourceComplianceSummariesOutput) (ids []string) {
			for _, s := range o.ResourceComplianceSummaryItems {
				if aws.ToString(s.ComplianceType) == kind && aws.ToString(s.ResourceType) == "ManagedInstance" {
					ids = append(ids, aws.ToString(s.ResourceId))
				}
			}
			return ids
		})
	}
}

func patches(ctx context.Context, l *look, _ types.InstancePatchState) {
	pages := ssm.NewDescribeInstancePatchesPaginator(l.ssm, &ssm.DescribeInstancePatchesInput{
		InstanceId: &l.name,
		Filters:    []types.PatchOrchestratorFilter{{Key: aws.String("State"), Values: []string{"Missing", "Failed"}}},
	})
	patches, err := all(ctx, pages, func(o *ssm.DescribeInstancePatchesOutput) []types.PatchComplianceData { return o.Patches })
	if l.read("Patches", "ssm:DescribeInstancePatches", err) {
		l.set("Patches", patches)
	}
	items, err := l.complianceItems(ctx, "Patch")
	if l.read("ComplianceItems", "ssm:ListComplianceItems", err) {
		l.set("ComplianceItems", items)
	}
	l.instanceTags(ctx)
}

func (l *look) complianceItems(ctx context.Context, kind string) ([]types.ComplianceItem, error) {
	pages := ssm.NewListComplianceItemsPaginator(l.ssm, &ssm.ListComplianceItemsInput{
		ResourceIds: []string{l.name}, ResourceTypes: []string{"ManagedInstance"},
		Filters: []types.ComplianceStringFilter{{
			Key: aws.String("ComplianceType"), Type: types.ComplianceQueryOperatorTypeEqual, Values: []string{kind},
		}},
	})
	items, err := all(ctx, pages, func(o *ssm.ListComplianceItemsOutput) []types.ComplianceItem { return o.ComplianceItems })
	return slices.DeleteFunc(items, func(i types.ComplianceItem) bool {
		return aws.ToString(i.ComplianceType) != kind || aws.ToString(i.ResourceId) != l.name
	}), err
}

// describeAssociationCompliance takes an instance without an item for one
// without associations, of which AWS keeps no compliance.
func describeAssociationCompliance(ctx context.Context, l *look) {
	items, err := l.complianceItems(ctx, "Association")
	if !l.read("", "ssm:ListComplianceItems", err) {
		return
	}
	if l.gone = len(items) == 0; l.gone {
		return
	}
	l.set("InstanceId", l.name)
	l.set("ComplianceItems", items)
	pages := ssm.NewDescribeInstanceAssociationsStatusPaginator(l.ssm, &ssm.DescribeInstanceAssociationsStatusInput{InstanceId: &l.name})
	associations, err := all(ctx, pages, func(o *ssm.DescribeInstanceAssociationsStatusOutput) []types.InstanceAssociationStatusInfo {
		return o.InstanceAssociationStatusInfos
	})
	if l.read("Associations", "ssm:DescribeInstanceAssociationsStatus", err) {
		l.set("Associations", associations)
	}
	l.instanceTags(ctx)
}
