package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var networkInterfaces = source[types.NetworkInterface]{
	action: "ec2:DescribeNetworkInterfaces",
	find: func(ctx context.Context, c *clients, name string) ([]types.NetworkInterface, error) {
		pages := ec2.NewDescribeNetworkInterfacesPaginator(c.ec2, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeNetworkInterfacesOutput) []types.NetworkInterface { return o.NetworkInterfaces })
	},
	id: func(n types.NetworkInterface) *string { return n.NetworkInterfaceId },
}

var ec2NetworkInterface = kind{
	name: "AWS::EC2::NetworkInterface", version: 1, arn: "ec2:network-interface/",
	describe: networkInterfaces.describe, list: networkInterfaces.list,
	actions: []string{"ec2:DescribeNetworkInterfaces"}, listActions: []string{"ec2:DescribeNetworkInterfaces"},
	missing: []string{"InvalidNetworkInterfaceID.NotFound"},
	sets:    []string{"TagSet", "Groups", "AssociatedSubnets", "PrivateIpAddresses", "Ipv6Addresses", "Ipv4Prefixes", "Ipv6Prefixes"},
	parts:   []part{ec2Part("Attachment.AttachmentId", "network-interface-attachment"), ec2Part("Association.AssociationId", "elastic-ip-association")},
}
