package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// ssmAssociation shows digests for the values of parameters, which may be
// commands with secrets in them.
var ssmAssociation = kind{
	name: "AWS::SSM::Association", version: 1, arn: "ssm:association/",
	describe: describeAssociation, list: listAssociations,
	actions: []string{"ssm:DescribeAssociation", "ssm:ListTagsForResource"}, listActions: []string{"ssm:ListAssociations"},
	missing: []string{"AssociationDoesNotExist"},
	sets: []string{
		"Tags", "Targets", "Targets[].Values", "CalendarNames", "TargetLocations", "TargetLocations[].Accounts", "TargetLocations[].Regions",
	},
	volatile: []string{
		"LastExecutionDate", "LastSuccessfulExecutionDate", "Overview.AssociationStatusAggregatedCount", "Status",
	},
}

func listAssociations(ctx context.Context, c *clients) ([]string, error) {
	pages := ssm.NewListAssociationsPaginator(c.ssm, &ssm.ListAssociationsInput{})
	return all(ctx, pages, func(o *ssm.ListAssociationsOutput) (ids []string) {
		for _, a := range o.Associations {
			ids = append(ids, aws.ToString(a.AssociationId))
		}
		return ids
	})
}

func describeAssociation(ctx context.Context, l *look) {
	out, err := l.ssm.DescribeAssociation(ctx, &ssm.DescribeAssociationInput{AssociationId: &l.name})
	if !l.read("", "ssm:DescribeAssociation", err) {
		return
	}
	if d := out.AssociationDescription; d == nil || aws.ToString(d.AssociationId) != l.name {
		l.nothing("ssm:DescribeAssociation")
		return
	}
	l.root(out.AssociationDescription)
	l.ssmTags(ctx, types.ResourceTypeForTaggingAssociation)
}
