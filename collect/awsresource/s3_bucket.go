package awsresource

import (
	"context"
	"errors"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

var s3Bucket = kind{
	name: "AWS::S3::Bucket", version: 1, arn: "s3:", regionless: true, ownerless: true,
	describe: describeBucket, list: listBuckets, listActions: []string{"s3:ListAllMyBuckets"},
	actions: []string{
		"s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetBucketPolicy",
		"s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock", "s3:GetBucketLogging",
		"s3:GetBucketObjectLockConfiguration", "s3:GetLifecycleConfiguration", "s3:GetBucketTagging",
		"s3:GetBucketOwnershipControls", "s3:GetBucketAcl", "s3:GetReplicationConfiguration",
		"s3:GetBucketNotification",
	},
	missing: []string{"NoSuchBucket"},
	sets: []string{
		"Tags", "Encryption.Rules", "Lifecycle.Rules", "Lifecycle.Rules[].Transitions",
		"Lifecycle.Rules[].NoncurrentVersionTransitions", "Lifecycle.Rules[].Filter.And.Tags",
		"OwnershipControls.Rules", "Acl.Grants", "Logging.TargetGrants", "Replication.Rules",
		"Notification.TopicConfigurations", "Notification.TopicConfigurations[].Events",
		"Notification.QueueConfigurations", "Notification.QueueConfigurations[].Events",
		"Notification.LambdaFunctionConfigurations", "Notification.LambdaFunctionConfigurations[].Events",
	},
	policies: []string{"Policy"},
}

// listBuckets asks for the buckets of one region. A server that does not know
// the question tells of all, and may not say where they are.
func listBuckets(ctx context.Context, c *clients) ([]string, error) {
	region := c.s3.Options().Region
	found, err := all(ctx, s3.NewListBucketsPaginator(c.s3, &s3.ListBucketsInput{BucketRegion: &region}),
		func(o *s3.ListBucketsOutput) []types.Bucket { return o.Buckets })
	names := []string{}
	for _, b := range found {
		if b.BucketRegion == nil || *b.BucketRegion == region {
			names = append(names, aws.ToString(b.Name))
		}
	}
	return names, err
}

// describeBucket passes the expected owner with every call: bucket names are
// not bound to an account, and somebody else's bucket must not be described.
func describeBucket(ctx context.Context, l *look) {
	if !l.locate(ctx) {
		return
	}
	bucket, owner := &l.name, &l.resource.Account
	l.attributes["Name"] = l.name

	versioning, err := l.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: bucket, ExpectedBucketOwner: owner})
	if l.read("Versioning", "s3:GetBucketVersioning", err) {
		l.setOrNull("Versioning", versioning)
	}
	encryption, err := l.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: bucket, ExpectedBucketOwner: owner})
	if l.read("Encryption", "s3:GetEncryptionConfiguration", err, "ServerSideEncryptionConfigurationNotFoundError") {
		l.set("Encryption", encryption.ServerSideEncryptionConfiguration)
	}
	block, err := l.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: bucket, ExpectedBucketOwner: owner})
	if l.read("PublicAccessBlock", "s3:GetBucketPublicAccessBlock", err, "NoSuchPublicAccessBlockConfiguration") {
		l.set("PublicAccessBlock", block.PublicAccessBlockConfiguration)
	}
	ownership, err := l.s3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: bucket, ExpectedBucketOwner: owner})
	if l.read("OwnershipControls", "s3:GetBucketOwnershipControls", err, "OwnershipControlsNotFoundError") {
		l.set("OwnershipControls", ownership.OwnershipControls)
	}
	lock, err := l.s3.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: bucket, ExpectedBucketOwner: owner})
	if l.read("ObjectLock", "s3:GetBucketObjectLockConfiguration", err, "ObjectLockConfigurationNotFoundError") {
		l.set("ObjectLock", lock.ObjectLockConfiguration)
	}
	l.bucketAccess(ctx)
	l.bucketFlow(ctx)
}

