package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var routeTables = source[types.RouteTable]{
	action: "ec2:DescribeRouteTables",
	find: func(ctx context.Context, c *clients, name string) ([]types.RouteTable, error) {
		pages := ec2.NewDescribeRouteTablesPaginator(c.ec2, &ec2.DescribeRouteTablesInput{RouteTableIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeRouteTablesOutput) []types.RouteTable { return o.RouteTables })
	},
	id: func(r types.RouteTable) *string { return r.RouteTableId },
}

var ec2RouteTable = kind{
	name: "AWS::EC2::RouteTable", version: 1, arn: "ec2:route-table/",
	describe: routeTables.describe, list: routeTables.list,
	actions: []string{"ec2:DescribeRouteTables"}, listActions: []string{"ec2:DescribeRouteTables"},
	missing: []string{"InvalidRouteTableID.NotFound"},
	sets:    []string{"Tags", "Associations", "PropagatingVgws", "Routes"},
	parts:   []part{ec2Part("Associations[].RouteTableAssociationId", "route-table-association")},
}
