package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var addresses = source[types.Address]{
	action: "ec2:DescribeAddresses",
	find: func(ctx context.Context, c *clients, name string) ([]types.Address, error) {
		o, err := c.ec2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{AllocationIds: only(name)})
		if err != nil {
			return nil, err
		}
		return o.Addresses, nil
	},
	id: func(a types.Address) *string { return a.AllocationId },
}

var ec2EIP = kind{
	name: "AWS::EC2::EIP", version: 1, arn: "ec2:elastic-ip/",
	describe: addresses.describe, list: addresses.list,
	actions: []string{"ec2:DescribeAddresses"}, listActions: []string{"ec2:DescribeAddresses"},
	missing: []string{"InvalidAllocationID.NotFound"},
	sets:    []string{"Tags"},
	parts:   []part{ec2Part("AssociationId", "elastic-ip-association")},
}