// bucketAccess reads who may do what.
func (l *look) bucketAccess(ctx context.Context) {
	bucket, owner := &l.name, &l.resource.Account
	policy, err := l.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: bucket, ExpectedBucketOwner: owner})
	if l.read("Policy", "s3:GetBucketPolicy", err, "NoSuchBucketPolicy") {
		l.set("Policy", policy.Policy)
	}
	if code, _ := codeOf(orNone(err)); code == "NoSuchBucketPolicy" {
		l.set("PolicyStatus", nil) // the same answer once more
	} else {
		status, err := l.s3.GetBucketPolicyStatus(ctx, &s3.GetBucketPolicyStatusInput{Bucket: bucket, ExpectedBucketOwner: owner})
		if l.read("PolicyStatus", "s3:GetBucketPolicyStatus", err, "NoSuchBucketPolicy") {
			l.set("PolicyStatus", status.PolicyStatus)
		}
	}
	acl, err := l.s3.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: bucket, ExpectedBucketOwner: owner})
	if l.read("Acl", "s3:GetBucketAcl", err) {
		l.set("Acl", acl)
	}
	tags, err := l.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: bucket, ExpectedBucketOwner: owner})
	if l.read("Tags", "s3:GetBucketTagging", err, "NoSuchTagSet") {
		l.set("Tags", tags.TagSet)
	}
}

// bucketFlow reads where objects, logs and messages go, and when.
func (l *look) bucketFlow(ctx context.Context) {
	bucket, owner := &l.name, &l.resource.Account
	logging, err := l.s3.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: bucket, ExpectedBucketOwner: owner})
	if l.read("Logging", "s3:GetBucketLogging", err) {
		l.set("Logging", logging.LoggingEnabled)
	}
	lifecycle, err := l.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket, ExpectedBucketOwner: owner})
	if l.read("Lifecycle", "s3:GetLifecycleConfiguration", err, "NoSuchLifecycleConfiguration") {
		l.set("Lifecycle", lifecycle)
	}
	replication, err := l.s3.GetBucketReplication(ctx, &s3.GetBucketReplicationInput{Bucket: bucket, ExpectedBucketOwner: owner})
	if l.read("Replication", "s3:GetReplicationConfiguration", err, "ReplicationConfigurationNotFoundError") {
		l.set("Replication", replication.ReplicationConfiguration)
	}
	notification, err := l.s3.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{
		Bucket: bucket, ExpectedBucketOwner: owner,
	})
	if l.read("Notification", "s3:GetBucketNotification", err) {
		l.setOrNull("Notification", notification)
	}
}

// locate finds the region of the bucket and goes on there.
func (l *look) locate(ctx context.Context) bool {
	input := &s3.GetBucketLocationInput{Bucket: &l.name, ExpectedBucketOwner: &l.resource.Account}
	out, err := l.s3.GetBucketLocation(ctx, input)
	if elsewhere := regionIn(err); elsewhere != "" && elsewhere != l.resource.Region {
		l.move(elsewhere)
		out, err = l.s3.GetBucketLocation(ctx, input)
	}
	if !l.read("", "s3:GetBucketLocation", err) {
		return false
	}
	switch region := string(out.LocationConstraint); region {
	case "":
		l.move(globalRegion(l.resource.Region)) // the region that had no name
	case "EU":
		l.move("eu-west-1")
	default:
		l.move(region)
	}
	// Written out also where AWS leaves it empty: one name for one region.
	l.attributes["Location"] = map[string]any{"LocationConstraint": l.resource.Region}
	return true
}

// expecting is how S3 names the right region when it refuses a signature.
var expecting = regexp.MustCompile(`expecting '([a-z0-9-]{1,40})'`)

// regionIn returns the region to which S3 sends the asker, "" when it does not.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func regionIn(err error) string {
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) || response.Response == nil {
		return ""
	}
	if region := response.Response.Header.Get("X-Amz-Bucket-Region"); plainRegion.MatchString(region) {
		return region
	}
	_, message := codeOf(err)
	if m := expecting.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}
