package awshome

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/everqual/everqual"
)

// topic checks whether anybody is told anything.
func (w *ward) topic(ctx context.Context) []everqual.Check {
	const name = "topic"
	out, err := sns.NewFromConfig(w.cfg).GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &w.home.TopicARN})
	if err != nil {
		return []everqual.Check{unasked(name, "sns:GetTopicAttributes", err)}
	}
	confirmed, pending := out.Attributes["SubscriptionsConfirmed"], out.Attributes["SubscriptionsPending"]
	none := func(n string) bool { return n == "" || n == "0" }
	return []everqual.Check{
		everqual.OK(name, "%s subscriptions are confirmed, %s are not", orZero(confirmed), orZero(pending)).
			Else(none(pending), everqual.CheckWarn, "confirm the others: they get nothing").
			Else(!none(confirmed), everqual.CheckWarn, "subscribe somebody: nobody is told anything"),
		everqual.OK(name+" encryption", "%q", out.Attributes["KmsMasterKeyId"]).
			Else(out.Attributes["KmsMasterKeyId"] != "", everqual.CheckWarn, "encrypt it with a KMS key"),
	}
}

func orZero(n string) string {
	if n == "" {
		return "0"
	}
	return n
}

// keys checks the key that signs, and the one that encrypts.
func (w *ward) keys(ctx context.Context) []everqual.Check {
	client := kms.NewFromConfig(w.cfg)
	checks := []everqual.Check{encrypting(ctx, client, "alias/"+w.name+"-data")}
	if w.home.KeyID != "" { // else the check of the parameter says so
		checks = append(checks, signing(ctx, client, w.home.KeyID))
	}
	return checks
}

// InspectKey checks a KMS key that signs a ledger.
func InspectKey(ctx context.Context, key, region string) everqual.Check {
	cfg, err := keyConfig(ctx, key, region)
	if err != nil {
		return everqual.Unasked("signing key", err, "mend the AWS configuration")
	}
	cfg.RetryMaxAttempts = patientFor
	return signing(ctx, kms.NewFromConfig(cfg), key)
}

func signing(ctx context.Context, client *kms.Client, key string) everqual.Check {
	const name = "signing key"
	out, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	if err != nil {
		return unasked(name, "kms:DescribeKey", err)
	}
	k := out.KeyMetadata
	return everqual.OK(name, "%s is %s, of %s for %s", aws.ToString(k.Arn), k.KeyState, k.KeySpec, k.KeyUsage).
		Else(k.KeyState == types.KeyStateEnabled, everqual.CheckFail, "enable it, or cancel its deletion: nothing can be signed").
		Else(k.KeySpec == types.KeySpecEccNistEdwards25519 && k.KeyUsage == types.KeyUsageTypeSignVerify, everqual.CheckFail, "checkpoints need a key of ECC_NIST_EDWARDS25519 for SIGN_VERIFY")
}

func encrypting(ctx context.Context, client *kms.Client, key string) everqual.Check {
	const name = "encryption key"
	out, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	if err != nil {
		return unasked(name, "kms:DescribeKey", err)
	}
	k := out.KeyMetadata
	c := everqual.OK(name, "%s is %s", key, k.KeyState).
		Else(k.KeyState == types.KeyStateEnabled, everqual.CheckFail, "enable it, or cancel its deletion: what it encrypted cannot be read")
	if c.Result != everqual.CheckOK {
		return c
	}
	rotation, err := client.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: k.KeyId})
	if err != nil {
		return unasked(name, "kms:GetKeyRotationStatus", err)
	}
	return c.Else(rotation.KeyRotationEnabled, everqual.CheckWarn, "have it rotated")
}
