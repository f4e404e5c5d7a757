package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var vpcEndpoints = source[types.VpcEndpoint]{
	action: "ec2:DescribeVpcEndpoints",
	find: func(ctx context.Context, c *clients, name string) ([]types.VpcEndpoint, error) {
		pages := ec2.NewDescribeVpcEndpointsPaginator(c.ec2, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeVpcEndpointsOutput) []types.VpcEndpoint { return o.VpcEndpoints })
	},
	id: func(v types.VpcEndpoint) *string { return v.VpcEndpointId },
}

var ec2VPCEndpoint = kind{
	name: "AWS::EC2::VPCEndpoint", version: 1, arn: "ec2:vpc-endpoint/",
	describe: vpcEndpoints.describe, list: vpcEndpoints.list,
	actions: []string{"ec2:DescribeVpcEndpoints"}, listActions: []string{"ec2:DescribeVpcEndpoints"},
	missing: []string{"InvalidVpcEndpointId.NotFound"},
	ending:  ending{"State", []string{"deleting", "deleted", "Deleting", "Deleted"}},
	sets: []string{
		"Tags", "DnsEntries", "DnsOptions.PrivateDnsSpecifiedDomains", "Groups", "NetworkInterfaceIds", "RouteTableIds", "SubnetIds",
		"PayerResponsibilities", "Ipv4Prefixes", "Ipv4Prefixes[].IpPrefixes", "Ipv6Prefixes", "Ipv6Prefixes[].IpPrefixes",
	},
	policies: []string{"PolicyDocument"},
}
