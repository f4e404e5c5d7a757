package awsresource

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

var balancers = source[types.LoadBalancer]{
	action: "elasticloadbalancing:DescribeLoadBalancers",
	find: func(ctx context.Context, c *clients, name string) ([]types.LoadBalancer, error) {
		input := &elbv2.DescribeLoadBalancersInput{}
		if parts := strings.Split(name, "/"); len(parts) == 3 {
			input.Names = parts[1:2]
		}
		found, err := all(ctx, elbv2.NewDescribeLoadBalancersPaginator(c.elbv2, input),
			func(o *elbv2.DescribeLoadBalancersOutput) []types.LoadBalancer { return o.LoadBalancers })
		// One that was created anew has the name, and is another resource.
		return slices.DeleteFunc(found, func(b types.LoadBalancer) bool {
			return name != "" && aws.ToString(balancerName(b)) != name
		}), err
	},
	id:   balancerName,
	more: moreOfBalancer,
}

var elbv2LoadBalancer = kind{
	name: "AWS::ElasticLoadBalancingV2::LoadBalancer", version: 1, arn: "elasticloadbalancing:loadbalancer/", deep: true,
	named:    isBalancerName,
	describe: balancers.describe, list: balancers.list,
	actions: []string{
		"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancerAttributes",
		"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeListenerCertificates",
		"elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags",
	},
	listActions: []string{"elasticloadbalancing:DescribeLoadBalancers"},
	missing:     []string{"LoadBalancerNotFound"},
	sets: join([]string{
		"Tags", "AvailabilityZones", "AvailabilityZones[].LoadBalancerAddresses", "AvailabilityZones[].SourceNatIpv6Prefixes",
		"SecurityGroups", "Listeners", "Listeners[].Certificates", "Listeners[].AlpnPolicy", "Listeners[].DefaultActions",
		"Listeners[].Rules", "Listeners[].Rules[].Conditions", "Listeners[].Rules[].Actions",
		"Listeners[].DefaultActions[].ForwardConfig.TargetGroups", "Listeners[].Rules[].Actions[].ForwardConfig.TargetGroups",
	}, under("Listeners[].Rules[].Conditions[]", "Values", "HostHeaderConfig.Values", "PathPatternConfig.Values",
		"HttpHeaderConfig.Values", "HttpRequestMethodConfig.Values", "SourceIpConfig.Values", "QueryStringConfig.Values")),
	parts: []part{itsARN("Listeners[].ListenerArn"), itsARN("Listeners[].Rules[].RuleArn")},
}

// isBalancerName tells the names of these load balancers from the classic ones,
// which share the beginning of the ARN.
func isBalancerName(name string) bool {
	kind, rest, _ := strings.Cut(name, "/")
	return strings.Count(rest, "/") == 1 && slices.Contains([]string{"app", "net", "gwy"}, kind)
}

func balancerName(b types.LoadBalancer) *string {
	_, name, found := strings.Cut(aws.ToString(b.LoadBalancerArn), ":loadbalancer/")
	if !found {
		return nil
	}
	return &name
}

func moreOfBalancer(ctx context.Context, l *look, b types.LoadBalancer) {
	attributes, err := l.elbv2.DescribeLoadBalancerAttributes(ctx, &elbv2.DescribeLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn})
	if l.read("Attributes", "elasticloadbalancing:DescribeLoadBalancerAttributes", err) {
		l.attributes["Attributes"] = byKey(attributes.Attributes, func(a types.LoadBalancerAttribute) (*string, *string) { return a.Key, a.Value })
	}
	l.listeners(ctx, b)
	l.elbv2Tags(ctx, b.LoadBalancerArn)
}

// byKey makes an object of a list of keys and values.
func byKey[A any](list []A, pair func(A) (key, value *string)) map[string]any {
	values := map[string]any{}
	for _, a := range list {
		key, value := pair(a)
		values[aws.ToString(key)] = aws.ToString(value)
	}
	return values
}

// elbv2Tags reads the tags of a load balancer or target group.
func (l *look) elbv2Tags(ctx context.Context, arn *string) {
	tags, err := l.elbv2.DescribeTags(ctx, &elbv2.DescribeTagsInput{ResourceArns: []string{aws.ToString(arn)}})
	if !l.read("Tags", "elasticloadbalancing:DescribeTags", err) {
		return
	}
	l.attributes["Tags"] = []any{}
	if own, ok := theOne(tags.TagDescriptions, func(d types.TagDescription) *string { return d.ResourceArn }, aws.ToString(arn)); ok {
		l.set("Tags", own.Tags)
	}
}

// listeners reads all listeners with their certificates and rules, or none.
// Rules stays null where the kind of load balancer has none.
func (l *look) listeners(ctx context.Context, b types.LoadBalancer) {
	found, err := all(ctx, elbv2.NewDescribeListenersPaginator(l.elbv2, &elbv2.DescribeListenersInput{LoadBalancerArn: b.LoadBalancerArn}),
		func(o *elbv2.DescribeListenersOutput) []types.Listener { return o.Listeners })
	if !l.read("Listeners", "elasticloadbalancing:DescribeListeners", err) {
		return
	}
	list := make([]any, 0, len(found))
	for _, one := range found {
		one.Certificates, err = l.listenerCertificates(ctx, one)
		if !l.read("Listeners", "elasticloadbalancing:DescribeListenerCertificates", err) {
			return
		}
		whole, _ := tree(one).(map[string]any)
		whole["Rules"] = nil
		if b.Type == types.LoadBalancerTypeEnumApplication {
			rules, err := all(ctx, elbv2.NewDescribeRulesPaginator(l.elbv2, &elbv2.DescribeRulesInput{ListenerArn: one.ListenerArn}),
				func(o *elbv2.DescribeRulesOutput) []types.Rule { return o.Rules })
			if !l.read("Listeners", "elasticloadbalancing:DescribeRules", err) {
				return
			}
			whole["Rules"] = tree(rules)
		}
		list = append(list, whole)
	}
	l.attributes["Listeners"] = list
}

// listenerCertificates are the default certificate and those for further names,
// of which describe-listeners shows only the first.
func (l *look) listenerCertificates(ctx context.Context, one types.Listener) ([]types.Certificate, error) {
	if one.Protocol != types.ProtocolEnumHttps && one.Protocol != types.ProtocolEnumTls {
		return []types.Certificate{}, nil
	}
	return all(ctx, elbv2.NewDescribeListenerCertificatesPaginator(l.elbv2, &elbv2.DescribeListenerCertificatesInput{ListenerArn: one.ListenerArn}),
		func(o *elbv2.DescribeListenerCertificatesOutput) []types.Certificate { return o.Certificates })
}
