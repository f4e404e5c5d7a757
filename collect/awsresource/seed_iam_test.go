package awsresource_test

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	configtypes "github.com/aws/aws-sdk-go-v2/service/configservice/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	guarddutytypes "github.com/aws/aws-sdk-go-v2/service/guardduty/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secretstypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/everqual/everqual/collect/awsresource/mototest"
)

// More secrets of the seeded workload; all begin alike, and are looked for so.
const (
	secretLogin     = "hunter2-Console-Login!"
	secretString    = "hunter2-secret-string"
	secretParameter = "hunter2-parameter-value"
)

var iamTags = []iamtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}

func seedIAM(s *seeder) {
	c := iam.NewFromConfig(s.cfg)
	policy := must[*iam.CreatePolicyOutput](s)(c.CreatePolicy(s.ctx, &iam.CreatePolicyInput{
		PolicyName: aws.String("lims-read"), Path: aws.String("/lims/"), Description: aws.String("Read LIMS records"), Tags: iamTags,
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::lims-raw-data","arn:aws:s3:::lims-raw-data/*"]}]}`),
	})).Policy
	group := must[*iam.CreateGroupOutput](s)(c.CreateGroup(s.ctx, &iam.CreateGroupInput{GroupName: aws.String("lims-qa"), Path: aws.String("/lims/")})).Group
	user := must[*iam.CreateUserOutput](s)(c.CreateUser(s.ctx, &iam.CreateUserInput{
		UserName: aws.String("lims-auditor"), Path: aws.String("/lims/"), Tags: iamTags,
	})).User
	must[*iam.AttachGroupPolicyOutput](s)(c.AttachGroupPolicy(s.ctx, &iam.AttachGroupPolicyInput{GroupName: group.GroupName, PolicyArn: policy.Arn}))
	must[*iam.AttachRolePolicyOutput](s)(c.AttachRolePolicy(s.ctx, &iam.AttachRolePolicyInput{RoleName: seedBatchRole(s, c), PolicyArn: policy.Arn}))
	inline := aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":["kms:Decrypt","kms:ReEncryptFrom"],"Resource":"*"}}`)
	must[*iam.PutGroupPolicyOutput](s)(c.PutGroupPolicy(s.ctx, &iam.PutGroupPolicyInput{
		GroupName: group.GroupName, PolicyName: aws.String("no-decryption"), PolicyDocument: inline,
	}))
	must[*iam.PutUserPolicyOutput](s)(c.PutUserPolicy(s.ctx, &iam.PutUserPolicyInput{
		UserName: user.UserName, PolicyName: aws.String("no-decryption"), PolicyDocument: inline,
	}))
	must[*iam.AttachUserPolicyOutput](s)(c.AttachUserPolicy(s.ctx, &iam.AttachUserPolicyInput{
		UserName: user.UserName, PolicyArn: aws.String("arn:aws:iam::aws:policy/SecurityAudit"),
	}))
	must[*iam.AddUserToGroupOutput](s)(c.AddUserToGroup(s.ctx, &iam.AddUserToGroupInput{GroupName: group.GroupName, UserName: user.UserName}))
	must[*iam.CreateAccessKeyOutput](s)(c.CreateAccessKey(s.ctx, &iam.CreateAccessKeyInput{UserName: user.UserName}))
	must[*iam.CreateLoginProfileOutput](s)(c.CreateLoginProfile(s.ctx, &iam.CreateLoginProfileInput{UserName: user.UserName, Password: aws.String(secretLogin)}))
	must[*iam.EnableMFADeviceOutput](s)(c.EnableMFADevice(s.ctx, &iam.EnableMFADeviceInput{
		UserName: user.UserName, SerialNumber: aws.String("GAHT12345678"), AuthenticationCode1: aws.String("123456"), AuthenticationCode2: aws.String("654321"),
	}))
	s.add("AWS::IAM::ManagedPolicy", *policy.Arn)
	s.add("AWS::IAM::Group", *group.Arn)
	s.add("AWS::IAM::User", *user.Arn)
	seedProviders(s, c)
}

// seedBatchRole creates a role in an instance profile, and returns its name.
func seedBatchRole(s *seeder, c *iam.Client) *string {
	role := must[*iam.CreateRoleOutput](s)(c.CreateRole(s.ctx, &iam.CreateRoleInput{
		RoleName:                 aws.String("lims-batch"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`),
	})).Role
	profile := must[*iam.CreateInstanceProfileOutput](s)(c.CreateInstanceProfile(s.ctx, &iam.CreateInstanceProfileInput{
		InstanceProfileName: aws.String("lims-batch"), Path: aws.String("/lims/"), Tags: iamTags,
	})).InstanceProfile
	must[*iam.AddRoleToInstanceProfileOutput](s)(c.AddRoleToInstanceProfile(s.ctx, &iam.AddRoleToInstanceProfileInput{
		InstanceProfileName: profile.InstanceProfileName, RoleName: role.RoleName,
	}))
	s.add("AWS::IAM::InstanceProfile", *profile.Arn)
	return role.RoleName
}

func seedProviders(s *seeder, c *iam.Client) {
	oidc := must[*iam.CreateOpenIDConnectProviderOutput](s)(c.CreateOpenIDConnectProvider(s.ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://login.example.com/lims"), ClientIDList: []string{"sts.amazonaws.com", "lims-deploy"},
		ThumbprintList: []string{"9e99a48a9960b14926bb7f3b02e22da2b0ab7280"}, Tags: iamTags,
	}))
	s.add("AWS::IAM::OIDCProvider", *oidc.OpenIDConnectProviderArn)
	saml := must[*iam.CreateSAMLProviderOutput](s)(c.CreateSAMLProvider(s.ctx, &iam.CreateSAMLProviderInput{
		Name: aws.String("lims-sso"), SAMLMetadataDocument: aws.String(samlMetadata), Tags: iamTags,
	}))
	s.add("AWS::IAM::SAMLProvider", *saml.SAMLProviderArn)
}

// samlMetadata is longer than 1000 characters, which is the least that IAM takes.
var samlMetadata = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://login.example.com/saml" validUntil="2036-01-01T00:00:00Z">` +
	`<!--` + strings.Repeat(" LIMS single sign-on ", 60) + `-->` +
	`<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://login.example.com/saml/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`

func seedAccount(s *seeder) {
	c := iam.NewFromConfig(s.cfg)
	must[*iam.UpdateAccountPasswordPolicyOutput](s)(c.UpdateAccountPasswordPolicy(s.ctx, &iam.UpdateAccountPasswordPolicyInput{
		MinimumPasswordLength: aws.Int32(14), RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true, RequireLowercaseCharacters: true,
		AllowUsersToChangePassword: true, MaxPasswordAge: aws.Int32(90), PasswordReusePrevention: aws.Int32(24),
	}))
	must[*organizations.CreateOrganizationOutput](s)(organizations.NewFromConfig(s.cfg).CreateOrganization(s.ctx, &organizations.CreateOrganizationInput{FeatureSet: "ALL"}))
	must[*ec2.EnableEbsEncryptionByDefaultOutput](s)(ec2.NewFromConfig(s.cfg).EnableEbsEncryptionByDefault(s.ctx, &ec2.EnableEbsEncryptionByDefaultInput{}))
	must[*guardduty.CreateDetectorOutput](s)(guardduty.NewFromConfig(s.cfg).CreateDetector(s.ctx, &guardduty.CreateDetectorInput{
		Enable: aws.Bool(true), FindingPublishingFrequency: guarddutytypes.FindingPublishingFrequencyFifteenMinutes,
		Features: []guarddutytypes.DetectorFeatureConfiguration{{Name: guarddutytypes.DetectorFeatureS3DataEvents, Status: guarddutytypes.FeatureStatusEnabled}},
	}))
	must[*securityhub.EnableSecurityHubOutput](s)(securityhub.NewFromConfig(s.cfg).EnableSecurityHub(s.ctx, &securityhub.EnableSecurityHubInput{}))
	seedRecorder(s)
	seedAccountTrail(s)
	s.add("AWS::::Account", "arn:aws:account::"+mototest.Account+":account")
}

func seedRecorder(s *seeder) {
	c := configservice.NewFromConfig(s.cfg)
	must[*configservice.PutConfigurationRecorderOutput](s)(c.PutConfigurationRecorder(s.ctx, &configservice.PutConfigurationRecorderInput{
		ConfigurationRecorder: &configtypes.ConfigurationRecorder{
			Name: aws.String("default"), RoleARN: aws.String("arn:aws:iam::" + mototest.Account + ":role/lims-app"),
			RecordingGroup: &configtypes.RecordingGroup{AllSupported: true, IncludeGlobalResourceTypes: true},
		},
	}))
	must[*configservice.PutDeliveryChannelOutput](s)(c.PutDeliveryChannel(s.ctx, &configservice.PutDeliveryChannelInput{
		DeliveryChannel: &configtypes.DeliveryChannel{Name: aws.String("default"), S3BucketName: aws.String("lims-trail")},
	}))
	must[*configservice.StartConfigurationRecorderOutput](s)(c.StartConfigurationRecorder(s.ctx, &configservice.StartConfigurationRecorderInput{
		ConfigurationRecorderName: aws.String("default"),
	}))
}

// seedAccountTrail creates a trail with all that an auditor asks for.
func seedAccountTrail(s *seeder) {
	key := must[*kms.CreateKeyOutput](s)(kms.NewFromConfig(s.cfg).CreateKey(s.ctx, &kms.CreateKeyInput{Description: aws.String("LIMS trail")})).KeyMetadata
	logs := cloudwatchlogs.NewFromConfig(s.cfg)
	must[*cloudwatchlogs.CreateLogGroupOutput](s)(logs.CreateLogGroup(s.ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("lims-account-trail")}))
	c := cloudtrail.NewFromConfig(s.cfg)
	trail := must[*cloudtrail.CreateTrailOutput](s)(c.CreateTrail(s.ctx, &cloudtrail.CreateTrailInput{
		Name: aws.String("lims-account"), S3BucketName: aws.String("lims-trail"), KmsKeyId: key.Arn, IsMultiRegionTrail: aws.Bool(true),
		IncludeGlobalServiceEvents: aws.Bool(true), EnableLogFileValidation: aws.Bool(true),
		CloudWatchLogsLogGroupArn: aws.String(s.arn("logs", "log-group:lims-account-trail:*")),
		CloudWatchLogsRoleArn:     aws.String("arn:aws:iam::" + mototest.Account + ":role/lims-app"),
	}))
	must[*cloudtrail.StartLoggingOutput](s)(c.StartLogging(s.ctx, &cloudtrail.StartLoggingInput{Name: trail.Name}))
	must[*cloudtrail.PutEventSelectorsOutput](s)(c.PutEventSelectors(s.ctx, &cloudtrail.PutEventSelectorsInput{
		TrailName: trail.Name, EventSelectors: []cloudtrailtypes.EventSelector{{
			ReadWriteType: "All", IncludeManagementEvents: aws.Bool(true),
			DataResources: []cloudtrailtypes.DataResource{{Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3:::lims-raw-data/", "arn:aws:s3:::lims-trail/"}}},
		}},
	}))
}

func seedSecrets(s *seeder) {
	k := kms.NewFromConfig(s.cfg)
	key := must[*kms.CreateKeyOutput](s)(k.CreateKey(s.ctx, &kms.CreateKeyInput{
		Description: aws.String("LIMS secrets"), Tags: []kmstypes.Tag{{TagKey: aws.String("System"), TagValue: aws.String("LIMS")}},
	})).KeyMetadata
	must[*kms.CreateAliasOutput](s)(k.CreateAlias(s.ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/lims/secrets"), TargetKeyId: key.KeyId}))
	s.add("AWS::KMS::Alias", s.arn("kms", "alias/lims/secrets"))
	c := secretsmanager.NewFromConfig(s.cfg)
	secret := must[*secretsmanager.CreateSecretOutput](s)(c.CreateSecret(s.ctx, &secretsmanager.CreateSecretInput{
		Name: aws.String("lims/database"), Description: aws.String("LIMS database login"), KmsKeyId: key.Arn, SecretString: aws.String(secretString),
		ClientRequestToken: aws.String("11111111-2222-4333-8444-555555555555"),
		Tags:               []secretstypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	must[*secretsmanager.RotateSecretOutput](s)(c.RotateSecret(s.ctx, &secretsmanager.RotateSecretInput{
		SecretId: secret.ARN, ClientRequestToken: aws.String("66666666-7777-4888-8999-000000000000"),
		RotationRules: &secretstypes.RotationRulesType{AutomaticallyAfterDays: aws.Int64(30)},
	}))
	must[*secretsmanager.PutResourcePolicyOutput](s)(c.PutResourcePolicy(s.ctx, &secretsmanager.PutResourcePolicyInput{
		SecretId: secret.ARN, ResourcePolicy: aws.String(`{"Version":"2012-10-17","Statement":[{"Sid":"Own","Effect":"Deny","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"` + mototest.Account + `"}}}]}`),
	}))
	s.add("AWS::SecretsManager::Secret", *secret.ARN)
}

func seedSSM(s *seeder) {
	c := ssm.NewFromConfig(s.cfg)
	tags := []ssmtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}
	must[*ssm.PutParameterOutput](s)(c.PutParameter(s.ctx, &ssm.PutParameterInput{
		Name: aws.String("/lims/app/endpoint"), Type: "String", Value: aws.String(secretParameter), Description: aws.String("Where the LIMS answers"), Tags: tags,
	}))
	s.add("AWS::SSM::Parameter", s.arn("ssm", "parameter/lims/app/endpoint"))
	must[*ssm.CreateDocumentOutput](s)(c.CreateDocument(s.ctx, &ssm.CreateDocumentInput{
		Name: aws.String("lims-restart"), DocumentType: "Command", DocumentFormat: "JSON", Tags: tags,
		Content: aws.String(`{"schemaVersion":"2.2","description":"Restart the LIMS","parameters":{"Service":{"type":"String","description":"Which service","default":"lims"}},"mainSteps":[{"action":"aws:runShellScript","name":"restart","inputs":{"runCommand":["systemctl restart {{ Service }}"]}}]}`),
	}))
	must[*ssm.ModifyDocumentPermissionOutput](s)(c.ModifyDocumentPermission(s.ctx, &ssm.ModifyDocumentPermissionInput{
		Name: aws.String("lims-restart"), PermissionType: "Share", AccountIdsToAdd: []string{"444455556666", "777788889999"},
	}))
	s.add("AWS::SSM::Document", s.arn("ssm", "document/lims-restart"))
}

func seedCertificate(s *seeder) { s.add("AWS::CertificateManager::Certificate", certificateARN) }
