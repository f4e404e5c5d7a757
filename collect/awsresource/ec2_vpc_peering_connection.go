package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var vpcPeerings = source[types.VpcPeeringConnection]{
	action: "ec2:DescribeVpcPeeringConnections",
	find: func(ctx context.Context, c *clients, name string) ([]types.VpcPeeringConnection, error) {
		pages := ec2.NewDescribeVpcPeeringConnectionsPaginator(c.ec2, &ec2.DescribeVpcPeeringConnectionsInput{VpcPeeringConnectionIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeVpcPeeringConnectionsOutput) []types.VpcPeeringConnection {
			return o.VpcPeeringConnections
		})
	},
	id: func(v types.VpcPeeringConnection) *string { return v.VpcPeeringConnectionId },
}

var ec2VPCPeeringConnection = kind{
	name: "AWS::EC2::VPCPeeringConnection", version: 1, arn: "ec2:vpc-peering-connection/",
	describe: vpcPeerings.describe, list: vpcPeerings.list,
	actions: []string{"ec2:DescribeVpcPeeringConnections"}, listActions: []string{"ec2:DescribeVpcPeeringConnections"},
	missing: []string{"InvalidVpcPeeringConnectionID.NotFound", "InvalidVpcPeeringConnectionId.NotFound"},
	ending:  ending{"Status.Code", []string{"deleting", "deleted"}},
	sets: []string{
		"Tags", "AccepterVpcInfo.CidrBlockSet", "AccepterVpcInfo.Ipv6CidrBlockSet", "RequesterVpcInfo.CidrBlockSet", "RequesterVpcInfo.Ipv6CidrBlockSet",
	},
}
