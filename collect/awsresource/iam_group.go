package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var iamGroup = kind{
	name: "AWS::IAM::Group", version: 1, arn: "iam:group/", paths: true, global: true,
	describe: describeGroup, list: listGroups, listActions: []string{"iam:ListGroups"},
	actions:  []string{"iam:GetGroup", "iam:ListAttachedGroupPolicies", "iam:ListGroupPolicies", "iam:GetGroupPolicy"},
	missing:  iamMissing,
	sets:     []string{"Users", "Users[].Tags", "AttachedPolicies", "InlinePolicies"},
	policies: []string{"InlinePolicies[].PolicyDocument"},
	volatile: []string{"Users[].PasswordLastUsed"},
}

func describeGroup(ctx context.Context, l *look) {
	var group *types.Group
	users, err := all(ctx, iam.NewGetGroupPaginator(l.iam, &iam.GetGroupInput{GroupName: &l.name}),
		func(o *iam.GetGroupOutput) []types.User {
			group = o.Group
			return o.Users
		})
	if !l.read("", "iam:GetGroup", err) {
		return
	}
	if group == nil {
		l.nothing("iam:GetGroup")
		return
	}
	l.root(group)
	l.set("Users", users)
	attached, err := all(ctx, iam.NewListAttachedGroupPoliciesPaginator(l.iam, &iam.ListAttachedGroupPoliciesInput{GroupName: &l.name}),
		func(o *iam.ListAttachedGroupPoliciesOutput) []types.AttachedPolicy { return o.AttachedPolicies })
	if l.read("AttachedPolicies", "iam:ListAttachedGroupPolicies", err) {
		l.set("AttachedPolicies", attached)
	}
	names, err := all(ctx, iam.NewListGroupPoliciesPaginator(l.iam, &iam.ListGroupPoliciesInput{GroupName: &l.name}),
		func(o *iam.ListGroupPoliciesOutput) []string { return o.PolicyNames })
	if l.read("InlinePolicies", "iam:ListGroupPolicies", err) {
		l.inlinePolicies("iam:GetGroupPolicy", names, func(name *string) (inlinePolicy, error) {
			out, err := l.iam.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: &l.name, PolicyName: name})
			if err != nil {
				return inlinePolicy{}, err
			}
			return inlinePolicy{out.PolicyName, out.PolicyDocument}, nil
		})
	}
}

func listGroups(ctx context.Context, c *clients) ([]string, error) {
	return all(ctx, iam.NewListGroupsPaginator(c.iam, &iam.ListGroupsInput{}), func(o *iam.ListGroupsOutput) []string {
		return texts(o.Groups, func(g types.Group) *string { return g.Arn })
	})
}
