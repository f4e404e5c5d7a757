package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var flowLogs = source[types.FlowLog]{
	action: "ec2:DescribeFlowLogs",
	find: func(ctx context.Context, c *clients, name string) ([]types.FlowLog, error) {
		pages := ec2.NewDescribeFlowLogsPaginator(c.ec2, &ec2.DescribeFlowLogsInput{FlowLogIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeFlowLogsOutput) []types.FlowLog { return o.FlowLogs })
	},
	id: func(f types.FlowLog) *string { return f.FlowLogId },
}

var ec2FlowLog = kind{
	name: "AWS::EC2::FlowLog", version: 1, arn: "ec2:vpc-flow-log/",
	describe: flowLogs.describe, list: flowLogs.list,
	actions: []string{"ec2:DescribeFlowLogs"}, listActions: []string{"ec2:DescribeFlowLogs"},
	missing: []string{"InvalidFlowLogId.NotFound"},
	sets:    []string{"Tags", "TagFieldSpecifications", "TagFieldSpecifications[].TagKeys"},
}
