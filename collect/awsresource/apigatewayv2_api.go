package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

var api = kind{
	name: "AWS::ApiGatewayV2::Api", version: 1, arn: "apigateway:/apis/", ownerless: true,
	describe: describeAPI, list: listAPIs,
	actions: []string{"apigateway:GET"}, listActions: []string{"apigateway:GET"},
	missing: []string{"NotFoundException"},
	sets: append(under("CorsConfiguration", "AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders"),
		"ImportInfo", "Warnings"),
}

func describeAPI(ctx context.Context, l *look) {
	found, err := l.apigatewayv2.GetApi(ctx, &apigatewayv2.GetApiInput{ApiId: &l.name})
	if !l.read("", "apigateway:GET", err) {
		return
	}
	if aws.ToString(found.ApiId) != l.name {
		l.nothing("apigateway:GET")
		return
	}
	l.root(found)
	l.orNull("CorsConfiguration")
	l.orEmpty("Tags")
}

func listAPIs(ctx context.Context, c *clients) ([]string, error) {
	apis, err := byToken(func(token *string) ([]types.Api, *string, error) {
		page, err := c.apigatewayv2.GetApis(ctx, &apigatewayv2.GetApisInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Items, page.NextToken, nil
	})
	return namesOf(apis, func(a types.Api) *string { return a.ApiId }), err
}

var apiStage = kind{
	name: "AWS::ApiGatewayV2::Stage", version: 1, arn: "apigateway:/apis/", ownerless: true, deep: true,
	named:    isStageName,
	describe: describeAPIStage, list: listAPIStages,
	actions: []string{"apigateway:GET"}, listActions: []string{"apigateway:GET"},
	missing: []string{"NotFoundException"},
}

func describeAPIStage(ctx context.Context, l *look) {
	id, name, _ := strings.Cut(l.name, "/stages/")
	stage, err := l.apigatewayv2.GetStage(ctx, &apigatewayv2.GetStageInput{ApiId: &id, StageName: &name})
	if !l.read("", "apigateway:GET", err) {
		return
	}
	if aws.ToString(stage.StageName) != name {
		l.nothing("apigateway:GET")
		return
	}
	l.root(stage)
	l.orNull("AccessLogSettings", "ClientCertificateId", "DefaultRouteSettings")
	l.orEmpty("RouteSettings", "Tags")
}

func listAPIStages(ctx context.Context, c *clients) ([]string, error) {
	apis, err := listAPIs(ctx, c)
	var names []string
	for _, id := range apis {
		stages, err := byToken(func(token *string) ([]types.Stage, *string, error) {
			page, err := c.apigatewayv2.GetStages(ctx, &apigatewayv2.GetStagesInput{ApiId: &id, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return page.Items, page.NextToken, nil
		})
		if err != nil {
			return nil, err
		}
		for _, s := range stages {
			names = append(names, id+"/stages/"+aws.ToString(s.StageName))
		}
	}
	return names, err
}
