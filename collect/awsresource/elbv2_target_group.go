package awsresource

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

var targetGroups = source[types.TargetGroup]{
	action: "elasticloadbalancing:DescribeTargetGroups",
	find: func(ctx context.Context, c *clients, name string) ([]types.TargetGroup, error) {
		input := &elbv2.DescribeTargetGroupsInput{}
		if short, _, ok := strings.Cut(name, "/"); ok {
			input.Names = []string{short}
		}
		found, err := all(ctx, elbv2.NewDescribeTargetGroupsPaginator(c.elbv2, input),
			func(o *elbv2.DescribeTargetGroupsOutput) []types.TargetGroup { return o.TargetGroups })
		// One that was created anew has the name, and is another resource.
		return slices.DeleteFunc(found, func(g types.TargetGroup) bool {
			return name != "" && aws.ToString(targetGroupName(g)) != name
		}), err
	},
	id:   targetGroupName,
	more: moreOfTargetGroup,
}

var elbv2TargetGroup = kind{
	name: "AWS::ElasticLoadBalancingV2::TargetGroup", version: 1, arn: "elasticloadbalancing:targetgroup/", deep: true,
	named:    func(name string) bool { return strings.Count(name, "/") == 1 },
	describe: targetGroups.describe, list: targetGroups.list,
	actions: []string{
		"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroupAttributes",
		"elasticloadbalancing:DescribeTags",
	},
	listActions: []string{"elasticloadbalancing:DescribeTargetGroups"},
	missing:     []string{"TargetGroupNotFound"},
	sets:        []string{"Tags", "LoadBalancerArns"},
}

func targetGroupName(g types.TargetGroup) *string {
	_, name, found := strings.Cut(aws.ToString(g.TargetGroupArn), ":targetgroup/")
	if !found {
		return nil
	}
	return &name
}

func moreOfTargetGroup(ctx context.Context, l *look, g types.TargetGroup) {
	attributes, err := l.elbv2.DescribeTargetGroupAttributes(ctx, &elbv2.DescribeTargetGroupAttributesInput{TargetGroupArn: g.TargetGroupArn})
	if l.read("Attributes", "elasticloadbalancing:DescribeTargetGroupAttributes", err) {
		l.attributes["Attributes"] = byKey(attributes.Attributes, func(a types.TargetGroupAttribute) (*string, *string) { return a.Key, a.Value })
	}
	l.elbv2Tags(ctx, g.TargetGroupArn)
}
