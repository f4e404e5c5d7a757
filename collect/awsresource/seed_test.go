package awsresource_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource/mototest"
)

// The secrets that the seeded workload holds; none may be found in any evidence.
const (
	secretVariable = "hunter2-lambda-variable"
	secretUserData = "IyEvYmluL3NoCmV4cG9ydCBQQVNTV09SRD1odW50ZXIyLXVzZXItZGF0YQo="
	secretPassword = "hunter2-database-password"
)

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// seeder creates resources in a running moto and keeps what it created.
type seeder struct {
	testing.TB
	ctx   context.Context
	cfg   aws.Config
	found []everqual.Resource
}

// add keeps a resource of the default region; an ARN with another region or
// none says where it is.
func (s *seeder) add(kind, arn string) {
	region := mototest.Region
	if parts := strings.Split(arn, ":"); parts[2] == "iam" || parts[2] == "cloudfront" {
		region = "us-east-1"
	}
	s.found = append(s.found, everqual.Resource{ID: everqual.ResourceID(arn), Type: kind, Account: mototest.Account, Region: region})
}

// arn is an ARN of the default region and account.
func (s *seeder) arn(service, rest string) string {
	return "arn:aws:" + service + ":" + mototest.Region + ":" + mototest.Account + ":" + rest
}

// seeds create one resource of every type, with the settings that an auditor
// asks for. Each is tagged System = LIMS where the type has tags.
var seeds = []func(*seeder){
	seedFirst,

	// Network and compute.
	seedNetwork,

	// Identity, account and secrets.
	seedIAM,
	seedAccount,
	seedSecrets,
	seedSSM,
	seedCertificate,

	// Load balancing, containers, interfaces.
	seedFront,

	// Databases, storage, analytics.
	seedDB,

	// Messaging, operation, backup.
	seedBackup, seedProject, seedLogGroup, seedMessaging, seedAlarm, seedEvents,
	seedStateMachine, seedStack, seedDetector, seedSystemsManager,
}

// seed returns the resources sorted by type.
func seed(t testing.TB) []everqual.Resource {
	t.Helper()
	ctx := context.Background()
	s := &seeder{TB: t, ctx: ctx, cfg: must[aws.Config](t)(config.LoadDefaultConfig(ctx))}
	for _, create := range seeds {
		create(s)
	}
	slices.SortStableFunc(s.found, func(a, b everqual.Resource) int { return strings.Compare(a.Type, b.Type) })
	return s.found
}

func seedFirst(s *seeder) {
	t, ctx, cfg := s.TB, s.ctx, s.cfg
	role := seedRole(t, ctx, cfg)
	key := seedKey(t, ctx, cfg)
	network := seedNetworkAndInstance(t, ctx, cfg)
	for _, kind := range slices.Sorted(maps.Keys(network)) {
		s.add("AWS::EC2::"+kind, s.arn("ec2", network[kind]))
	}
	s.add("AWS::IAM::Role", role)
	s.add("AWS::KMS::Key", key)
	s.add("AWS::S3::Bucket", seedBucket(t, ctx, cfg))
	instance, cluster := seedDatabases(t, ctx, cfg, key)
	s.add("AWS::RDS::DBInstance", instance)
	s.add("AWS::RDS::DBCluster", cluster)
	s.add("AWS::Lambda::Function", seedFunction(t, ctx, cfg, role, network))
	s.add("AWS::CloudTrail::Trail", seedTrail(t, ctx, cfg))
	s.add("AWS::DynamoDB::Table", seedTable(t, ctx, cfg))
}

