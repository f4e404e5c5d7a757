package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var networkACLs = source[types.NetworkAcl]{
	action: "ec2:DescribeNetworkAcls",
	find: func(ctx context.Context, c *clients, name string) ([]types.NetworkAcl, error) {
		pages := ec2.NewDescribeNetworkAclsPaginator(c.ec2, &ec2.DescribeNetworkAclsInput{NetworkAclIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeNetworkAclsOutput) []types.NetworkAcl { return o.NetworkAcls })
	},
	id: func(n types.NetworkAcl) *string { return n.NetworkAclId },
}

var ec2NetworkACL = kind{
	name: "AWS::EC2::NetworkAcl", version: 1, arn: "ec2:network-acl/",
	describe: networkACLs.describe, list: networkACLs.list,
	actions: []string{"ec2:DescribeNetworkAcls"}, listActions: []string{"ec2:DescribeNetworkAcls"},
	missing: []string{"InvalidNetworkAclID.NotFound"},
	sets:    []string{"Tags", "Associations", "Entries"},
	parts:   []part{ec2Part("Associations[].NetworkAclAssociationId", "network-acl-association")},
}
