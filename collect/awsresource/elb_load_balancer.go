package awsresource

import (
	"context"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
)

var classicBalancers = source[types.LoadBalancerDescription]{
	action: "elasticloadbalancing:DescribeLoadBalancers",
	find: func(ctx context.Context, c *clients, name string) ([]types.LoadBalancerDescription, error) {
		pages := elb.NewDescribeLoadBalancersPaginator(c.elb, &elb.DescribeLoadBalancersInput{LoadBalancerNames: only(name)})
		return all(ctx, pages, func(o *elb.DescribeLoadBalancersOutput) []types.LoadBalancerDescription {
			return o.LoadBalancerDescriptions
		})
	},
	id:   func(b types.LoadBalancerDescription) *string { return b.LoadBalancerName },
	more: moreOfClassicBalancer,
}

// elbLoadBalancer is a classic load balancer. Its ARN begins as those of the
// newer ones do, whose names hold "/".
var elbLoadBalancer = kind{
	name: "AWS::ElasticLoadBalancing::LoadBalancer", version: 1, arn: "elasticloadbalancing:loadbalancer/",
	describe: classicBalancers.describe, list: classicBalancers.list,
	actions: []string{
		"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancerAttributes",
		"elasticloadbalancing:DescribeLoadBalancerPolicies", "elasticloadbalancing:DescribeTags",
	},
	listActions: []string{"elasticloadbalancing:DescribeLoadBalancers"},
	missing:     []string{"LoadBalancerNotFound", "AccessPointNotFound"},
	sets: []string{
		"Tags", "AvailabilityZones", "Subnets", "SecurityGroups", "Instances",
		"ListenerDescriptions", "ListenerDescriptions[].PolicyNames",
		"BackendServerDescriptions", "BackendServerDescriptions[].PolicyNames",
		"Policies.AppCookieStickinessPolicies", "Policies.LBCookieStickinessPolicies", "Policies.OtherPolicies",
		"LoadBalancerAttributes.AdditionalAttributes",
		"PolicyDescriptions", "PolicyDescriptions[].PolicyAttributeDescriptions",
	},
}

func moreOfClassicBalancer(ctx context.Context, l *look, _ types.LoadBalancerDescription) {
	attributes, err := l.elb.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerName: &l.name})
	if l.read("LoadBalancerAttributes", "elasticloadbalancing:DescribeLoadBalancerAttributes", err) {
		l.set("LoadBalancerAttributes", attributes.LoadBalancerAttributes)
	}
	policies, err := l.elb.DescribeLoadBalancerPolicies(ctx, &elb.DescribeLoadBalancerPoliciesInput{LoadBalancerName: &l.name})
	if l.read("PolicyDescriptions", "elasticloadbalancing:DescribeLoadBalancerPolicies", err) {
		l.set("PolicyDescriptions", policies.PolicyDescriptions)
	}
	tags, err := l.elb.DescribeTags(ctx, &elb.DescribeTagsInput{LoadBalancerNames: []string{l.name}})
	if !l.read("Tags", "elasticloadbalancing:DescribeTags", err) {
		return
	}
	l.attributes["Tags"] = []any{}
	if own, ok := theOne(tags.TagDescriptions, func(d types.TagDescription) *string { return d.LoadBalancerName }, l.name); ok {
		l.set("Tags", own.Tags)
	}
}
