package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var natGateways = source[types.NatGateway]{
	action: "ec2:DescribeNatGateways",
	find: func(ctx context.Context, c *clients, name string) ([]types.NatGateway, error) {
		pages := ec2.NewDescribeNatGatewaysPaginator(c.ec2, &ec2.DescribeNatGatewaysInput{NatGatewayIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeNatGatewaysOutput) []types.NatGateway { return o.NatGateways })
	},
	id: func(n types.NatGateway) *string { return n.NatGatewayId },
}

var ec2NATGateway = kind{
	name: "AWS::EC2::NatGateway", version: 1, arn: "ec2:natgateway/",
	describe: natGateways.describe, list: natGateways.list,
	actions: []string{"ec2:DescribeNatGateways"}, listActions: []string{"ec2:DescribeNatGateways"},
	missing: []string{"NatGatewayNotFound"},
	ending:  ending{"State", []string{"deleting", "deleted"}},
	sets:    []string{"Tags", "NatGatewayAddresses", "AttachedAppliances"},
	parts:   []part{ec2Part("NatGatewayAddresses[].AssociationId", "elastic-ip-association")},
}
