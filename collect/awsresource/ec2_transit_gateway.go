package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var transitGateways = source[types.TransitGateway]{
	action: "ec2:DescribeTransitGateways",
	find: func(ctx context.Context, c *clients, name string) ([]types.TransitGateway, error) {
		pages := ec2.NewDescribeTransitGatewaysPaginator(c.ec2, &ec2.DescribeTransitGatewaysInput{TransitGatewayIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeTransitGatewaysOutput) []types.TransitGateway { return o.TransitGateways })
	},
	id: func(t types.TransitGateway) *string { return t.TransitGatewayId },
}

var ec2TransitGateway = kind{
	name: "AWS::EC2::TransitGateway", version: 1, arn: "ec2:transit-gateway/",
	describe: transitGateways.describe, list: transitGateways.list,
	actions: []string{"ec2:DescribeTransitGateways"}, listActions: []string{"ec2:DescribeTransitGateways"},
	missing: []string{"InvalidTransitGatewayID.NotFound"},
	ending:  ending{"State", []string{"deleting", "deleted"}},
	sets:    []string{"Tags", "Options.TransitGatewayCidrBlocks"},
}
