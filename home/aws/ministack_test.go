package awshome_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/everqual/everqual/collect/awsresource/mototest"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/home/aws/ministacktest"
)

// TestMiniStack has another server than moto stand for SQS, S3, SNS, SSM and KMS, so
// that the home leans on AWS and not on what one of them makes of it. DynamoDB is
// DynamoDB Local here too.
func TestMiniStack(t *testing.T) {
	db := dynamoDBLocal(t)
	url := ministacktest.Start(t, t.TempDir(), "MINISTACK_ACCOUNT_ID="+mototest.Account, "MINISTACK_REGION="+mototest.Region)
	mototest.Point(t, url)
	f := newFront(t, proxy(t, url), proxy(t, db))
	for name, test := range map[string]func(t *testing.T, f *front){
		"home": suite, "doorbells": doorbells, "notices": notifies, "archive": archives, "sealed": sealed,
	} {
		t.Run(name, func(t *testing.T) { test(t, f) })
	}
}

// sealed has KMS sign, with a key that never leaves it: moto's KMS knows no Ed25519.
func sealed(t *testing.T, f *front) {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	must(t, err)
	client := kms.NewFromConfig(cfg)
	key, err := client.CreateKey(ctx, &kms.CreateKeyInput{KeySpec: kmstypes.KeySpecEccNistEdwards25519, KeyUsage: kmstypes.KeyUsageTypeSignVerify})
	must(t, err)
	_, err = client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/everqual"), TargetKeyId: key.KeyMetadata.KeyId})
	must(t, err)
	for _, id := range []string{"alias/everqual", *key.KeyMetadata.Arn} {
		name := f.deploy(t)
		c, err := awshome.ReadConfig(ctx, name)
		must(t, err)
		c.KeyID = id
		expectSealed(t, name, c)
	}
}
