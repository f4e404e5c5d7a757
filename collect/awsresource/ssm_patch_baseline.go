package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

var patchBaseline = kind{
	name: "AWS::SSM::PatchBaseline", version: 1, arn: "ssm:patchbaseline/",
	describe: describePatchBaseline, list: listPatchBaselines,
	actions: []string{"ssm:GetPatchBaseline", "ssm:ListTagsForResource"}, listActions: []string{"ssm:DescribePatchBaselines"},
	missing: []string{"DoesNotExistException"},
	sets: []string{
		"Tags", "ApprovedPatches", "RejectedPatches", "PatchGroups", "Sources", "Sources[].Products",
		"GlobalFilters.PatchFilters", "GlobalFilters.PatchFilters[].Values", "ApprovalRules.PatchRules",
		"ApprovalRules.PatchRules[].PatchFilterGroup.PatchFilters", "ApprovalRules.PatchRules[].PatchFilterGroup.PatchFilters[].Values",
	},
}

// listPatchBaselines lists those of the account. AWS has others, which are not
// the account's to change.
func listPatchBaselines(ctx context.Context, c *clients) ([]string, error) {
	pages := ssm.NewDescribePatchBaselinesPaginator(c.ssm, &ssm.DescribePatchBaselinesInput{
		Filters: []types.PatchOrchestratorFilter{{Key: aws.String("OWNER"), Values: []string{"Self"}}},
	})
	return all(ctx, pages, func(o *ssm.DescribePatchBaselinesOutput) (ids []string) {
		for _, b := range o.BaselineIdentities {
			ids = append(ids, aws.ToString(b.BaselineId))
		}
		return ids
	})
}

func describePatchBaseline(ctx context.Context, l *look) {
	baseline, err := l.ssm.GetPatchBaseline(ctx, &ssm.GetPatchBaselineInput{BaselineId: &l.name})
	if !l.read("", "ssm:GetPatchBaseline", err) {
		return
	}
	if aws.ToString(baseline.BaselineId) != l.name {
		l.nothing("ssm:GetPatchBaseline")
		return
	}
	l.root(baseline)
	l.ssmTags(ctx, types.ResourceTypeForTaggingPatchBaseline)
}
