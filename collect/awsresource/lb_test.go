package awsresource_test

import (
	"context"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
)

// Types whose ARNs begin alike refuse each other's names.
func TestNamesOfOtherTypes(t *testing.T) {
	const gateway = "arn:aws:apigateway:eu-central-1::"
	const waf = "arn:aws:wafv2:eu-central-1:111122223333:"
	const elb = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/"
	for _, c := range []struct {
		kind, arn string
		ours      bool
	}{
		{"AWS::ElasticLoadBalancing::LoadBalancer", elb + "lims", true},
		{"AWS::ElasticLoadBalancing::LoadBalancer", elb + "app/lims/1b5e0c9d4f3a2b68", false},
		{"AWS::ElasticLoadBalancingV2::LoadBalancer", elb + "lims", false},
		{"AWS::ElasticLoadBalancingV2::LoadBalancer", elb + "app/lims/1b5e0c9d4f3a2b68", true},
		{"AWS::ElasticLoadBalancingV2::LoadBalancer", elb + "net/lims/1b5e0c9d4f3a2b68", true},
		{"AWS::ElasticLoadBalancingV2::LoadBalancer", elb + "gwy/lims/1b5e0c9d4f3a2b68", true},
		{"AWS::ElasticLoadBalancingV2::LoadBalancer", elb + "app/lims", false},
		{"AWS::ElasticLoadBalancingV2::LoadBalancer", elb + "app/lims/1b5e0c9d4f3a2b68/2", false},
		{"AWS::ElasticLoadBalancingV2::LoadBalancer", elb + "web/lims/1b5e0c9d4f3a2b68", false},
		{"AWS::WAFv2::WebACL", waf + "regional/webacl/lims/a1b2", true},
		{"AWS::WAFv2::WebACL", waf + "global/webacl/lims/a1b2", true},
		{"AWS::WAFv2::WebACL", waf + "regional/ipset/lims/a1b2", false},
		{"AWS::WAFv2::WebACL", waf + "regional/webacl/lims", false},
		{"AWS::WAFv2::WebACL", waf + "local/webacl/lims/a1b2", false},
		{"AWS::ApiGateway::RestApi", gateway + "/restapis/a1b2c3d4e5", true},
		{"AWS::ApiGateway::RestApi", gateway + "/restapis/a1b2c3d4e5/stages/prod", false},
		{"AWS::ApiGateway::Stage", gateway + "/restapis/a1b2c3d4e5/stages/prod", true},
		{"AWS::ApiGateway::Stage", gateway + "/restapis/a1b2c3d4e5", false},
		{"AWS::ApiGateway::Stage", gateway + "/restapis/a1b2c3d4e5/deployments/prod", false},
		{"AWS::ApiGateway::Stage", gateway + "/restapis/a1b2c3d4e5/stages/", false},
		{"AWS::ApiGatewayV2::Api", gateway + "/apis/a1b2c3d4e5", true},
		{"AWS::ApiGatewayV2::Api", gateway + "/restapis/a1b2c3d4e5", false},
		{"AWS::ApiGatewayV2::Stage", gateway + "/apis/a1b2c3d4e5/stages/$default", true},
		{"AWS::ApiGatewayV2::Stage", gateway + "/apis/a1b2c3d4e5", false},
	} {
		r := everqual.Resource{ID: everqual.ResourceID(c.arn), Type: c.kind, Account: "111122223333", Region: "eu-central-1"}
		d, err := awsresource.OpenReplay(nil).Describe(context.Background(), r)
		if err != nil || len(d.Unread) != 1 {
			t.Fatalf("%s: %+v %v", c.arn, d, err)
		}
		// An empty recording leaves unread what is asked for; a foreign name is not asked for.
		if asked := d.Unread[0].Reason != everqual.Invalid; asked != c.ours {
			t.Errorf("%s as %s: %+v", c.arn, c.kind, d.Unread)
		}
	}
}
