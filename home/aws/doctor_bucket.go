package awshome

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/everqual/everqual"
)

// bucket checks what keeps the archive.
func (w *ward) bucket(ctx context.Context) []everqual.Check {
	client := s3.NewFromConfig(w.cfg, bucketStyle)
	return []everqual.Check{
		w.versioning(ctx, client), w.publicAccess(ctx, client), w.bucketEncryption(ctx, client), w.objectLock(ctx, client),
	}
}

func (w *ward) versioning(ctx context.Context, client *s3.Client) everqual.Check {
	const name = "bucket versioning"
	out, err := client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &w.home.Bucket})
	if err != nil {
		return unasked(name, "s3:GetBucketVersioning", err)
	}
	return everqual.OK(name, "%q", out.Status).
		Else(out.Status == types.BucketVersioningStatusEnabled, everqual.CheckFail, "enable it: a mistake could overwrite evidence")
}

func (w *ward) publicAccess(ctx context.Context, client *s3.Client) everqual.Check {
	const name, do = "bucket public access block", "block all four kinds of public access"
	out, err := client.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &w.home.Bucket})
	if code(err) == "NoSuchPublicAccessBlockConfiguration" {
		return everqual.Check{Name: name, Result: everqual.CheckFail, Seen: "none", Do: do}
	}
	if err != nil {
		return unasked(name, "s3:GetBucketPublicAccessBlock", err)
	}
	b := out.PublicAccessBlockConfiguration
	blocked := 0
	for _, on := range []*bool{b.BlockPublicAcls, b.BlockPublicPolicy, b.IgnorePublicAcls, b.RestrictPublicBuckets} {
		if aws.ToBool(on) {
			blocked++
		}
	}
	return everqual.OK(name, "%d of 4 are blocked", blocked).Else(blocked == 4, everqual.CheckFail, do)
}

func (w *ward) bucketEncryption(ctx context.Context, client *s3.Client) everqual.Check {
	const name, do = "bucket encryption", "encrypt it with a KMS key of your own"
	out, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &w.home.Bucket})
	if code(err) == "ServerSideEncryptionConfigurationNotFoundError" {
		return everqual.Check{Name: name, Result: everqual.CheckWarn, Seen: "none is configured", Do: do}
	}
	if err != nil {
		return unasked(name, "s3:GetEncryptionConfiguration", err)
	}
	var algorithm types.ServerSideEncryption
	for _, r := range out.ServerSideEncryptionConfiguration.Rules {
		if d := r.ApplyServerSideEncryptionByDefault; d != nil {
			algorithm = d.SSEAlgorithm
		}
	}
	kms := algorithm == types.ServerSideEncryptionAwsKms || algorithm == types.ServerSideEncryptionAwsKmsDsse
	return everqual.OK(name, "%s", algorithm).Else(kms, everqual.CheckWarn, do)
}

// objectLock tells how long nobody can delete: not to have one is a choice.
func (w *ward) objectLock(ctx context.Context, client *s3.Client) everqual.Check {
	const name = "bucket object lock"
	out, err := client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &w.home.Bucket})
	if code(err) == "ObjectLockConfigurationNotFoundError" {
		return everqual.OK(name, "none: who may delete objects can delete evidence")
	}
	if err != nil {
		return unasked(name, "s3:GetBucketObjectLockConfiguration", err)
	}
	lock := out.ObjectLockConfiguration
	if lock == nil || lock.Rule == nil || lock.Rule.DefaultRetention == nil {
		return everqual.OK(name, "enabled, without a default retention").Else(false, everqual.CheckWarn, "give it a default retention: it locks nothing by itself")
	}
	r := lock.Rule.DefaultRetention
	return everqual.OK(name, "%s, %d days %d years", r.Mode, aws.ToInt32(r.Days), aws.ToInt32(r.Years))
}
