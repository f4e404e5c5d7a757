package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// lambdaFunction never calls GetFunction, whose reply holds a presigned address
// of the code. The values of environment variables are digests: the transport
// never lets the values through.
var lambdaFunction = kind{
	name: "AWS::Lambda::Function", version: 2, arn: "lambda:function:",
	describe: describeFunction, list: listFunctions,
	actions: []string{
		"lambda:GetFunctionConfiguration", "lambda:ListTags", "lambda:GetPolicy",
		"lambda:GetFunctionConcurrency", "lambda:GetFunctionUrlConfig", "ec2:DescribeSubnets",
	},
	listActions: []string{"lambda:ListFunctions"},
	missing:     []string{"ResourceNotFoundException"},
	sets: []string{
		"Architectures", "FileSystemConfigs", "VpcConfig.SubnetIds", "VpcConfig.SecurityGroupIds", "Subnets",
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
	l.functionSubnets(ctx, function.VpcConfig)
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

// subnetPlace is what of a subnet matters to those who are in it.
type subnetPlace struct{ SubnetId, AvailabilityZone, VpcId *string }

// functionSubnets reads where the function runs. Of one outside of a VPC there is
// nothing to ask for; AWS shows no VPC, or an empty one when it was in one before.
func (l *look) functionSubnets(ctx context.Context, vpc *types.VpcConfigResponse) {
	if vpc == nil || len(vpc.SubnetIds) == 0 {
		l.attributes["VpcConfig"], l.attributes["Subnets"] = nil, []any{}
		return
	}
	found, err := all(ctx, ec2.NewDescribeSubnetsPaginator(l.ec2, &ec2.DescribeSubnetsInput{SubnetIds: vpc.SubnetIds}),
		func(o *ec2.DescribeSubnetsOutput) []ec2types.Subnet { return o.Subnets })
	if !l.read("Subnets", "ec2:DescribeSubnets", err) {
		return
	}
	places := make([]subnetPlace, len(found))
	for i, s := range found {
		places[i] = subnetPlace{s.SubnetId, s.AvailabilityZone, s.VpcId}
	}
	l.set("Subnets", places)
}

func listFunctions(ctx context.Context, c *clients) ([]string, error) {
	found, err := all(ctx, lambda.NewListFunctionsPaginator(c.lambda, &lambda.ListFunctionsInput{}),
		func(o *lambda.ListFunctionsOutput) []types.FunctionConfiguration { return o.Functions })
	return namesOf(found, func(f types.FunctionConfiguration) *string { return f.FunctionName }), err
}
