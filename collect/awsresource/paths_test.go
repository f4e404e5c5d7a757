package awsresource_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/everqual/everqual/collect/awsresource"
)

// shapes are the SDK structures that attributes are made of: first the one at
// the top, then those of further calls, by where they are nested.
var shapes = map[string]map[string]any{
	"AWS::EC2::Instance": {"": ec2types.Instance{}, "Volumes": []ec2types.Volume{}, "SecurityGroups": []ec2types.SecurityGroup{}, "InstanceProfile": iamtypes.InstanceProfile{}},
	"AWS::EC2::Volume":   {"": ec2types.Volume{}}, "AWS::EC2::Subnet": {"": ec2types.Subnet{}},
	"AWS::EC2::SecurityGroup": {"": ec2types.SecurityGroup{}, "SecurityGroupRules": []ec2types.SecurityGroupRule{}},
	"AWS::EC2::VPC":           {"": ec2types.Vpc{}, "FlowLogs": []ec2types.FlowLog{}},
	"AWS::S3::Bucket": {
		"": struct{}{}, "Tags": []s3types.Tag{}, "Policy": "", "Encryption": s3types.ServerSideEncryptionConfiguration{},
		"Lifecycle": s3.GetBucketLifecycleConfigurationOutput{}, "OwnershipControls": s3types.OwnershipControls{}, "Acl": s3.GetBucketAclOutput{},
		"Logging": s3types.LoggingEnabled{}, "Replication": s3types.ReplicationConfiguration{}, "Notification": s3.GetBucketNotificationConfigurationOutput{},
	},
	"AWS::RDS::DBInstance": {"": rdstypes.DBInstance{}}, "AWS::RDS::DBCluster": {"": rdstypes.DBCluster{}},
	"AWS::KMS::Key": {
		"": kmstypes.KeyMetadata{}, "RotationStatus": kms.GetKeyRotationStatusOutput{}, "Policy": "",
		"Aliases": []kmstypes.AliasListEntry{}, "Tags": []kmstypes.Tag{},
	},
	"AWS::IAM::Role": {
		"": iamtypes.Role{}, "AttachedPolicies": []iamtypes.AttachedPolicy{}, "InlinePolicies": []struct{ PolicyName, PolicyDocument *string }{},
	},
	"AWS::Lambda::Function": {
		"": lambda.GetFunctionConfigurationOutput{}, "Policy": "", "FunctionUrlConfig": lambda.GetFunctionUrlConfigOutput{},
		"Subnets": []struct{ SubnetId, AvailabilityZone, VpcId *string }{},
	},
	"AWS::CloudTrail::Trail": {
		"": cloudtrailtypes.Trail{}, "Status": cloudtrail.GetTrailStatusOutput{}, "EventSelectors": []cloudtrailtypes.EventSelector{},
		"AdvancedEventSelectors": []cloudtrailtypes.AdvancedEventSelector{}, "InsightSelectors": []cloudtrailtypes.InsightSelector{}, "Tags": []cloudtrailtypes.Tag{},
	},
	"AWS::DynamoDB::Table": {
		"": dynamodbtypes.TableDescription{}, "ContinuousBackups": dynamodbtypes.ContinuousBackupsDescription{}, "Tags": []dynamodbtypes.Tag{},
	},
}

// A path that leads nowhere would do nothing, and nobody would notice.
func TestPathsLeadSomewhere(t *testing.T) {
	for _, kind := range awsresource.OpenReplay(nil).Types() {
		volatile, sets, policies, parts := awsresource.PathsOf(kind)
		for _, path := range volatile {
			lead(t, kind, path)
		}
		for _, path := range sets {
			if end := lead(t, kind, path); end != nil && end.Kind() != reflect.Slice {
				t.Errorf("%s: %s is no list", kind, path)
			}
		}
		for _, path := range append(policies, parts...) {
			if end := lead(t, kind, path); end != nil && end.Kind() != reflect.String {
				t.Errorf("%s: %s is no text", kind, path)
			}
		}
	}
}

func lead(t *testing.T, kind, path string) reflect.Type {
	t.Helper()
	steps := strings.Split(strings.ReplaceAll(path, "[]", ".[]"), ".")
	at := reflect.TypeOf(shapes[kind][""])
	if nested, ok := shapes[kind][steps[0]]; ok {
		at, steps = reflect.TypeOf(nested), steps[1:]
	}
	for _, step := range steps {
		if step == "[]" && at.Kind() == reflect.Slice {
			at = at.Elem()
		} else if field, ok := structure(at).FieldByName(step); ok {
			at = field.Type
		} else {
			t.Errorf("%s: %s leads nowhere at %s", kind, path, step)
			return nil
		}
		if at.Kind() == reflect.Pointer {
			at = at.Elem()
		}
	}
	return at
}

func structure(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Struct {
		return t
	}
	return reflect.TypeOf(struct{}{})
}
