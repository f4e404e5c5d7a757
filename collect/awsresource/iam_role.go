package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var iamRole = kind{
	name: "AWS::IAM::Role", version: 1, arn: "iam:role/", paths: true, global: true,
	describe: describeRole,
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
	l.inlinePolicies(ctx)
}

// inlinePolicies reads all of them or none: a list with a gap would look complete.
func (l *look) inlinePolicies(ctx context.Context) {
	names, err := all(ctx, iam.NewListRolePoliciesPaginator(l.iam, &iam.ListRolePoliciesInput{RoleName: &l.name}),
		func(o *iam.ListRolePoliciesOutput) []string { return o.PolicyNames })
	if !l.read("InlinePolicies", "iam:ListRolePolicies", err) {
		return
	}
	type inline struct{ PolicyName, PolicyDocument *string }
	policies := []inline{}
	for _, name := range names {
		out, err := l.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &l.name, PolicyName: &name})
		if !l.read("InlinePolicies", "iam:GetRolePolicy", err) {
			return
		}
		policies = append(policies, inline{out.PolicyName, out.PolicyDocument})
	}
	l.set("InlinePolicies", policies)
}
