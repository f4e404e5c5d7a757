package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var vpcs = source[types.Vpc]{
	action: "ec2:DescribeVpcs",
	find: func(ctx context.Context, c *clients, name string) ([]types.Vpc, error) {
		pages := ec2.NewDescribeVpcsPaginator(c.ec2, &ec2.DescribeVpcsInput{VpcIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeVpcsOutput) []types.Vpc { return o.Vpcs })
	},
	id:   func(v types.Vpc) *string { return v.VpcId },
	more: describeVPC,
}

var ec2VPC = kind{
	name: "AWS::EC2::VPC", version: 1, arn: "ec2:vpc/",
	describe: vpcs.describe, list: vpcs.list, listActions: []string{"ec2:DescribeVpcs"},
	actions:  []string{"ec2:DescribeVpcs", "ec2:DescribeVpcAttribute", "ec2:DescribeFlowLogs"},
	missing:  []string{"InvalidVpcID.NotFound"},
	sets:     []string{"Tags", "CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet", "FlowLogs", "FlowLogs[].Tags"},
	volatile: []string{"FlowLogs[].DeliverLogsStatus", "FlowLogs[].DeliverLogsErrorMessage"},
}

func describeVPC(ctx context.Context, l *look, _ types.Vpc) {
	l.vpcAttributes(ctx)
	l.flowLogs(ctx)
}

func (l *look) vpcAttributes(ctx context.Context) {
	for _, a := range []struct {
		path, name string
		of         func(*ec2.DescribeVpcAttributeOutput) any
	}{
		{"EnableDnsSupport", "enableDnsSupport", func(o *ec2.DescribeVpcAttributeOutput) any { return o.EnableDnsSupport }},
		{"EnableDnsHostnames", "enableDnsHostnames", func(o *ec2.DescribeVpcAttributeOutput) any { return o.EnableDnsHostnames }},
		{"EnableNetworkAddressUsageMetrics", "enableNetworkAddressUsageMetrics", func(o *ec2.DescribeVpcAttributeOutput) any {
			return o.EnableNetworkAddressUsageMetrics
		}},
	} {
		out, err := l.ec2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{
			VpcId: &l.name, Attribute: types.VpcAttributeName(a.name),
		})
		if l.read(a.path, "ec2:DescribeVpcAttribute", err) {
			l.set(a.path, a.of(out))
		}
	}
}

func (l *look) flowLogs(ctx context.Context) {
	ofVPC := []types.Filter{{Name: aws.String("resource-id"), Values: []string{l.name}}}
	pages := ec2.NewDescribeFlowLogsPaginator(l.ec2, &ec2.DescribeFlowLogsInput{Filter: ofVPC})
	logs, err := all(ctx, pages, func(o *ec2.DescribeFlowLogsOutput) []types.FlowLog { return o.FlowLogs })
	if l.read("FlowLogs", "ec2:DescribeFlowLogs", err) {
		l.set("FlowLogs", logs)
	}
}
