package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var subnets = source[types.Subnet]{
	action: "ec2:DescribeSubnets",
	find: func(ctx context.Context, c *clients, name string) ([]types.Subnet, error) {
		pages := ec2.NewDescribeSubnetsPaginator(c.ec2, &ec2.DescribeSubnetsInput{SubnetIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeSubnetsOutput) []types.Subnet { return o.Subnets })
	},
	id: func(s types.Subnet) *string { return s.SubnetId },
}

var ec2Subnet = kind{
	name: "AWS::EC2::Subnet", version: 1, arn: "ec2:subnet/",
	describe: subnets.describe, list: subnets.list,
	actions: []string{"ec2:DescribeSubnets"}, listActions: []string{"ec2:DescribeSubnets"},
	missing:  []string{"InvalidSubnetID.NotFound"},
	sets:     []string{"Tags", "Ipv6CidrBlockAssociationSet"},
	volatile: []string{"AvailableIpAddressCount"},
}
