package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var iamRole = kind{
	name: "AWS::IAM::Role", version: 1, arn: "iam:role/", paths: true, global: true,
	describe: describeRole, list: listRoles, listActions: []string{"iam:ListRoles"},
	actions:  []string{"iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:GetRolePolicy"},
	missing:  []string{"NoSuchEntity", "NoSuchEntityException"},
	sets:     []string{"Tags", "AttachedPolicies", "InlinePolicies"},
	policies: []string{"AssumeRolePolicyDocument", "InlinePolicies[].PolicyDocument"},
	volatile: []string{"RoleLastUsed"},
}

func describeRole(ctx context.Context, l *look) {
	out, err := l.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &l.name})
	if !l.read("", "iam:GetRole", err) {
		return
	}
	if out.Role == nil {
		l.nothing("iam:GetRole")
		return
	}
	l.set("Tags", out.Role.Tags) // a role without tags comes without the list
	l.set("PermissionsBoundary", nil)
	l.root(out.Role)
	attached, err := all(ctx, iam.NewListAttachedRolePoliciesPaginator(l.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &l.name}),
		func(o *iam.ListAttachedRolePoliciesOutput) []types.AttachedPolicy { return o.AttachedPolicies })
	if l.read("AttachedPolicies", "iam:ListAttachedRolePolicies", err) {
		l.set("AttachedPolicies", attached)
	}
	names, err := all(ctx, iam.NewListRolePoliciesPaginator(l.iam, &iam.ListRolePoliciesInput{RoleName: &l.name}),
		func(o *iam.ListRolePoliciesOutput) []string { return o.PolicyNames })
	if l.read("InlinePolicies", "iam:ListRolePolicies", err) {
		l.inlinePolicies("iam:GetRolePolicy", names, func(name *string) (inlinePolicy, error) {
			out, err := l.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &l.name, PolicyName: name})
			if err != nil {
				return inlinePolicy{}, err
			}
			return inlinePolicy{out.PolicyName, out.PolicyDocument}, nil
		})
	}
}

func listRoles(ctx context.Context, c *clients) ([]string, error) {
	return all(ctx, iam.NewListRolesPaginator(c.iam, &iam.ListRolesInput{}), func(o *iam.ListRolesOutput) []string {
		return texts(o.Roles, func(r types.Role) *string { return r.Arn })
	})
}
