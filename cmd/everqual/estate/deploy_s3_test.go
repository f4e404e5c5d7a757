package estate_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/everqual/everqual/cmd/everqual/estate"
)

const (
	rawData = "lims-raw-data-" + estate.Account
	logs    = "lims-audit-logs-" + estate.Account
	xmlns   = "http://s3.amazonaws.com/doc/2006-03-01/"
)

func (s *story) deployBuckets() {
	s.bucket(logs, "logs", "AES256", types.LifecycleRule{
		ID: aws.String("keep-15-years"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
		Expiration: &types.LifecycleExpiration{Days: aws.Int32(5475)},
	})
	s.bucket(rawData, "raw-data", "aws:kms", types.LifecycleRule{
		ID: aws.String("archive"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
		Transitions: []types.Transition{{Days: aws.Int32(180), StorageClass: "GLACIER"}},
	})
	c := s.s3()
	must(c.PutObjectLockConfiguration(s.ctx, &s3.PutObjectLockConfigurationInput{
		Bucket: aws.String(rawData), ObjectLockConfiguration: &types.ObjectLockConfiguration{
			ObjectLockEnabled: "Enabled", Rule: &types.ObjectLockRule{DefaultRetention: &types.DefaultRetention{Mode: "COMPLIANCE", Years: aws.Int32(10)}},
		},
	}))(s)
	s.put(pipeline, "PutBucketObjectLockConfiguration", rawData, m{"object-lock": "", "ObjectLockConfiguration": m{
		"xmlns": xmlns, "ObjectLockEnabled": "Enabled", "Rule": m{"DefaultRetention": m{"Mode": "COMPLIANCE", "Years": 10}},
	}})
	must(c.PutBucketLogging(s.ctx, &s3.PutBucketLoggingInput{
		Bucket: aws.String(rawData), BucketLoggingStatus: &types.BucketLoggingStatus{LoggingEnabled: &types.LoggingEnabled{TargetBucket: aws.String(logs), TargetPrefix: aws.String("s3/")}},
	}))(s)
	s.put(pipeline, "PutBucketLogging", rawData, m{"logging": "", "BucketLoggingStatus": m{
		"xmlns": xmlns, "LoggingEnabled": m{"TargetBucket": logs, "TargetPrefix": "s3/"},
	}})
}

func (s *story) s3() *s3.Client {
	return s3.NewFromConfig(s.cfg, func(o *s3.Options) { o.UsePathStyle = true })
}

// put tells of a call on a bucket.
func (s *story) put(by actor, name, bucket string, request m) {
	request["bucketName"] = bucket
	request["Host"] = bucket + ".s3." + estate.Region + ".amazonaws.com"
	s.tell(by, change{service: "s3", name: name, request: request, resources: [][2]string{{"AWS::S3::Bucket", "arn:aws:s3:::" + bucket}}})
}

func (s *story) bucket(name, role, algorithm string, rule types.LifecycleRule) {
	c, bucket, locked := s.s3(), aws.String(name), role == "raw-data"
	create := m{"CreateBucketConfiguration": m{"xmlns": xmlns, "LocationConstraint": estate.Region}, "x-amz-object-ownership": "BucketOwnerEnforced"}
	if locked {
		create["x-amz-bucket-object-lock-enabled"] = "true"
	}
	must(c.CreateBucket(s.ctx, &s3.CreateBucketInput{
		Bucket: bucket, ObjectLockEnabledForBucket: &locked, ObjectOwnership: "BucketOwnerEnforced",
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: estate.Region},
	}))(s)
	s.put(pipeline, "CreateBucket", name, create)
	s.touched("AWS::S3::Bucket", estate.Region, "arn:aws:s3:::"+name)

	must(c.PutBucketVersioning(s.ctx, &s3.PutBucketVersioningInput{Bucket: bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}}))(s)
	s.put(pipeline, "PutBucketVersioning", name, m{"versioning": "", "VersioningConfiguration": m{"xmlns": xmlns, "Status": "Enabled"}})
	s.encrypt(name, algorithm)
	must(c.PutPublicAccessBlock(s.ctx, &s3.PutPublicAccessBlockInput{Bucket: bucket, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
		BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
	}}))(s)
	s.put(pipeline, "PutBucketPublicAccessBlock", name, m{"publicAccessBlock": "", "PublicAccessBlockConfiguration": m{
		"xmlns": xmlns, "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
	}})
	s.bucketPolicy(name)
	must(c.PutBucketLifecycleConfiguration(s.ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: bucket, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{rule}},
	}))(s)
	s.put(pipeline, "PutBucketLifecycle", name, m{"lifecycle": "", "LifecycleConfiguration": m{"xmlns": xmlns, "Rule": m{
		"ID": *rule.ID, "Status": "Enabled", "Filter": m{"Prefix": ""},
	}}})
	tags := tagged(name, role)
	must(c.PutBucketTagging(s.ctx, &s3.PutBucketTaggingInput{Bucket: bucket, Tagging: &types.Tagging{
		TagSet: asTags(tags, func(k, v *string) types.Tag { return types.Tag{Key: k, Value: v} }),
	}}))(s)
	s.put(pipeline, "PutBucketTagging", name, m{"tagging": "", "Tagging": m{"xmlns": xmlns, "TagSet": m{
		"Tag": asTags(tags, func(k, v *string) any { return m{"Key": *k, "Value": *v} }),
	}}})
}

func (s *story) encrypt(name, algorithm string) {
	byDefault := &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryption(algorithm)}
	shown := m{"SSEAlgorithm": algorithm}
	if algorithm == "aws:kms" {
		byDefault.KMSMasterKeyID = &s.key
		shown["KMSMasterKeyID"] = s.key
	}
	must(s.s3().PutBucketEncryption(s.ctx, &s3.PutBucketEncryptionInput{
		Bucket: &name, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: aws.Bool(true)}},
		},
	}))(s)
	s.put(pipeline, "PutBucketEncryption", name, m{"encryption": "", "ServerSideEncryptionConfiguration": m{
		"xmlns": xmlns, "Rule": m{"ApplyServerSideEncryptionByDefault": shown, "BucketKeyEnabled": true},
	}})
}

// bucketPolicy refuses what does not come over TLS; the log bucket takes in
// what CloudTrail delivers.
func (s *story) bucketPolicy(name string) {
	statements := []any{m{
		"Sid": "TlsOnly", "Effect": "Deny", "Principal": m{"AWS": "*"}, "Action": "s3:*",
		"Resource":  []string{"arn:aws:s3:::" + name, "arn:aws:s3:::" + name + "/*"},
		"Condition": m{"Bool": m{"aws:SecureTransport": "false"}},
	}}
	if name == logs {
		statements = append(statements, m{
			"Sid": "Trail", "Effect": "Allow", "Principal": m{"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
			"Resource": "arn:aws:s3:::" + name + "/AWSLogs/" + estate.Account + "/*",
		}, m{
			"Sid": "AccessLogs", "Effect": "Allow", "Principal": m{"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
			"Resource": "arn:aws:s3:::" + name + "/*",
		}, m{
			"Sid": "TrailAcl", "Effect": "Allow", "Principal": m{"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::" + name,
		})
	}
	policy := m{"Version": "2012-10-17", "Statement": statements}
	must(s.s3().PutBucketPolicy(s.ctx, &s3.PutBucketPolicyInput{Bucket: &name, Policy: aws.String(string(mustJSON(policy)))}))(s)
	s.put(pipeline, "PutBucketPolicy", name, m{"policy": "", "bucketPolicy": policy})
}
