package aws_test

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// enrolled tells all that there is in an account and region of IAM and of EventBridge,
// without the account's id: what two members show when they are the same.
func (s *stack) enrolled(account, region string) string {
	s.Helper()
	cfg := s.as(account)
	cfg.Region = region
	all := map[string]any{}
	identities, events := iam.NewFromConfig(cfg), eventbridge.NewFromConfig(cfg)
	for _, p := range got(identities.ListPolicies(s.Context(), &iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal}))(s).Policies {
		version := got(identities.GetPolicyVersion(s.Context(), &iam.GetPolicyVersionInput{PolicyArn: p.Arn, VersionId: p.DefaultVersionId}))(s)
		one := got(identities.GetPolicy(s.Context(), &iam.GetPolicyInput{PolicyArn: p.Arn}))(s)
		all["policy/"+*p.PolicyName] = map[string]any{"description": one.Policy.Description, "document": s.document(version.PolicyVersion.Document)}
	}
	for _, r := range got(identities.ListRoles(s.Context(), nil))(s).Roles {
		all["role/"+*r.RoleName] = s.role(identities, *r.RoleName)
	}
	for _, r := range got(events.ListRules(s.Context(), nil))(s).Rules {
		targets := got(events.ListTargetsByRule(s.Context(), &eventbridge.ListTargetsByRuleInput{Rule: r.Name}))(s)
		all["rule/"+*r.Name] = map[string]any{"description": r.Description, "state": r.State, "bus": r.EventBusName, "pattern": s.document(r.EventPattern), "targets": targets.Targets}
	}
	text := got(json.MarshalIndent(all, "", "  "))(s)
	return strings.ReplaceAll(string(text), account, "ACCOUNT")
}

func (s *stack) role(client *iam.Client, name string) any {
	s.Helper()
	r := got(client.GetRole(s.Context(), &iam.GetRoleInput{RoleName: &name}))(s).Role
	policies := map[string]any{}
	for _, p := range got(client.ListAttachedRolePolicies(s.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: &name}))(s).AttachedPolicies {
		policies[*p.PolicyArn] = "attached"
	}
	for _, p := range got(client.ListRolePolicies(s.Context(), &iam.ListRolePoliciesInput{RoleName: &name}))(s).PolicyNames {
		policies[p] = s.document(got(client.GetRolePolicy(s.Context(), &iam.GetRolePolicyInput{RoleName: &name, PolicyName: &p}))(s).PolicyDocument)
	}
	return map[string]any{"description": r.Description, "path": r.Path, "hours": r.MaxSessionDuration, "trust": s.document(r.AssumeRolePolicyDocument), "policies": policies}
}

// document is a policy or a pattern, in whatever order and space it was written. One
// value and a list of one are the same to IAM.
func (s *stack) document(text *string) (v any) {
	s.Helper()
	plain := got(url.PathUnescape(aws.ToString(text)))(s)
	check(s, json.Unmarshal([]byte(plain), &v))
	return single(v)
}

func single(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = single(e)
		}
	case []any:
		for i, e := range v {
			v[i] = single(e)
		}
		if len(v) == 1 {
			return v[0]
		}
	}
	return v
}
