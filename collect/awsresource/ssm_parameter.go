package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// ssmParameter keeps of a value only the digest that the transport puts in its
// place. The value of a SecureString is never asked for.
var ssmParameter = kind{
	name: "AWS::SSM::Parameter", version: 1, arn: "ssm:parameter/", deep: true,
	describe: describeParameter, list: listParameters, listActions: []string{"ssm:DescribeParameters"},
	actions: []string{"ssm:DescribeParameters", "ssm:GetParameter", "ssm:ListTagsForResource"},
	missing: []string{"ParameterNotFound", "InvalidResourceId"},
	sets:    []string{"Tags", "Policies"},
}

func describeParameter(ctx context.Context, l *look) {
	// In an ARN the slash before a name with a hierarchy is that before the name.
	name := l.name
	if strings.Contains(name, "/") {
		name = "/" + name
	}
	pages := ssm.NewDescribeParametersPaginator(l.ssm, &ssm.DescribeParametersInput{
		ParameterFilters: []types.ParameterStringFilter{{Key: aws.String("Name"), Option: aws.String("Equals"), Values: []string{name}}},
	})
	found, err := all(ctx, pages, func(o *ssm.DescribeParametersOutput) []types.ParameterMetadata { return o.Parameters })
	if !l.read("", "ssm:DescribeParameters", err) {
		return
	}
	parameter, ok := theOne(found, func(p types.ParameterMetadata) *string { return p.Name }, name)
	switch {
	case len(found) == 0:
		l.gone = true
		return
	case !ok:
		l.nothing("ssm:DescribeParameters")
		return
	}
	l.set("Policies", parameter.Policies)
	l.root(parameter)
	if parameter.Type != types.ParameterTypeSecureString {
		out, err := l.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(false)})
		if l.read("Value", "ssm:GetParameter", err) && out.Parameter != nil {
			l.set("Value", out.Parameter.Value)
		}
	}
	tags, err := l.ssm.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: &name,
	})
	if l.read("Tags", "ssm:ListTagsForResource", err) {
		l.set("Tags", tags.TagList)
	}
}

func listParameters(ctx context.Context, c *clients) ([]string, error) {
	pages := ssm.NewDescribeParametersPaginator(c.ssm, &ssm.DescribeParametersInput{})
	return all(ctx, pages, func(o *ssm.DescribeParametersOutput) []string {
		return texts(o.Parameters, func(p types.ParameterMetadata) *string {
			return aws.String(strings.TrimPrefix(aws.ToString(p.Name), "/"))
		})
	})
}
