package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var ec2SecurityGroup = kind{
	name: "AWS::EC2::SecurityGroup", version: 1, arn: "ec2:security-group/",
	describe: describeSecurityGroup,
	actions:  []string{"ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"},
	missing:  []string{"InvalidGroup.NotFound"},
	sets:     join(groupSets, []string{"SecurityGroupRules", "SecurityGroupRules[].Tags"}),
}

var groupSets = []string{
	"Tags",
	"IpPermissions", "IpPermissions[].IpRanges", "IpPermissions[].Ipv6Ranges",
	"IpPermissions[].PrefixListIds", "IpPermissions[].UserIdGroupPairs",
	"IpPermissionsEgress", "IpPermissionsEgress[].IpRanges", "IpPermissionsEgress[].Ipv6Ranges",
	"IpPermissionsEgress[].PrefixListIds", "IpPermissionsEgress[].UserIdGroupPairs",
}

func describeSecurityGroup(ctx context.Context, l *look) {
	pages := ec2.NewDescribeSecurityGroupsPaginator(l.ec2, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{l.name}})
	found, err := all(ctx, pages, func(o *ec2.DescribeSecurityGroupsOutput) []types.SecurityGroup { return o.SecurityGroups })
	if !l.read("", "ec2:DescribeSecurityGroups", err) {
		return
	}
	group, ok := theOne(found, func(g types.SecurityGroup) *string { return g.GroupId }, l.name)
	if !ok {
		l.nothing("ec2:DescribeSecurityGroups")
		return
	}
	l.root(group)
	ofGroup := []types.Filter{{Name: aws.String("group-id"), Values: []string{l.name}}}
	rulePages := ec2.NewDescribeSecurityGroupRulesPaginator(l.ec2, &ec2.DescribeSecurityGroupRulesInput{Filters: ofGroup})
	rules, err := all(ctx, rulePages, func(o *ec2.DescribeSecurityGroupRulesOutput) []types.SecurityGroupRule {
		return o.SecurityGroupRules
	})
	if l.read("SecurityGroupRules", "ec2:DescribeSecurityGroupRules", err) {
		l.set("SecurityGroupRules", rules)
	}
}
