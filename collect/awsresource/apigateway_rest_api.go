package awsresource

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

var restAPI = kind{
	name: "AWS::ApiGateway::RestApi", version: 1, arn: "apigateway:/restapis/", ownerless: true,
	describe: describeRestAPI, list: listRestAPIs,
	actions: []string{"apigateway:GET"}, listActions: []string{"apigateway:GET"},
	missing: []string{"NotFoundException"},
	sets: []string{
		"BinaryMediaTypes", "Warnings", "EndpointConfiguration.Types", "EndpointConfiguration.VpcEndpointIds",
	},
	policies: []string{"Policy"},
}

func describeRestAPI(ctx context.Context, l *look) {
	api, err := l.apigateway.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &l.name})
	if !l.read("", "apigateway:GET", err) {
		return
	}
	if aws.ToString(api.Id) != l.name {
		l.nothing("apigateway:GET")
		return
	}
	if api.Policy != nil {
		api.Policy = aws.String(unescaped(*api.Policy))
	}
	l.root(api)
	l.orNull("Policy", "MinimumCompressionSize")
	l.orEmpty("Tags")
}

// unescaped is the policy of an API, which AWS sends escaped as if it stood
// inside of JSON text once more.
func unescaped(policy string) string {
	var text string
	if !json.Valid([]byte(policy)) && json.Unmarshal([]byte(`"`+policy+`"`), &text) == nil {
		return text
	}
	return policy
}

func restAPIs(ctx context.Context, c *clients) ([]types.RestApi, error) {
	return all(ctx, apigateway.NewGetRestApisPaginator(c.apigateway, &apigateway.GetRestApisInput{Limit: aws.Int32(500)}),
		func(o *apigateway.GetRestApisOutput) []types.RestApi { return o.Items })
}

func listRestAPIs(ctx context.Context, c *clients) ([]string, error) {
	apis, err := restAPIs(ctx, c)
	return namesOf(apis, func(a types.RestApi) *string { return a.Id }), err
}

var restStage = kind{
	name: "AWS::ApiGateway::Stage", version: 1, arn: "apigateway:/restapis/", ownerless: true, deep: true,
	named:    isStageName,
	describe: describeRestStage, list: listRestStages,
	actions: []string{"apigateway:GET"}, listActions: []string{"apigateway:GET"},
	missing:  []string{"NotFoundException"},
	volatile: []string{"CacheClusterStatus"},
}

// isStageName tells the names of stages, "{api}/stages/{stage}", from those of APIs.
func isStageName(name string) bool {
	parts := strings.Split(name, "/")
	return len(parts) == 3 && parts[0] != "" && parts[1] == "stages" && parts[2] != ""
}

func describeRestStage(ctx context.Context, l *look) {
	api, name, _ := strings.Cut(l.name, "/stages/")
	stage, err := l.apigateway.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api, StageName: &name})
	if !l.read("", "apigateway:GET", err) {
		return
	}
	if aws.ToString(stage.StageName) != name {
		l.nothing("apigateway:GET")
		return
	}
	l.root(stage)
	l.orNull("AccessLogSettings", "CanarySettings", "ClientCertificateId", "WebAclArn")
	l.orEmpty("MethodSettings", "Tags")
}

func listRestStages(ctx context.Context, c *clients) ([]string, error) {
	apis, err := listRestAPIs(ctx, c)
	var names []string
	for _, api := range apis {
		stages, err := c.apigateway.GetStages(ctx, &apigateway.GetStagesInput{RestApiId: &api})
		if err != nil {
			return nil, err
		}
		for _, s := range stages.Item {
			names = append(names, api+"/stages/"+aws.ToString(s.StageName))
		}
	}
	return names, err
}
