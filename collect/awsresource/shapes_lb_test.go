package awsresource_test

import (
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	cloudfronttypes "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	ekstypes "github.com/aws/aws-sdk-go-v2/service/eks/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	elbv2types "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	wafv2types "github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

func init() {
	maps.Copy(shapes, map[string]map[string]any{
		"AWS::ApiGateway::RestApi": {"": apigateway.GetRestApiOutput{}}, "AWS::ApiGateway::Stage": {"": apigateway.GetStageOutput{}},
		"AWS::ApiGatewayV2::Api": {"": apigatewayv2.GetApiOutput{}}, "AWS::ApiGatewayV2::Stage": {"": apigatewayv2.GetStageOutput{}},
		"AWS::ECS::TaskDefinition": {"": ecstypes.TaskDefinition{}, "Tags": []ecstypes.Tag{}},
		"AWS::ECS::Cluster":        {"": ecstypes.Cluster{}}, "AWS::ECS::Service": {"": ecstypes.Service{}},
		"AWS::ECR::Repository": {"": ecrtypes.Repository{}, "LifecyclePolicy": "", "RepositoryPolicy": "", "Tags": []ecrtypes.Tag{}},
		"AWS::WAFv2::WebACL": {
			"": wafv2types.WebACL{}, "LoggingConfiguration": wafv2types.LoggingConfiguration{}, "Tags": []wafv2types.Tag{},
		},
		"AWS::EKS::Cluster":               {"": ekstypes.Cluster{}},
		"AWS::CloudFront::Distribution":   {"": cloudfronttypes.Distribution{}, "Tags": []cloudfronttypes.Tag{}},
		"AWS::Lambda::EventSourceMapping": {"": lambda.GetEventSourceMappingOutput{}},
		"AWS::ElasticLoadBalancingV2::TargetGroup": {
			"": elbv2types.TargetGroup{}, "Attributes": map[string]string{}, "Tags": []elbv2types.Tag{},
		},
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
