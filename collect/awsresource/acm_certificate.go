package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

var acmCertificate = kind{
	name: "AWS::CertificateManager::Certificate", version: 1, arn: "acm:certificate/",
	describe: describeCertificate, list: listCertificates, listActions: []string{"acm:ListCertificates"},
	actions: []string{"acm:DescribeCertificate", "acm:ListTagsForCertificate"},
	missing: []string{"ResourceNotFoundException"},
	sets: []string{
		"Tags", "SubjectAlternativeNames", "InUseBy", "KeyUsages", "ExtendedKeyUsages",
		"DomainValidationOptions", "DomainValidationOptions[].ValidationEmails",
		"RenewalSummary.DomainValidationOptions", "RenewalSummary.DomainValidationOptions[].ValidationEmails",
	},
	volatile: []string{"RenewalSummary.UpdatedAt"},
}

func describeCertificate(ctx context.Context, l *look) {
	arn := aws.String(string(l.resource.ID))
	out, err := l.acm.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: arn})
	if !l.read("", "acm:DescribeCertificate", err) {
		return
	}
	if out.Certificate == nil {
		l.nothing("acm:DescribeCertificate")
		return
	}
	l.root(out.Certificate)
	nulls(l.attributes, "NotAfter", "NotBefore", "IssuedAt", "RenewalSummary")
	tags, err := l.acm.ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{CertificateArn: arn})
	if l.read("Tags", "acm:ListTagsForCertificate", err) {
		l.set("Tags", tags.Tags)
	}
}

// listCertificates names all key types: without them ACM lists those with RSA
// keys of 1024 and 2048 bits only.
func listCertificates(ctx context.Context, c *clients) ([]string, error) {
	input := &acm.ListCertificatesInput{Includes: &types.Filters{KeyTypes: types.KeyAlgorithm("").Values()}}
	return all(ctx, acm.NewListCertificatesPaginator(c.acm, input), func(o *acm.ListCertificatesOutput) []string {
		return texts(o.CertificateSummaryList, func(s types.CertificateSummary) *string { return s.CertificateArn })
	})
}
