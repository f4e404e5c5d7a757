package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// ssmDocument does not read the content: the service tells its SHA-256.
var ssmDocument = kind{
	name: "AWS::SSM::Document", version: 1, arn: "ssm:document/",
	describe: describeDocument, list: listDocuments, listActions: []string{"ssm:ListDocuments"},
	actions: []string{"ssm:DescribeDocument", "ssm:DescribeDocumentPermission"},
	missing: []string{"InvalidDocument"},
	ending:  ending{"Status", []string{"Deleting"}},
	sets: []string{
		"Tags", "Parameters", "PlatformTypes", "AttachmentsInformation", "Requires", "Category", "CategoryEnum",
		"AccountIds", "AccountSharingInfoList",
	},
}

func describeDocument(ctx context.Context, l *look) {
	out, err := l.ssm.DescribeDocument(ctx, &ssm.DescribeDocumentInput{Name: &l.name})
	if !l.read("", "ssm:DescribeDocument", err) {
		return
	}
	if out.Document == nil {
		l.nothing("ssm:DescribeDocument")
		return
	}
	l.set("Tags", out.Document.Tags)
	if l.root(out.Document); l.ended() {
		return
	}
	l.documentPermission(ctx)
}

// documentPermission reads with whom the document is shared; "all" is everybody.
func (l *look) documentPermission(ctx context.Context) {
	accounts, sharing := []string{}, []types.AccountSharingInfo{}
	pages, err := byToken(func(token *string) ([]*ssm.DescribeDocumentPermissionOutput, *string, error) {
		out, err := l.ssm.DescribeDocumentPermission(ctx, &ssm.DescribeDocumentPermissionInput{
			Name: &l.name, PermissionType: types.DocumentPermissionTypeShare, NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return []*ssm.DescribeDocumentPermissionOutput{out}, out.NextToken, nil
	})
	for _, page := range pages {
		accounts, sharing = append(accounts, page.AccountIds...), append(sharing, page.AccountSharingInfoList...)
	}
	listed := l.read("AccountIds", "ssm:DescribeDocumentPermission", err)
	if l.read("AccountSharingInfoList", "ssm:DescribeDocumentPermission", err) && listed {
		l.set("AccountIds", accounts)
		l.set("AccountSharingInfoList", sharing)
	}
}

func listDocuments(ctx context.Context, c *clients) ([]string, error) {
	pages := ssm.NewListDocumentsPaginator(c.ssm, &ssm.ListDocumentsInput{
		Filters: []types.DocumentKeyValuesFilter{{Key: aws.String("Owner"), Values: []string{"Self"}}},
	})
	return all(ctx, pages, func(o *ssm.ListDocumentsOutput) []string {
		return texts(o.DocumentIdentifiers, func(d types.DocumentIdentifier) *string { return d.Name })
	})
}
