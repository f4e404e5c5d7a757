package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// lambdaFunction never calls GetFunction, whose reply holds a presigned address
// of the code. The values of environment variables are digests: the transport
// never lets the values through.
var lambdaFunction = kind{
	name: "AWS::Lambda::Function", version: 1, arn: "lambda:function:",
	describe: describeFunction,
	actions: []string{
		"lambda:GetFunctionConfiguration", "lambda:ListTags", "lambda:GetPolicy",
		"lambda:GetFunctionConcurrency", "lambda:GetFunctionUrlConfig",
	},
	missing: []string{"ResourceNotFoundException"},
	sets: []string{
		"Architectures", "FileSystemConfigs", "VpcConfig.SubnetIds", "VpcConfig.SecurityGroupIds",
		"FunctionUrlConfig.Cors.AllowOrigins", "FunctionUrlConfig.Cors.AllowMethods",
		"FunctionUrlConfig.Cors.AllowHeaders", "FunctionUrlConfig.Cors.ExposeHeaders",
	},
	policies: []string{"Policy"},
	volatile: []string{"RevisionId"},
}

func describeFunction(ctx context.Context, l *look) {
	function, err := l.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &l.name})
	if !l.read("", "lambda:GetFunctionConfiguration", err) {
		return
	}
	if aws.ToString(function.FunctionName) != l.name {
		l.nothing("lambda:GetFunctionConfiguration")
		return
	}
	l.root(function)
	tags, err := l.lambda.ListTags(ctx, &lambda.ListTagsInput{Resource: aws.String(string(l.resource.ID))})
	if l.read("Tags", "lambda:ListTags", err) {
		l.set("Tags", tags.Tags)
	}
	policy, err := l.lambda.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: &l.name})
	if l.read("Policy", "lambda:GetPolicy", err, "ResourceNotFoundException") {
		l.set("Policy", policy.Policy)
	}
	concurrency, err := l.lambda.GetFunctionConcurrency(ctx, &lambda.GetFunctionConcurrencyInput{FunctionName: &l.name})
	if l.read("Concurrency", "lambda:GetFunctionConcurrency", err) {
		l.setOrNull("Concurrency", concurrency)
	}
	address, err := l.lambda.GetFunctionUrlConfig(ctx, &lambda.GetFunctionUrlConfigInput{FunctionName: &l.name})
	if l.read("FunctionUrlConfig", "lambda:GetFunctionUrlConfig", err, "ResourceNotFoundException") {
		l.set("FunctionUrlConfig", address)
	}
}
