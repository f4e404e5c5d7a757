package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var securityGroups = source[types.SecurityGroup]{
	action: "ec2:DescribeSecurityGroups",
	find: func(ctx context.Context, c *clients, name string) ([]types.SecurityGroup, error) {
		pages := ec2.NewDescribeSecurityGroupsPaginator(c.ec2, &ec2.DescribeSecurityGroupsInput{GroupIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeSecurityGroupsOutput) []types.SecurityGroup { return o.SecurityGroups })
	},
	id:   func(g types.SecurityGroup) *string { return g.GroupId },
	more: describeSecurityGroup,
}

var ec2SecurityGroup = kind{
	name: "AWS::EC2::SecurityGroup", version: 2, arn: "ec2:security-group/",
	describe: securityGroups.describe, list: securityGroups.list, listActions: []string{"ec2:DescribeSecurityGroups"},
	actions: []string{"ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules", "ec2:DescribeNetworkInterfaces"},
	missing: []string{"InvalidGroup.NotFound"},
	sets:    join(groupSets, []string{"SecurityGroupRules", "SecurityGroupRules[].Tags", "NetworkInterfaces"}),
	parts:   []part{ec2Part("NetworkInterfaces[]", "network-interface")},
}

var groupSets = []string{
	"Tags",
	"IpPermissions", "IpPermissions[].IpRanges", "IpPermissions[].Ipv6Ranges",
	"IpPermissions[].PrefixListIds", "IpPermissions[].UserIdGroupPairs",
	"IpPermissionsEgress", "IpPermissionsEgress[].IpRanges", "IpPermissionsEgress[].Ipv6Ranges",
	"IpPermissionsEgress[].PrefixListIds", "IpPermissionsEgress[].UserIdGroupPairs",
}

func describeSecurityGroup(ctx context.Context, l *look, _ types.SecurityGroup) {
	ofGroup := []types.Filter{{Name: aws.String("group-id"), Values: []string{l.name}}}
	rulePages := ec2.NewDescribeSecurityGroupRulesPaginator(l.ec2, &ec2.DescribeSecurityGroupRulesInput{Filters: ofGroup})
	rules, err := all(ctx, rulePages, func(o *ec2.DescribeSecurityGroupRulesOutput) []types.SecurityGroupRule {
		return o.SecurityGroupRules
	})
	if l.read("SecurityGroupRules", "ec2:DescribeSecurityGroupRules", err) {
		l.set("SecurityGroupRules", rules)
	}
	interfacePages := ec2.NewDescribeNetworkInterfacesPaginator(l.ec2, &ec2.DescribeNetworkInterfacesInput{Filters: ofGroup})
	ids, err := all(ctx, interfacePages, func(o *ec2.DescribeNetworkInterfacesOutput) (list []string) {
		for _, i := range o.NetworkInterfaces {
			list = append(list, aws.ToString(i.NetworkInterfaceId))
		}
		return list
	})
	if l.read("NetworkInterfaces", "ec2:DescribeNetworkInterfaces", err) {
		l.set("NetworkInterfaces", ids)
	}
}
