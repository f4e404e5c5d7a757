package awsresource

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// secretsmanagerSecret never asks for the value. A secret that waits for its deletion can be
// restored, and is still there: see DeletedDate.
var secretsmanagerSecret = kind{
	name: "AWS::SecretsManager::Secret", version: 1, arn: "secretsmanager:secret:", deep: true,
	describe: describeSecret, list: listSecrets, listActions: []string{"secretsmanager:ListSecrets"},
	actions:  []string{"secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"},
	missing:  []string{"ResourceNotFoundException"},
	sets:     []string{"Tags", "ReplicationStatus", "ExternalSecretRotationMetadata"},
	policies: []string{"ResourcePolicy"},
	volatile: []string{"LastAccessedDate", "ReplicationStatus[].LastAccessedDate"},
}

func describeSecret(ctx context.Context, l *look) {
	id := aws.String(string(l.resource.ID))
	out, err := l.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: id})
	if !l.read("", "secretsmanager:DescribeSecret", err) {
		return
	}
	if aws.ToString(out.ARN) != *id {
		l.nothing("secretsmanager:DescribeSecret")
		return
	}
	for _, stages := range out.VersionIdsToStages {
		slices.Sort(stages)
	}
	l.set("Tags", out.Tags)
	l.set("ReplicationStatus", out.ReplicationStatus)
	l.root(out)
	nulls(l.attributes, "KmsKeyId", "RotationEnabled", "RotationRules", "RotationLambdaARN", "LastRotatedDate", "NextRotationDate", "DeletedDate")
	policy, err := l.secrets.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: id})
	if l.read("ResourcePolicy", "secretsmanager:GetResourcePolicy", err) {
		l.set("ResourcePolicy", policy.ResourcePolicy)
	}
}

func listSecrets(ctx context.Context, c *clients) ([]string, error) {
	pages := secretsmanager.NewListSecretsPaginator(c.secrets, &secretsmanager.ListSecretsInput{IncludePlannedDeletion: aws.Bool(true)})
	return all(ctx, pages, func(o *secretsmanager.ListSecretsOutput) []string {
		return texts(o.SecretList, func(s types.SecretListEntry) *string { return s.ARN })
	})
}
