package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var iamRole = kind{
	name: "AWS::IAM::Role", version: 1, arn: "iam:role/", paths: true, global: true,
	describe: describeRole, list: listRoles, listActions: []string{"iam:ListRoles"},
	manyActions: []string{"iam:GetAccountAuthorizationDetails"},
	actions:     []string{"iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:GetRolePolicy"},
	missing:     []string{"NoSuchEntity", "NoSuchEntityException"},
	sets:        []string{"Tags", "AttachedPolicies", "InlinePolicies"},
	policies:    []string{"AssumeRolePolicyDocument", "InlinePolicies[].PolicyDocument"},
	volatile:    []string{"RoleLastUsed"},
}

// allRoles and roleDetails show together what GetRole and the calls on a role's
// policies show one by one: the list leaves tags, boundary and last use out, the
// details leave description and longest session out.
var (
	allRoles = belonging[types.Role]{
		name: "iam:ListRoles",
		find: func(ctx context.Context, c *clients, _ string) ([]types.Role, error) {
			pages := iam.NewListRolesPaginator(c.iam, &iam.ListRolesInput{MaxItems: aws.Int32(1000)})
			return all(ctx, pages, func(o *iam.ListRolesOutput) []types.Role { return o.Roles })
		},
		owner: func(r types.Role) []string { return only(aws.ToString(r.RoleName)) },
	}
	roleDetails = belonging[types.RoleDetail]{
		name: "iam:GetAccountAuthorizationDetails",
		find: func(ctx context.Context, c *clients, _ string) ([]types.RoleDetail, error) {
			pages := iam.NewGetAccountAuthorizationDetailsPaginator(c.iam, &iam.GetAccountAuthorizationDetailsInput{
				Filter: []types.EntityType{types.EntityTypeRole}, MaxItems: aws.Int32(1000),
			})
			return all(ctx, pages, func(o *iam.GetAccountAuthorizationDetailsOutput) []types.RoleDetail { return o.RoleDetailList })
		},
		owner: func(r types.RoleDetail) []string { return only(aws.ToString(r.RoleName)) },
	}
)

func describeRole(ctx context.Context, l *look) {
	if roles, details := allRoles.listed(ctx, l), roleDetails.listed(ctx, l); roles != nil && details != nil &&
		len(roles.of[l.name]) == 1 && len(details.of[l.name]) == 1 {
		l.roleOf(roles.show(ctx, l.name)[0], details.show(ctx, l.name)[0])
		return
	}
	out, err := l.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &l.name})
	if !l.read("", "iam:GetRole", err) {
		return
	}
	if out.Role == nil {
		l.nothing("iam:GetRole")
		return
	}
	l.role(*out.Role)
	l.rolePolicies(ctx)
}

func (l *look) role(r types.Role) {
	l.set("Tags", r.Tags) // a role without tags comes without the list
	l.set("PermissionsBoundary", nil)
	l.root(r)
}

func (l *look) roleOf(r types.Role, d types.RoleDetail) {
	r.Tags, r.PermissionsBoundary, r.RoleLastUsed = d.Tags, d.PermissionsBoundary, d.RoleLastUsed
	l.role(r)
	l.set("AttachedPolicies", d.AttachedManagedPolicies)
	inline := []inlinePolicy{}
	for _, p := range d.RolePolicyList {
		inline = append(inline, inlinePolicy{p.PolicyName, p.PolicyDocument})
	}
	l.set("InlinePolicies", inline)
}

func (l *look) rolePolicies(ctx context.Context) {
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
	roles, err := allRoles.find(ctx, c, "")
	return texts(roles, func(r types.Role) *string { return r.Arn }), err
}
