package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var ec2Subnet = kind{
	name: "AWS::EC2::Subnet", version: 1, arn: "ec2:subnet/",
	describe: describeSubnet,
	actions:  []string{"ec2:DescribeSubnets"},
	missing:  []string{"InvalidSubnetID.NotFound"},
	sets:     []string{"Tags", "Ipv6CidrBlockAssociationSet"},
	volatile: []string{"AvailableIpAddressCount"},
}

func describeSubnet(ctx context.Context, l *look) {
	pages := ec2.NewDescribeSubnetsPaginator(l.ec2, &ec2.DescribeSubnetsInput{SubnetIds: []string{l.name}})
	found, err := all(ctx, pages, func(o *ec2.DescribeSubnetsOutput) []types.Subnet { return o.Subnets })
	if !l.read("", "ec2:DescribeSubnets", err) {
		return
	}
	if subnet, ok := theOne(found, func(s types.Subnet) *string { return s.SubnetId }, l.name); ok {
		l.root(subnet)
	} else {
		l.nothing("ec2:DescribeSubnets")
	}
}
