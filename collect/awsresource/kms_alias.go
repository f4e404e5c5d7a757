package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// kmsAliases have no call of their own that finds one by its name.
var kmsAliases = source[types.AliasListEntry]{
	action: "kms:ListAliases",
	find: func(ctx context.Context, c *clients, name string) ([]types.AliasListEntry, error) {
		return all(ctx, kms.NewListAliasesPaginator(c.kms, &kms.ListAliasesInput{}), func(o *kms.ListAliasesOutput) (found []types.AliasListEntry) {
			for _, a := range o.Aliases {
				if name == "" || *aliasName(a) == name {
					found = append(found, a)
				}
			}
			return found
		})
	},
	id:   aliasName,
	more: func(_ context.Context, l *look, _ types.AliasListEntry) { nulls(l.attributes, "TargetKeyId") },
}

var kmsAlias = kind{
	name: "AWS::KMS::Alias", version: 1, arn: "kms:alias/", deep: true,
	describe: kmsAliases.describe, list: kmsAliases.list,
	actions: []string{"kms:ListAliases"}, listActions: []string{"kms:ListAliases"},
}

// aliasName is the name as it stands in the ARN.
func aliasName(a types.AliasListEntry) *string {
	return aws.String(strings.TrimPrefix(aws.ToString(a.AliasName), "alias/"))
}
