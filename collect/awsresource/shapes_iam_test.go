package awsresource_test

import (
	"maps"

	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	configtypes "github.com/aws/aws-sdk-go-v2/service/configservice/types"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	guarddutytypes "github.com/aws/aws-sdk-go-v2/service/guardduty/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	organizationstypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	s3controltypes "github.com/aws/aws-sdk-go-v2/service/s3control/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// accountTrail is a trail as an account shows it: three replies in one.
type accountTrail struct {
	cloudtrailtypes.Trail
	Status                 cloudtrail.GetTrailStatusOutput
	EventSelectors         []cloudtrailtypes.EventSelector
	AdvancedEventSelectors []cloudtrailtypes.AdvancedEventSelector
}

type inlinePolicy struct{ PolicyName, PolicyDocument *string }

func init() {
	maps.Copy(shapes, map[string]map[string]any{
		"AWS::IAM::User": {
			"": iamtypes.User{}, "Groups": []iamtypes.Group{}, "AttachedPolicies": []iamtypes.AttachedPolicy{}, "InlinePolicies": []inlinePolicy{},
			"AccessKeys": []iamtypes.AccessKeyMetadata{}, "MFADevices": []iamtypes.MFADevice{}, "LoginProfile": iamtypes.LoginProfile{},
		},
		"AWS::IAM::Group": {
			"": iamtypes.Group{}, "Users": []iamtypes.User{}, "AttachedPolicies": []iamtypes.AttachedPolicy{}, "InlinePolicies": []inlinePolicy{},
		},
		"AWS::IAM::ManagedPolicy": {
			"": iamtypes.Policy{}, "PolicyVersion": iamtypes.PolicyVersion{}, "Versions": []iamtypes.PolicyVersion{},
			"PolicyGroups": []iamtypes.PolicyGroup{}, "PolicyUsers": []iamtypes.PolicyUser{}, "PolicyRoles": []iamtypes.PolicyRole{},
		},
		"AWS::IAM::InstanceProfile": {"": iamtypes.InstanceProfile{}},
		"AWS::IAM::OIDCProvider":    {"": iam.GetOpenIDConnectProviderOutput{}},
		"AWS::IAM::SAMLProvider":    {"": iam.GetSAMLProviderOutput{}},
		"AWS::::Account": {
			"": struct{}{}, "SummaryMap": map[string]int32{}, "PasswordPolicy": iamtypes.PasswordPolicy{}, "RootVirtualMFADevices": []iamtypes.VirtualMFADevice{},
			"Organization": organizationstypes.Organization{}, "PublicAccessBlock": s3controltypes.PublicAccessBlockConfiguration{},
			"EbsEncryptionByDefault": false, "EbsDefaultKmsKeyId": "", "Trails": []accountTrail{},
			"ConfigurationRecorders": []configtypes.ConfigurationRecorder{}, "ConfigurationRecordersStatus": []configtypes.ConfigurationRecorderStatus{},
			"GuardDutyDetectors": []guardduty.GetDetectorOutput{}, "GuardDutyAdministrator": guarddutytypes.Administrator{},
			"SecurityHub": securityhub.DescribeHubOutput{},
		},
		"AWS::SecretsManager::Secret":          {"": secretsmanager.DescribeSecretOutput{}, "ResourcePolicy": ""},
		"AWS::KMS::Alias":                      {"": kmstypes.AliasListEntry{}},
		"AWS::CertificateManager::Certificate": {"": acmtypes.CertificateDetail{}, "Tags": []acmtypes.Tag{}},
		"AWS::SSM::Parameter":                  {"": ssmtypes.ParameterMetadata{}, "Tags": []ssmtypes.Tag{}, "Value": ""},
		"AWS::SSM::Document": {
			"": ssmtypes.DocumentDescription{}, "AccountIds": []string{}, "AccountSharingInfoList": []ssmtypes.AccountSharingInfo{},
		},
	})
}
