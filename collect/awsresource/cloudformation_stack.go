package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// stacks are known by their ARN: a name may pass to another stack.
var stacks = source[types.Stack]{
	action: "cloudformation:DescribeStacks",
	find: func(ctx context.Context, c *clients, id string) ([]types.Stack, error) {
		pages := cloudformation.NewDescribeStacksPaginator(c.cloudformation, &cloudformation.DescribeStacksInput{StackName: optional(id)})
		list, err := all(ctx, pages, func(o *cloudformation.DescribeStacksOutput) []types.Stack { return o.Stacks })
		if noStack(err) {
			return []types.Stack{}, nil
		}
		return list, err
	},
	id:   func(s types.Stack) *string { return s.StackId },
	more: moreOfStack,
}

// cfnStack shows a digest in place of the template, which may hold secrets.
var cfnStack = kind{
	name: "AWS::CloudFormation::Stack", version: 1, arn: "cloudformation:stack/", deep: true,
	describe: describeStack, list: stacks.list,
	actions: []string{
		"cloudformation:DescribeStacks", "cloudformation:ListStackResources", "cloudformation:GetTemplate", "cloudformation:GetStackPolicy",
	},
	listActions: []string{"cloudformation:DescribeStacks"},
	ending:      ending{"StackStatus", []string{"DELETE_COMPLETE"}},
	sets: []string{
		"Tags", "Capabilities", "NotificationARNs", "Outputs", "Parameters", "LastOperations", "Resources",
		"RollbackConfiguration.RollbackTriggers",
	},
	policies: []string{"StackPolicyBody"},
	volatile: []string{"DriftInformation.LastCheckTimestamp", "Resources[].DriftInformation.LastCheckTimestamp"},
}

// noStack tells whether AWS says that there is no such stack: it does so with
// the code of any wrong request, and only the text tells which it is.
func noStack(err error) bool {
	if err == nil {
		return false
	}
	code, message := codeOf(err)
	return code == "ValidationError" && strings.HasSuffix(message, "does not exist")
}

func describeStack(ctx context.Context, l *look) {
	l.name = string(l.resource.ID)
	stacks.describe(ctx, l)
}

func moreOfStack(ctx context.Context, l *look, _ types.Stack) {
	l.orNull("RoleARN")
	pages := cloudformation.NewListStackResourcesPaginator(l.cloudformation, &cloudformation.ListStackResourcesInput{StackName: &l.name})
	resources, err := all(ctx, pages, func(o *cloudformation.ListStackResourcesOutput) []types.StackResourceSummary {
		return o.StackResourceSummaries
	})
	if l.read("Resources", "cloudformation:ListStackResources", err) {
		l.set("Resources", resources)
	}
	template, err := l.cloudformation.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &l.name, TemplateStage: types.TemplateStageOriginal})
	if l.read("TemplateBody", "cloudformation:GetTemplate", err) {
		l.set("TemplateBody", template.TemplateBody)
	}
	policy, err := l.cloudformation.GetStackPolicy(ctx, &cloudformation.GetStackPolicyInput{StackName: &l.name})
	if l.read("StackPolicyBody", "cloudformation:GetStackPolicy", err) {
		l.set("StackPolicyBody", policy.StackPolicyBody)
	}
}
