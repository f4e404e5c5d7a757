package awsresource_test

import (
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	elbv2types "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func init() {
	maps.Copy(shapes, map[string]map[string]any{
		"AWS::ApiGateway::RestApi": {"": apigateway.GetRestApiOutput{}}, "AWS::ApiGateway::Stage": {"": apigateway.GetStageOutput{}},
		"AWS::ApiGatewayV2::Api": {"": apigatewayv2.GetApiOutput{}}, "AWS::ApiGatewayV2::Stage": {"": apigatewayv2.GetStageOutput{}},
		"AWS::ElasticLoadBalancing::LoadBalancer": {
			"": elbtypes.LoadBalancerDescription{}, "LoadBalancerAttributes": elbtypes.LoadBalancerAttributes{},
			"PolicyDescriptions": []elbtypes.PolicyDescription{}, "Tags": []elbtypes.Tag{},
		},
		"AWS::ElasticLoadBalancingV2::LoadBalancer": {
			"": elbv2types.LoadBalancer{}, "Attributes": map[string]string{}, "Tags": []elbv2types.Tag{},
			"Listeners": []struct {
				elbv2types.Listener
				Rules []elbv2types.Rule
			}{},
		},
	})
}
