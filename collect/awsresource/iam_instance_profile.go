package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var iamInstanceProfile = kind{
	name: "AWS::IAM::InstanceProfile", version: 1, arn: "iam:instance-profile/", paths: true, global: true,
	describe: describeInstanceProfile, list: listInstanceProfiles, listActions: []string{"iam:ListInstanceProfiles"},
	actions:  []string{"iam:GetInstanceProfile"},
	missing:  iamMissing,
	sets:     []string{"Tags", "Roles", "Roles[].Tags"},
	policies: []string{"Roles[].AssumeRolePolicyDocument"},
	volatile: []string{"Roles[].RoleLastUsed"},
}

func describeInstanceProfile(ctx context.Context, l *look) {
	out, err := l.iam.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &l.name})
	if !l.read("", "iam:GetInstanceProfile", err) {
		return
	}
	if out.InstanceProfile == nil {
		l.nothing("iam:GetInstanceProfile")
		return
	}
	l.set("Tags", out.InstanceProfile.Tags)
	l.set("Roles", out.InstanceProfile.Roles)
	l.root(out.InstanceProfile)
}

func listInstanceProfiles(ctx context.Context, c *clients) ([]string, error) {
	pages := iam.NewListInstanceProfilesPaginator(c.iam, &iam.ListInstanceProfilesInput{})
	return all(ctx, pages, func(o *iam.ListInstanceProfilesOutput) []string {
		return texts(o.InstanceProfiles, func(p types.InstanceProfile) *string { return p.Arn })
	})
}
