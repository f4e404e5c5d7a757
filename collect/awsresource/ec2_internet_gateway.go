package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var internetGateways = source[types.InternetGateway]{
	action: "ec2:DescribeInternetGateways",
	find: func(ctx context.Context, c *clients, name string) ([]types.InternetGateway, error) {
		pages := ec2.NewDescribeInternetGatewaysPaginator(c.ec2, &ec2.DescribeInternetGatewaysInput{InternetGatewayIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeInternetGatewaysOutput) []types.InternetGateway { return o.InternetGateways })
	},
	id: func(i types.InternetGateway) *string { return i.InternetGatewayId },
}

var ec2InternetGateway = kind{
	name: "AWS::EC2::InternetGateway", version: 1, arn: "ec2:internet-gateway/",
	describe: internetGateways.describe, list: internetGateways.list,
	actions: []string{"ec2:DescribeInternetGateways"}, listActions: []string{"ec2:DescribeInternetGateways"},
	missing: []string{"InvalidInternetGatewayID.NotFound"},
	sets:    []string{"Tags", "Attachments"},
}
