package awsresource

import (
	"context"
	"slices"
	"strings"
)

// absentInSageMaker are the codes by which SageMaker says that there is none.
var absentInSageMaker = []string{"ValidationException", "ValidationError", "ResourceNotFound"}

// labelled is a resource of SageMaker in a listing.
type labelled struct{ name, arn string }

// ask calls with the name in the ARN, and, when there is none of that name,
// with the name as it was given: SageMaker writes ARNs in small letters.
func (l *look) ask(ctx context.Context, operation, name, listAction string, list func() ([]labelled, error)) (out map[string]any, ok bool, err error) {
	call := func(n string) (map[string]any, error) {
		return l.sagemaker.call(ctx, operation, map[string]any{name: n})
	}
	if out, err = call(l.name); err == nil {
		return out, true, nil
	}
	if code, _ := codeOf(err); !slices.Contains(absentInSageMaker, code) {
		return nil, true, err
	}
	found, failed := list()
	if !l.read("", listAction, failed) {
		return nil, false, nil
	}
	i := slices.IndexFunc(found, func(n labelled) bool { return n.arn == string(l.resource.ID) })
	if i < 0 {
		return nil, true, err
	}
	out, err = call(found[i].name)
	return out, true, err
}

func (l *look) sagemakerTags(ctx context.Context) {
	tags, err := l.sagemaker.pagesOf(ctx, "ListTags", map[string]any{"ResourceArn": string(l.resource.ID)}, "Tags")
	if l.read("Tags", "sagemaker:ListTags", err) {
		l.set("Tags", tags)
	}
}

// labelled lists what has a name and an ARN, at members of these names.
func (c *clients) labelled(ctx context.Context, operation, list, name, arn string) ([]labelled, error) {
	items, err := c.sagemaker.pagesOf(ctx, operation, map[string]any{}, list)
	var all []labelled
	for _, i := range items {
		n, _ := i[name].(string)
		a, _ := i[arn].(string)
		all = append(all, labelled{n, a})
	}
	return all, err
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
	return c.labelled(ctx, "ListEndpointConfigs", "EndpointConfigs", "EndpointConfigName", "EndpointConfigArn")
}

func describeEndpointConfig(ctx context.Context, l *look) {
	out, ok, err := l.ask(ctx, "DescribeEndpointConfig", "EndpointConfigName", "sagemaker:ListEndpointConfigs",
		func() ([]labelled, error) { return endpointConfigs(ctx, l.clients) })
	if !ok || !l.read("", "sagemaker:DescribeEndpointConfig", err) {
		return
	}
	if name, _ := out["EndpointConfigName"].(string); !strings.EqualFold(name, l.name) {
		l.nothing("sagemaker:DescribeEndpointConfig")
		return
	}
	l.root(withTimes(out, "CreationTime"))
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
	return c.labelled(ctx, "ListNotebookInstances", "NotebookInstances", "NotebookInstanceName", "NotebookInstanceArn")
}

func describeNotebook(ctx context.Context, l *look) {
	out, ok, err := l.ask(ctx, "DescribeNotebookInstance", "NotebookInstanceName", "sagemaker:ListNotebookInstances",
		func() ([]labelled, error) { return notebooks(ctx, l.clients) })
	if !ok || !l.read("", "sagemaker:DescribeNotebookInstance", err) {
		return
	}
	if name, _ := out["NotebookInstanceName"].(string); !strings.EqualFold(name, l.name) {
		l.nothing("sagemaker:DescribeNotebookInstance")
		return
	}
	if l.root(withTimes(out, "CreationTime", "LastModifiedTime")); l.ended() {
		return
	}
	l.orNull("KmsKeyId", "SubnetId", "NotebookInstanceLifecycleConfigName")
	l.sagemakerTags(ctx)
}
