package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

var kmsKey = kind{
	name: "AWS::KMS::Key", version: 1, arn: "kms:key/",
	describe: describeKey, list: listKeys, listActions: []string{"kms:ListKeys"},
	actions: []string{
		"kms:DescribeKey", "kms:GetKeyRotationStatus", "kms:GetKeyPolicy", "kms:ListAliases", "kms:ListResourceTags",
	},
	missing: []string{"NotFoundException"},
	sets: []string{
		"Tags", "Aliases", "EncryptionAlgorithms", "SigningAlgorithms", "MacAlgorithms", "KeyAgreementAlgorithms",
		"EncapsulationAlgorithms", "MultiRegionConfiguration.ReplicaKeys",
	},
	policies: []string{"Policy"},
	volatile: []string{"RotationStatus.NextRotationDate", "RotationStatus.KeyId", "CurrentKeyMaterialId"},
}

func describeKey(ctx context.Context, l *look) {
	id := aws.String(string(l.resource.ID))
	key, err := l.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: id})
	if !l.read("", "kms:DescribeKey", err) {
		return
	}
	if key.KeyMetadata == nil {
		l.nothing("kms:DescribeKey")
		return
	}
	l.root(key.KeyMetadata)
	// Asymmetric, HMAC and imported keys do not rotate by themselves, and AWS says so.
	rotation, err := l.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: id})
	if l.read("RotationStatus", "kms:GetKeyRotationStatus", err, "UnsupportedOperationException") {
		l.set("RotationStatus", rotation)
	}
	policy, err := l.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: id, PolicyName: aws.String("default")})
	if l.read("Policy", "kms:GetKeyPolicy", err) {
		l.set("Policy", policy.Policy)
	}
	aliases, err := all(ctx, kms.NewListAliasesPaginator(l.kms, &kms.ListAliasesInput{KeyId: id}),
		func(o *kms.ListAliasesOutput) []types.AliasListEntry { return o.Aliases })
	if l.read("Aliases", "kms:ListAliases", err) {
		l.set("Aliases", aliases)
	}
	tags, err := all(ctx, kms.NewListResourceTagsPaginator(l.kms, &kms.ListResourceTagsInput{KeyId: id}),
		func(o *kms.ListResourceTagsOutput) []types.Tag { return o.Tags })
	if l.read("Tags", "kms:ListResourceTags", err) {
		l.set("Tags", tags)
	}
}

func listKeys(ctx context.Context, c *clients) ([]string, error) {
	return all(ctx, kms.NewListKeysPaginator(c.kms, &kms.ListKeysInput{}), func(o *kms.ListKeysOutput) []string {
		return texts(o.Keys, func(k types.KeyListEntry) *string { return k.KeyArn })
	})
}
