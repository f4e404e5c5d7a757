package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// iamManagedPolicy is a policy of the account's own: those that AWS maintains
// belong to no account, and AWS alone changes them.
var iamManagedPolicy = kind{
	name: "AWS::IAM::ManagedPolicy", version: 1, arn: "iam:policy/", deep: true, global: true,
	describe: describeManagedPolicy, list: listManagedPolicies, listActions: []string{"iam:ListPolicies"},
	actions:  []string{"iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions", "iam:ListEntitiesForPolicy"},
	missing:  iamMissing,
	sets:     []string{"Tags", "Versions", "PolicyGroups", "PolicyUsers", "PolicyRoles"},
	policies: []string{"PolicyVersion.Document", "Versions[].Document"},
}

func describeManagedPolicy(ctx context.Context, l *look) {
	arn := aws.String(string(l.resource.ID))
	out, err := l.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})
	if !l.read("", "iam:GetPolicy", err) {
		return
	}
	if out.Policy == nil {
		l.nothing("iam:GetPolicy")
		return
	}
	l.set("Tags", out.Policy.Tags)
	l.root(out.Policy)
	version, err := l.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: out.Policy.DefaultVersionId})
	if l.read("PolicyVersion", "iam:GetPolicyVersion", err) {
		l.set("PolicyVersion", version.PolicyVersion)
	}
	versions, err := all(ctx, iam.NewListPolicyVersionsPaginator(l.iam, &iam.ListPolicyVersionsInput{PolicyArn: arn}),
		func(o *iam.ListPolicyVersionsOutput) []types.PolicyVersion { return o.Versions })
	if l.read("Versions", "iam:ListPolicyVersions", err) {
		l.set("Versions", versions)
	}
	l.policyEntities(ctx, arn)
}

// policyEntities reads who is bound by the policy: one call, three lists.
func (l *look) policyEntities(ctx context.Context, arn *string) {
	groups, users, roles := []types.PolicyGroup{}, []types.PolicyUser{}, []types.PolicyRole{}
	_, err := all(ctx, iam.NewListEntitiesForPolicyPaginator(l.iam, &iam.ListEntitiesForPolicyInput{PolicyArn: arn}),
		func(o *iam.ListEntitiesForPolicyOutput) []any {
			groups, users, roles = append(groups, o.PolicyGroups...), append(users, o.PolicyUsers...), append(roles, o.PolicyRoles...)
			return nil
		})
	for path, list := range map[string]any{"PolicyGroups": groups, "PolicyUsers": users, "PolicyRoles": roles} {
		if l.read(path, "iam:ListEntitiesForPolicy", err) {
			l.set(path, list)
		}
	}
}

func listManagedPolicies(ctx context.Context, c *clients) ([]string, error) {
	pages := iam.NewListPoliciesPaginator(c.iam, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal})
	return all(ctx, pages, func(o *iam.ListPoliciesOutput) []string {
		return texts(o.Policies, func(p types.Policy) *string { return p.Arn })
	})
}
