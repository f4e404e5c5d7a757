package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

var optionGroups = source[types.OptionGroup]{
	action: "rds:DescribeOptionGroups",
	find: func(ctx context.Context, c *clients, name string) ([]types.OptionGroup, error) {
		pages := rds.NewDescribeOptionGroupsPaginator(c.rds, &rds.DescribeOptionGroupsInput{OptionGroupName: optional(name)})
		return all(ctx, pages, func(o *rds.DescribeOptionGroupsOutput) []types.OptionGroup { return o.OptionGroupsList })
	},
	id:   func(g types.OptionGroup) *string { return g.OptionGroupName },
	more: func(ctx context.Context, l *look, _ types.OptionGroup) { l.rdsTags(ctx) },
}

// rdsOptionGroup: the values of option settings are digests, for some are
// passwords, such as that of Oracle's management agent. It is deep because the
// groups that come with an engine are called default:<engine>.
var rdsOptionGroup = kind{
	name: "AWS::RDS::OptionGroup", version: 1, arn: "rds:og:", deep: true,
	describe: optionGroups.describe, list: optionGroups.list,
	actions: []string{"rds:DescribeOptionGroups", "rds:ListTagsForResource"}, listActions: []string{"rds:DescribeOptionGroups"},
	missing: []string{"OptionGroupNotFoundFault", "OptionGroupNotFound"},
	sets: []string{
		"TagList", "Options", "Options[].OptionSettings", "Options[].VpcSecurityGroupMemberships", "Options[].DBSecurityGroupMemberships",
	},
}