func seedRole(t testing.TB, ctx context.Context, cfg aws.Config) string {
	c := iam.NewFromConfig(cfg)
	out := must[*iam.CreateRoleOutput](t)(c.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("lims-app"), Path: aws.String("/lims/"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","ec2.amazonaws.com"]},"Action":"sts:AssumeRole"}}`),
		PermissionsBoundary:      aws.String("arn:aws:iam::aws:policy/PowerUserAccess"),
		Tags:                     []iamtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	must[*iam.AttachRolePolicyOutput](t)(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
		RoleName: aws.String("lims-app"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"),
	}))
	for _, name := range []string{"raw-data", "audit"} {
		must[*iam.PutRolePolicyOutput](t)(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
			RoleName: aws.String("lims-app"), PolicyName: &name,
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::lims-` + name + `/*"}]}`),
		}))
	}
	must[*iam.CreateInstanceProfileOutput](t)(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("lims-app")}))
	must[*iam.AddRoleToInstanceProfileOutput](t)(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{
		InstanceProfileName: aws.String("lims-app"), RoleName: aws.String("lims-app"),
	}))
	return *out.Role.Arn
}

func seedKey(t testing.TB, ctx context.Context, cfg aws.Config) string {
	c := kms.NewFromConfig(cfg)
	out := must[*kms.CreateKeyOutput](t)(c.CreateKey(ctx, &kms.CreateKeyInput{
		Description: aws.String("LIMS data"), Tags: []kmstypes.Tag{{TagKey: aws.String("System"), TagValue: aws.String("LIMS")}},
	}))
	id := out.KeyMetadata.KeyId
	must[*kms.EnableKeyRotationOutput](t)(c.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: id}))
	must[*kms.CreateAliasOutput](t)(c.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/lims"), TargetKeyId: id}))
	return *out.KeyMetadata.Arn
}

// seedNetworkAndInstance returns the EC2 resources, by the last part of their type.
func seedNetworkAndInstance(t testing.TB, ctx context.Context, cfg aws.Config) map[string]string {
	c := ec2.NewFromConfig(cfg)
	tags := func(kind ec2types.ResourceType, name string) []ec2types.TagSpecification {
		return []ec2types.TagSpecification{{ResourceType: kind, Tags: []ec2types.Tag{
			{Key: aws.String("Name"), Value: &name}, {Key: aws.String("System"), Value: aws.String("LIMS")},
		}}}
	}
	vpc := must[*ec2.CreateVpcOutput](t)(c.CreateVpc(ctx, &ec2.CreateVpcInput{
		CidrBlock: aws.String("10.20.0.0/16"), TagSpecifications: tags("vpc", "lims"),
	})).Vpc
	subnet := must[*ec2.CreateSubnetOutput](t)(c.CreateSubnet(ctx, &ec2.CreateSubnetInput{
		VpcId: vpc.VpcId, CidrBlock: aws.String("10.20.1.0/24"), TagSpecifications: tags("subnet", "lims-app"),
	})).Subnet
	group := must[*ec2.CreateSecurityGroupOutput](t)(c.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		VpcId: vpc.VpcId, GroupName: aws.String("lims-app"), Description: aws.String("LIMS application"), TagSpecifications: tags("security-group", "lims-app"),
	}))
	must[*ec2.AuthorizeSecurityGroupIngressOutput](t)(c.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: group.GroupId, IpPermissions: []ec2types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443),
			IpRanges: []ec2types.IpRange{{CidrIp: aws.String("10.20.0.0/16")}, {CidrIp: aws.String("10.10.0.0/16"), Description: aws.String("plant")}},
		}},
	}))
	image := must[*ec2.DescribeImagesOutput](t)(c.DescribeImages(ctx, &ec2.DescribeImagesInput{
		Filters: []ec2types.Filter{{Name: aws.String("name"), Values: []string{"amzn2-ami-*"}}},
	})).Images[0]
	run := must[*ec2.RunInstancesOutput](t)(c.RunInstances(ctx, &ec2.RunInstancesInput{
		ImageId: image.ImageId, MinCount: aws.Int32(1), MaxCount: aws.Int32(1), InstanceType: "m5.large",
		ClientToken: aws.String("seed-lims-app-1"), SubnetId: subnet.SubnetId, SecurityGroupIds: []string{*group.GroupId}, UserData: aws.String(secretUserData),
		IamInstanceProfile: &ec2types.IamInstanceProfileSpecification{Name: aws.String("lims-app")},
		MetadataOptions:    &ec2types.InstanceMetadataOptionsRequest{HttpTokens: "required", HttpPutResponseHopLimit: aws.Int32(1)},
		BlockDeviceMappings: []ec2types.BlockDeviceMapping{
			{DeviceName: aws.String("/dev/sda1"), Ebs: &ec2types.EbsBlockDevice{VolumeSize: aws.Int32(20), Encrypted: aws.Bool(true), VolumeType: "gp3"}},
			{DeviceName: aws.String("/dev/sdb"), Ebs: &ec2types.EbsBlockDevice{VolumeSize: aws.Int32(100), Encrypted: aws.Bool(true), VolumeType: "gp3"}},
		},
		TagSpecifications: append(tags("instance", "lims-app-1"), tags("volume", "lims-app-1")...),
	})).Instances[0]
	must[*ec2.ModifyInstanceAttributeOutput](t)(c.ModifyInstanceAttribute(ctx, &ec2.ModifyInstanceAttributeInput{
		InstanceId: run.InstanceId, DisableApiStop: &ec2types.AttributeBooleanValue{Value: aws.Bool(true)},
	}))
	return map[string]string{
		"Instance": "instance/" + *run.InstanceId, "Volume": "volume/" + *run.BlockDeviceMappings[0].Ebs.VolumeId,
		"SecurityGroup": "security-group/" + *group.GroupId, "VPC": "vpc/" + *vpc.VpcId, "Subnet": "subnet/" + *subnet.SubnetId,
	}
}

func seedBucket(t testing.TB, ctx context.Context, cfg aws.Config) string {
	c := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	name := aws.String("lims-raw-data")
	must[*s3.CreateBucketOutput](t)(c.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: name, ObjectLockEnabledForBucket: aws.Bool(true), ObjectOwnership: "BucketOwnerEnforced",
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: mototest.Region},
	}))
	must[*s3.PutObjectLockConfigurationOutput](t)(c.PutObjectLockConfiguration(ctx, &s3.PutObjectLockConfigurationInput{
		Bucket: name, ObjectLockConfiguration: &s3types.ObjectLockConfiguration{
			ObjectLockEnabled: "Enabled", Rule: &s3types.ObjectLockRule{DefaultRetention: &s3types.DefaultRetention{Mode: "COMPLIANCE", Years: aws.Int32(10)}},
		},
	}))
	must[*s3.PutBucketEncryptionOutput](t)(c.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: name, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: "aws:kms"}, BucketKeyEnabled: aws.Bool(true),
		}}},
	}))
	must[*s3.PutPublicAccessBlockOutput](t)(c.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: name, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
		},
	}))
	must[*s3.PutBucketPolicyOutput](t)(c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: name, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Sid":"Tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::lims-raw-data/*","arn:aws:s3:::lims-raw-data"],"Condition":{"Bool":{"aws:SecureTransport":false}}}]}`,
	)}))
	must[*s3.PutBucketLifecycleConfigurationOutput](t)(c.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: name, LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{Rules: []s3types.LifecycleRule{{
			ID: aws.String("archive"), Status: "Enabled", Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String("")},
			Transitions: []s3types.Transition{{Days: aws.Int32(90), StorageClass: "GLACIER"}},
		}}},
	}))
	must[*s3.PutBucketTaggingOutput](t)(c.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{
		Bucket: name, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}, {Key: aws.String("Role"), Value: aws.String("storage")}}},
	}))
	return "arn:aws:s3:::lims-raw-data"
}

func seedDatabases(t testing.TB, ctx context.Context, cfg aws.Config, key string) (instance, cluster string) {
	c := rds.NewFromConfig(cfg)
	tags := []rdstypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}
	db := must[*rds.CreateDBInstanceOutput](t)(c.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String("lims"), DBInstanceClass: aws.String("db.m5.large"), Engine: aws.String("postgres"),
		EngineVersion: aws.String("16.4"), AllocatedStorage: aws.Int32(100), MasterUsername: aws.String("lims"),
		MasterUserPassword: aws.String(secretPassword), StorageEncrypted: aws.Bool(true), KmsKeyId: &key,
		DeletionProtection: aws.Bool(true), BackupRetentionPeriod: aws.Int32(14), PubliclyAccessible: aws.Bool(false), Tags: tags,
	}))
	group := must[*rds.CreateDBClusterOutput](t)(c.CreateDBCluster(ctx, &rds.CreateDBClusterInput{
		DBClusterIdentifier: aws.String("lims-reports"), Engine: aws.String("aurora-postgresql"), MasterUsername: aws.String("lims"),
		MasterUserPassword: aws.String(secretPassword), StorageEncrypted: aws.Bool(true), KmsKeyId: &key, Tags: tags,
		AvailabilityZones: []string{mototest.Region + "b", mototest.Region + "a"},
	}))
	return *db.DBInstance.DBInstanceArn, *group.DBCluster.DBClusterArn
}

func seedFunction(t testing.TB, ctx context.Context, cfg aws.Config, role string, network map[string]string) string {
	c := lambda.NewFromConfig(cfg)
	out := must[*lambda.CreateFunctionOutput](t)(c.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: aws.String("lims-import"), Runtime: "python3.12", Role: &role, Handler: aws.String("main.handler"),
		Code: &lambdatypes.FunctionCode{ZipFile: code(t)}, Timeout: aws.Int32(30), MemorySize: aws.Int32(256),
		VpcConfig: &lambdatypes.VpcConfig{
			SubnetIds:        []string{strings.TrimPrefix(network["Subnet"], "subnet/")},
			SecurityGroupIds: []string{strings.TrimPrefix(network["SecurityGroup"], "security-group/")},
		},
		Environment: &lambdatypes.Environment{Variables: map[string]string{"DATABASE_PASSWORD": secretVariable}},
		Tags:        map[string]string{"System": "LIMS"}, // one: a map has no order to record
	}))
	must[*lambda.AddPermissionOutput](t)(c.AddPermission(ctx, &lambda.AddPermissionInput{
		FunctionName: aws.String("lims-import"), StatementId: aws.String("bucket"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("s3.amazonaws.com"), SourceArn: aws.String("arn:aws:s3:::lims-raw-data"),
	}))
	return *out.FunctionArn
}

func code(t testing.TB) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create("main.py")
	if err == nil {
		_, err = f.Write([]byte("def handler(event, context):\n    return 'ok'\n"))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func seedTrail(t testing.TB, ctx context.Context, cfg aws.Config) string {
	bucket := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	must[*s3.CreateBucketOutput](t)(bucket.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: aws.String("lims-trail"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: mototest.Region},
	}))
	c := cloudtrail.NewFromConfig(cfg)
	out := must[*cloudtrail.CreateTrailOutput](t)(c.CreateTrail(ctx, &cloudtrail.CreateTrailInput{
		Name: aws.String("lims"), S3BucketName: aws.String("lims-trail"), IsMultiRegionTrail: aws.Bool(true), EnableLogFileValidation: aws.Bool(true),
		TagsList: []cloudtrailtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	must[*cloudtrail.StartLoggingOutput](t)(c.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: out.Name}))
	return *out.TrailARN
}

func seedTable(t testing.TB, ctx context.Context, cfg aws.Config) string {
	c := dynamodb.NewFromConfig(cfg)
	out := must[*dynamodb.CreateTableOutput](t)(c.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String("lims-samples"), BillingMode: "PAY_PER_REQUEST", DeletionProtectionEnabled: aws.Bool(true),
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{
			{AttributeName: aws.String("sample"), AttributeType: "S"}, {AttributeName: aws.String("batch"), AttributeType: "N"},
		},
		KeySchema: []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("sample"), KeyType: "HASH"}, {AttributeName: aws.String("batch"), KeyType: "RANGE"}},
		Tags:      []dynamodbtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	must[*dynamodb.UpdateContinuousBackupsOutput](t)(c.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
		TableName:                        aws.String("lims-samples"),
		PointInTimeRecoverySpecification: &dynamodbtypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	}))
	return *out.TableDescription.TableArn
}

// compact is v as JSON, for messages.
func compact(v any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}
