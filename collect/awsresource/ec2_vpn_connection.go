package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var vpnConnections = source[types.VpnConnection]{
	action: "ec2:DescribeVpnConnections",
	find: func(ctx context.Context, c *clients, name string) ([]types.VpnConnection, error) {
		o, err := c.ec2.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{VpnConnectionIds: only(name)})
		if err != nil {
			return nil, err
		}
		return o.VpnConnections, nil
	},
	id: func(v types.VpnConnection) *string { return v.VpnConnectionId },
}

// ec2VPNConnection keeps a digest of the pre-shared keys and of the customer
// gateway's configuration, which holds them too: the transport never lets them
// through. A tunnel is up or down; since when, and how many routes it accepts, is
// left out.
var ec2VPNConnection = kind{
	name: "AWS::EC2::VPNConnection", version: 1, arn: "ec2:vpn-connection/",
	describe: vpnConnections.describe, list: vpnConnections.list,
	actions: []string{"ec2:DescribeVpnConnections"}, listActions: []string{"ec2:DescribeVpnConnections"},
	missing: []string{"InvalidVpnConnectionID.NotFound"},
	ending:  ending{"State", []string{"deleting", "deleted"}},
	sets: join(
		[]string{"Tags", "Routes", "VgwTelemetry", "Options.TunnelOptions"},
		under("Options.TunnelOptions[]", "IkeVersions", "Phase1DHGroupNumbers", "Phase1EncryptionAlgorithms",
			"Phase1IntegrityAlgorithms", "Phase2DHGroupNumbers", "Phase2EncryptionAlgorithms", "Phase2IntegrityAlgorithms"),
	),
	volatile: []string{"VgwTelemetry[].LastStatusChange", "VgwTelemetry[].StatusMessage", "VgwTelemetry[].AcceptedRouteCount"},
}
