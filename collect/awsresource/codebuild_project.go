package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"
)

var projects = source[types.Project]{
	action: "codebuild:BatchGetProjects",
	find: func(ctx context.Context, c *clients, name string) ([]types.Project, error) {
		out, err := c.codebuild.BatchGetProjects(ctx, &codebuild.BatchGetProjectsInput{Names: only(name)})
		if err != nil {
			return nil, err
		}
		return out.Projects, nil
	},
	id: func(p types.Project) *string { return p.Name },
	more: func(_ context.Context, l *look, _ types.Project) {
		l.orNull("EncryptionKey", "LogsConfig", "VpcConfig", "Webhook")
	},
}

// codebuildProject shows digests for the values of environment variables: the
// transport never lets the values through.
var codebuildProject = kind{
	name: "AWS::CodeBuild::Project", version: 1, arn: "codebuild:project/",
	describe: projects.describe, list: listProjects,
	actions: []string{"codebuild:BatchGetProjects"}, listActions: []string{"codebuild:ListProjects"},
	sets: []string{
		"Tags", "Environment.EnvironmentVariables", "SecondaryArtifacts", "SecondarySources", "SecondarySourceVersions",
		"FileSystemLocations", "VpcConfig.Subnets", "VpcConfig.SecurityGroupIds", "Cache.Modes",
		"Webhook.FilterGroups", "Webhook.FilterGroups[]", "BuildBatchConfig.Restrictions.ComputeTypesAllowed",
	},
}

func listProjects(ctx context.Context, c *clients) ([]string, error) {
	pages := codebuild.NewListProjectsPaginator(c.codebuild, &codebuild.ListProjectsInput{})
	return all(ctx, pages, func(o *codebuild.ListProjectsOutput) []string { return o.Projects })
}
