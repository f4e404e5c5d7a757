package awsresource

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// absentInSageMaker are the codes by which SageMaker says that there is none.
var absentInSageMaker = []string{"ValidationException", "ValidationError", "ResourceNotFound"}

// labelled is a resource of SageMaker in a listing.
type labelled struct{ name, arn string }

// ask calls with the name in the ARN, and, when there is none of that name,
// with the name as it was given: SageMaker writes ARNs in small letters.
func (l *look) ask(call func(name *string) error, listAction string, list func() ([]labelled, error)) (ok bool, err error) {
	if err = call(&l.name); err == nil {
		return true, nil
	}
	if code, _ := codeOf(err); !slices.Contains(absentInSageMaker, code) {
		return true, err
	}
	found, failed := list()
	if !l.read("", listAction, failed) {
		return false, nil
	}
	i := slices.IndexFunc(found, func(n labelled) bool { return n.arn == string(l.resource.ID) })
	if i < 0 {
		return true, err
	}
	return true, call(&found[i].name)
}

func (l *look) sagemakerTags(ctx context.Context) {
	pages := sagemaker.NewListTagsPaginator(l.sagemaker, &sagemaker.ListTagsInput{ResourceArn: aws.String(string(l.resource.ID))})
	tags, err := all(ctx, pages, func(o *sagemaker.ListTagsOutput) []types.Tag { return o.Tags })
	if l.read("Tags", "sagemaker:ListTags", err) {
		l.set("Tags", tags)
	}
}

func arnsOf(found []labelled, err error) ([]string, error) {
	arns := make([]string, 0, len(found))
	for _, n := range found {
		arns = append(arns, n.arn)
	}
	return arns, err
}

var sagemakerEndpointConfig = kind{
	name: "AWS::SageMaker::EndpointConfig", version: 1, arn: "sagemaker:endpoint-config/",
	describe:    describeEndpointConfig,
	list:        func(ctx context.Context, c *clients) ([]string, error) { return arnsOf(endpointConfigs(ctx, c)) },
	actions:     []string{"sagemaker:DescribeEndpointConfig", "sagemaker:ListEndpointConfigs", "sagemaker:ListTags"},
	listActions: []string{"sagemaker:ListEndpointConfigs"},
	missing:     absentInSageMaker,
	sets: []string{
		"Tags", "ProductionVariants", "ShadowProductionVariants", "VpcConfig.SecurityGroupIds", "VpcConfig.Subnets",
		"DataCaptureConfig.CaptureOptions", "DataCaptureConfig.CaptureContentTypeHeader.CsvContentTypes",
		"DataCaptureConfig.CaptureContentTypeHeader.JsonContentTypes",
	},
}

func endpointConfigs(ctx context.Context, c *clients) ([]labelled, error) {
	pages := sagemaker.NewListEndpointConfigsPaginator(c.sagemaker, &sagemaker.ListEndpointConfigsInput{})
	return all(ctx, pages, func(o *sagemaker.ListEndpointConfigsOutput) []labelled {
		var page []labelled
		for _, s := range o.EndpointConfigs {
			page = append(page, labelled{aws.ToString(s.EndpointConfigName), aws.ToString(s.EndpointConfigArn)})
		}
		return page
	})
}

func describeEndpointConfig(ctx context.Context, l *look) {
	var out *sagemaker.DescribeEndpointConfigOutput
	ok, err := l.ask(func(name *string) (err error) {
		out, err = l.sagemaker.DescribeEndpointConfig(ctx, &sagemaker.DescribeEndpointConfigInput{EndpointConfigName: name})
		return err
	}, "sagemaker:ListEndpointConfigs", func() ([]labelled, error) { return endpointConfigs(ctx, l.clients) })
	if !ok || !l.read("", "sagemaker:DescribeEndpointConfig", err) {
		return
	}
	if !strings.EqualFold(aws.ToString(out.EndpointConfigName), l.name) {
		l.nothing("sagemaker:DescribeEndpointConfig")
		return
	}
	l.root(out)
	l.orNull("KmsKeyId", "DataCaptureConfig", "VpcConfig")
	l.sagemakerTags(ctx)
}

var sagemakerNotebookInstance = kind{
	name: "AWS::SageMaker::NotebookInstance", version: 1, arn: "sagemaker:notebook-instance/",
	describe:    describeNotebook,
	list:        func(ctx context.Context, c *clients) ([]string, error) { return arnsOf(notebooks(ctx, c)) },
	actions:     []string{"sagemaker:DescribeNotebookInstance", "sagemaker:ListNotebookInstances", "sagemaker:ListTags"},
	listActions: []string{"sagemaker:ListNotebookInstances"},
	missing:     absentInSageMaker,
	ending:      ending{"NotebookInstanceStatus", []string{"Deleting"}},
	sets:        []string{"Tags", "SecurityGroups", "AdditionalCodeRepositories", "AcceleratorTypes"},
}

func notebooks(ctx context.Context, c *clients) ([]labelled, error) {
	pages := sagemaker.NewListNotebookInstancesPaginator(c.sagemaker, &sagemaker.ListNotebookInstancesInput{})
	return all(ctx, pages, func(o *sagemaker.ListNotebookInstancesOutput) []labelled {
		var page []labelled
		for _, s := range o.NotebookInstances {
			page = append(page, labelled{aws.ToString(s.NotebookInstanceName), aws.ToString(s.NotebookInstanceArn)})
		}
		return page
	})
}

func describeNotebook(ctx context.Context, l *look) {
	var out *sagemaker.DescribeNotebookInstanceOutput
	ok, err := l.ask(func(name *string) (err error) {
		out, err = l.sagemaker.DescribeNotebookInstance(ctx, &sagemaker.DescribeNotebookInstanceInput{NotebookInstanceName: name})
		return err
	}, "sagemaker:ListNotebookInstances", func() ([]labelled, error) { return notebooks(ctx, l.clients) })
	if !ok || !l.read("", "sagemaker:DescribeNotebookInstance", err) {
		return
	}
	if !strings.EqualFold(aws.ToString(out.NotebookInstanceName), l.name) {
		l.nothing("sagemaker:DescribeNotebookInstance")
		return
	}
	if l.root(out); l.ended() {
		return
	}
	l.orNull("KmsKeyId", "SubnetId", "NotebookInstanceLifecycleConfigName")
	l.sagemakerTags(ctx)
}
