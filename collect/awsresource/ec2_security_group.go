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

// ofGroup is the filter for what belongs to one group, none for all.
func ofGroup(name string) []types.Filter {
	if name == "" {
		return nil
	}
	return []types.Filter{{Name: aws.String("group-id"), Values: []string{name}}}
}

var groupRules = belonging[types.SecurityGroupRule]{
	name: "ec2:DescribeSecurityGroupRules",
	find: func(ctx context.Context, c *clients, name string) ([]types.SecurityGroupRule, error) {
		pages := ec2.NewDescribeSecurityGroupRulesPaginator(c.ec2, &ec2.DescribeSecurityGroupRulesInput{Filters: ofGroup(name), MaxResults: pageSize(name)})
		return all(ctx, pages, func(o *ec2.DescribeSecurityGroupRulesOutput) []types.SecurityGroupRule { return o.SecurityGroupRules })
	},
	owner: func(r types.SecurityGroupRule) []string { return only(aws.ToString(r.GroupId)) },
}

var groupInterfaces = belonging[types.NetworkInterface]{
	name: "ec2:DescribeNetworkInterfaces",
	find: func(ctx context.Context, c *clients, name string) ([]types.NetworkInterface, error) {
		pages := ec2.NewDescribeNetworkInterfacesPaginator(c.ec2, &ec2.DescribeNetworkInterfacesInput{Filters: ofGroup(name), MaxResults: pageSize(name)})
		return all(ctx, pages, func(o *ec2.DescribeNetworkInterfacesOutput) []types.NetworkInterface { return o.NetworkInterfaces })
	},
	owner: func(i types.NetworkInterface) (groups []string) {
		return texts(i.Groups, func(g types.GroupIdentifier) *string { return g.GroupId })
	},
}

func describeSecurityGroup(ctx context.Context, l *look, _ types.SecurityGroup) {
	rules, err := groupRules.read(ctx, l)
	if l.read("SecurityGroupRules", "ec2:DescribeSecurityGroupRules", err) {
		l.set("SecurityGroupRules", rules)
	}
	interfaces, err := groupInterfaces.read(ctx, l)
	if l.read("NetworkInterfaces", "ec2:DescribeNetworkInterfaces", err) {
		l.set("NetworkInterfaces", texts(interfaces, func(i types.NetworkInterface) *string { return i.NetworkInterfaceId }))
	}
}
