package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

var repositories = source[types.Repository]{
	action: "ecr:DescribeRepositories",
	find: func(ctx context.Context, c *clients, name string) ([]types.Repository, error) {
		pages := ecr.NewDescribeRepositoriesPaginator(c.ecr, &ecr.DescribeRepositoriesInput{RepositoryNames: only(name)})
		return all(ctx, pages, func(o *ecr.DescribeRepositoriesOutput) []types.Repository { return o.Repositories })
	},
	id:   func(r types.Repository) *string { return r.RepositoryName },
	more: moreOfRepository,
}

var ecrRepository = kind{
	name: "AWS::ECR::Repository", version: 1, arn: "ecr:repository/", deep: true,
	describe: repositories.describe, list: repositories.list,
	actions: []string{
		"ecr:DescribeRepositories", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:ListTagsForResource",
	},
	listActions: []string{"ecr:DescribeRepositories"},
	missing:     []string{"RepositoryNotFoundException"},
	sets:        []string{"Tags", "ImageTagMutabilityExclusionFilters"},
	policies:    []string{"RepositoryPolicy", "LifecyclePolicy"},
}

func moreOfRepository(ctx context.Context, l *look, r types.Repository) {
	lifecycle, err := l.ecr.GetLifecyclePolicy(ctx, &ecr.GetLifecyclePolicyInput{RepositoryName: &l.name})
	if l.read("LifecyclePolicy", "ecr:GetLifecyclePolicy", err, "LifecyclePolicyNotFoundException") {
		l.set("LifecyclePolicy", lifecycle.LifecyclePolicyText)
	}
	policy, err := l.ecr.GetRepositoryPolicy(ctx, &ecr.GetRepositoryPolicyInput{RepositoryName: &l.name})
	if l.read("RepositoryPolicy", "ecr:GetRepositoryPolicy", err, "RepositoryPolicyNotFoundException") {
		l.set("RepositoryPolicy", policy.PolicyText)
	}
	tags, err := l.ecr.ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: r.RepositoryArn})
	if l.read("Tags", "ecr:ListTagsForResource", err) {
		l.set("Tags", tags.Tags)
	}
}
