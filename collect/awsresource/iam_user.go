package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var iamUser = kind{
	name: "AWS::IAM::User", version: 1, arn: "iam:user/", paths: true, global: true,
	describe: describeUser, list: listUsers, listActions: []string{"iam:ListUsers"},
	actions: []string{
		"iam:GetUser", "iam:ListGroupsForUser", "iam:ListAttachedUserPolicies", "iam:ListUserPolicies", "iam:GetUserPolicy",
		"iam:ListAccessKeys", "iam:GetAccessKeyLastUsed", "iam:ListMFADevices", "iam:GetLoginProfile",
	},
	missing:  iamMissing,
	sets:     []string{"Tags", "Groups", "AttachedPolicies", "InlinePolicies", "AccessKeys", "MFADevices"},
	policies: []string{"InlinePolicies[].PolicyDocument"},
}

func describeUser(ctx context.Context, l *look) {
	out, err := l.iam.GetUser(ctx, &iam.GetUserInput{UserName: &l.name})
	if !l.read("", "iam:GetUser", err) {
		return
	}
	if out.User == nil {
		l.nothing("iam:GetUser")
		return
	}
	l.set("Tags", out.User.Tags)
	l.set("PermissionsBoundary", nil)
	l.root(out.User)
	l.attributes["PasswordLastUsed"] = day(out.User.PasswordLastUsed)
	l.userRights(ctx)
	l.userCredentials(ctx)
}

// userRights reads what the user may do.
func (l *look) userRights(ctx context.Context) {
	groups, err := all(ctx, iam.NewListGroupsForUserPaginator(l.iam, &iam.ListGroupsForUserInput{UserName: &l.name}),
		func(o *iam.ListGroupsForUserOutput) []types.Group { return o.Groups })
	if l.read("Groups", "iam:ListGroupsForUser", err) {
		l.set("Groups", groups)
	}
	attached, err := all(ctx, iam.NewListAttachedUserPoliciesPaginator(l.iam, &iam.ListAttachedUserPoliciesInput{UserName: &l.name}),
		func(o *iam.ListAttachedUserPoliciesOutput) []types.AttachedPolicy { return o.AttachedPolicies })
	if l.read("AttachedPolicies", "iam:ListAttachedUserPolicies", err) {
		l.set("AttachedPolicies", attached)
	}
	names, err := all(ctx, iam.NewListUserPoliciesPaginator(l.iam, &iam.ListUserPoliciesInput{UserName: &l.name}),
		func(o *iam.ListUserPoliciesOutput) []string { return o.PolicyNames })
	if l.read("InlinePolicies", "iam:ListUserPolicies", err) {
		l.inlinePolicies("iam:GetUserPolicy", names, func(name *string) (inlinePolicy, error) {
			out, err := l.iam.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &l.name, PolicyName: name})
			if err != nil {
				return inlinePolicy{}, err
			}
			return inlinePolicy{out.PolicyName, out.PolicyDocument}, nil
		})
	}
}

// userCredentials reads by what the user gets in.
func (l *look) userCredentials(ctx context.Context) {
	keys, err := all(ctx, iam.NewListAccessKeysPaginator(l.iam, &iam.ListAccessKeysInput{UserName: &l.name}),
		func(o *iam.ListAccessKeysOutput) []types.AccessKeyMetadata { return o.AccessKeyMetadata })
	if l.read("AccessKeys", "iam:ListAccessKeys", err) {
		l.accessKeys(ctx, keys)
	}
	devices, err := all(ctx, iam.NewListMFADevicesPaginator(l.iam, &iam.ListMFADevicesInput{UserName: &l.name}),
		func(o *iam.ListMFADevicesOutput) []types.MFADevice { return o.MFADevices })
	if l.read("MFADevices", "iam:ListMFADevices", err) {
		l.set("MFADevices", devices)
	}
	login, err := l.iam.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: &l.name})
	if l.read("LoginProfile", "iam:GetLoginProfile", err, iamMissing...) {
		l.set("LoginProfile", login.LoginProfile)
	}
}

// accessKeys adds to the keys, of which a user has two at most, the day on which
// each was last used.
func (l *look) accessKeys(ctx context.Context, keys []types.AccessKeyMetadata) {
	list := []any{}
	for _, k := range keys {
		out, err := l.iam.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: k.AccessKeyId})
		if !l.read("AccessKeys", "iam:GetAccessKeyLastUsed", err) {
			return
		}
		key, _ := tree(k).(map[string]any)
		key["LastUsedDate"] = nil
		if out.AccessKeyLastUsed != nil {
			key["LastUsedDate"] = day(out.AccessKeyLastUsed.LastUsedDate)
		}
		list = append(list, key)
	}
	l.attributes["AccessKeys"] = list
}

func listUsers(ctx context.Context, c *clients) ([]string, error) {
	return all(ctx, iam.NewListUsersPaginator(c.iam, &iam.ListUsersInput{}), func(o *iam.ListUsersOutput) []string {
		return texts(o.Users, func(u types.User) *string { return u.Arn })
	})
}
