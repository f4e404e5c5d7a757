package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var iamOIDCProvider = kind{
	name: "AWS::IAM::OIDCProvider", version: 1, arn: "iam:oidc-provider/", deep: true, global: true,
	describe: describeOIDCProvider, list: listOIDCProviders, listActions: []string{"iam:ListOpenIDConnectProviders"},
	actions: []string{"iam:GetOpenIDConnectProvider"},
	missing: iamMissing,
	sets:    []string{"Tags", "ClientIDList", "ThumbprintList"},
}

func describeOIDCProvider(ctx context.Context, l *look) {
	arn := aws.String(string(l.resource.ID))
	out, err := l.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
	if !l.read("", "iam:GetOpenIDConnectProvider", err) {
		return
	}
	l.set("Tags", out.Tags)
	l.set("ClientIDList", out.ClientIDList)
	l.set("ThumbprintList", out.ThumbprintList)
	l.root(out)
}

func listOIDCProviders(ctx context.Context, c *clients) ([]string, error) {
	out, err := c.iam.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
	if err != nil {
		return nil, err
	}
	return texts(out.OpenIDConnectProviderList, func(p types.OpenIDConnectProviderListEntry) *string { return p.Arn }), nil
}

var iamSAMLProvider = kind{
	name: "AWS::IAM::SAMLProvider", version: 1, arn: "iam:saml-provider/", global: true,
	describe: describeSAMLProvider, list: listSAMLProviders, listActions: []string{"iam:ListSAMLProviders"},
	actions: []string{"iam:GetSAMLProvider"},
	missing: iamMissing,
	sets:    []string{"Tags", "PrivateKeyList"},
}

func describeSAMLProvider(ctx context.Context, l *look) {
	arn := aws.String(string(l.resource.ID))
	out, err := l.iam.GetSAMLProvider(ctx, &iam.GetSAMLProviderInput{SAMLProviderArn: arn})
	if !l.read("", "iam:GetSAMLProvider", err) {
		return
	}
	l.set("Tags", out.Tags)
	l.set("AssertionEncryptionMode", nil)
	l.set("PrivateKeyList", out.PrivateKeyList)
	l.root(out)
}

func listSAMLProviders(ctx context.Context, c *clients) ([]string, error) {
	out, err := c.iam.ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
	if err != nil {
		return nil, err
	}
	return texts(out.SAMLProviderList, func(p types.SAMLProviderListEntry) *string { return p.Arn }), nil
}
