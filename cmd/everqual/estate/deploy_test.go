package estate_test

import (
	"archive/zip"
	"bytes"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/everqual/everqual/cmd/everqual/estate"
)

// tagged are the tags that everything in the estate carries.
func tagged(name, role string) [][2]string {
	return [][2]string{{"Name", name}, {"System", "LIMS"}, {"Role", role}, {"Owner", "lab-informatics"}, {"DataClass", "GxP"}}
}

// asTags turns tags into what a service wants.
func asTags[T any](tags [][2]string, of func(k, v *string) T) []T {
	var list []T
	for _, t := range tags {
		list = append(list, of(aws.String(t[0]), aws.String(t[1])))
	}
	return list
}

// deploy builds the estate as the pipeline does.
func (s *story) deploy() {
	s.at("2026-11-02T08:00:04Z")
	s.tell(pipeline, change{service: "sts", name: "GetCallerIdentity", readOnly: true, response: m{}})
	s.tell(pipeline, change{service: "ec2", name: "DescribeAvailabilityZones", readOnly: true, request: m{"availabilityZoneSet": m{}, "allAvailabilityZones": false}})
	s.deployKey()
	s.deployRole()
	s.deployNetwork()
	s.deployServers()
	s.deployDatabase()
	s.deployBuckets()
	s.deployTrail()
	s.deployTable()
	s.deployFunction()
	// Two on types without a collector, one that no rule knows, and one that AWS refused.
	s.tell(pipeline, change{service: "logs", name: "CreateLogGroup", request: m{"logGroupName": "/aws/lambda/lims-result-import", "tags": m{"System": "LIMS"}}})
	s.tell(pipeline, change{service: "monitoring", name: "PutMetricAlarm", request: m{
		"alarmName": "lims-db-storage", "metricName": "FreeStorageSpace", "namespace": "AWS/RDS", "statistic": "Minimum",
		"comparisonOperator": "LessThanThreshold", "threshold": 10737418240, "period": 300, "evaluationPeriods": 3,
	}})
	s.tell(pipeline, change{service: "resource-groups", name: "CreateGroup", request: m{"Name": "lims", "ResourceQuery": m{
		"Type": "TAG_FILTERS_1_0", "Query": `{"ResourceTypeFilters":["AWS::AllSupported"],"TagFilters":[{"Key":"System","Values":["LIMS"]}]}`,
	}}})
	s.tell(pipeline, change{
		service: "organizations", name: "TagResource", region: "us-east-1", errorCode: "AccessDenied",
		errorMessage: "User: arn:aws:sts::111122223333:assumed-role/lims-deploy/gitlab-pipeline-4711 is not authorized to perform: organizations:TagResource",
	})
}

func (s *story) deployKey() {
	c := kms.NewFromConfig(s.cfg)
	input := &kms.CreateKeyInput{
		Description: aws.String("LIMS data at rest"), KeySpec: "SYMMETRIC_DEFAULT", KeyUsage: "ENCRYPT_DECRYPT", Origin: "AWS_KMS", MultiRegion: aws.Bool(false),
		Policy: aws.String(keyPolicy(map[string]any{"AWS": "arn:aws:iam::" + estate.Account + ":root"})),
		Tags:   asTags(tagged("lims", "key"), func(k, v *string) kmstypes.Tag { return kmstypes.Tag{TagKey: k, TagValue: v} }),
	}
	out := must(c.CreateKey(s.ctx, input))(s)
	s.key = *out.KeyMetadata.Arn
	this := [][2]string{{"AWS::KMS::Key", s.key}}
	s.tell(pipeline, change{service: "kms", name: "CreateKey", request: input, response: out, resources: this})
	s.touched("AWS::KMS::Key", estate.Region, s.key)

	must(c.EnableKeyRotation(s.ctx, &kms.EnableKeyRotationInput{KeyId: &s.key, RotationPeriodInDays: aws.Int32(365)}))(s)
	s.tell(pipeline, change{
		service: "kms", name: "EnableKeyRotation", resources: this,
		request: m{"keyId": out.KeyMetadata.KeyId, "rotationPeriodInDays": 365}, response: m{"keyId": s.key},
	})
	alias := &kms.CreateAliasInput{AliasName: aws.String("alias/lims"), TargetKeyId: out.KeyMetadata.KeyId}
	must(c.CreateAlias(s.ctx, alias))(s)
	s.tell(pipeline, change{service: "kms", name: "CreateAlias", request: alias, resources: append(this, [2]string{"AWS::KMS::Alias", arn("kms", "alias/lims")})})
}

// keyPolicy gives the key to principals.
func keyPolicy(principal map[string]any) string {
	return `{"Version":"2012-10-17","Id":"lims","Statement":[{"Sid":"Administration","Effect":"Allow","Principal":` +
		string(mustJSON(principal)) + `,"Action":"kms:*","Resource":"*"}]}`
}

func (s *story) deployRole() {
	c := iam.NewFromConfig(s.cfg)
	role := &iam.CreateRoleInput{
		RoleName: aws.String("lims-app"), Path: aws.String("/"), MaxSessionDuration: aws.Int32(3600), Description: aws.String("LIMS application servers and import"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]},"Action":"sts:AssumeRole"}]}`),
		Tags:                     asTags(tagged("lims-app", "app"), func(k, v *string) iamtypes.Tag { return iamtypes.Tag{Key: k, Value: v} }),
	}
	out := must(c.CreateRole(s.ctx, role))(s)
	shown := lowered(s, out).(map[string]any)
	shown["role"].(map[string]any)["assumeRolePolicyDocument"] = urlEncoded(*role.AssumeRolePolicyDocument)
	s.tell(pipeline, change{service: "iam", name: "CreateRole", region: "us-east-1", request: role, response: shown})
	s.touched("AWS::IAM::Role", "us-east-1", *out.Role.Arn)

	inline := &iam.PutRolePolicyInput{RoleName: role.RoleName, PolicyName: aws.String("raw-data"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Sid":"RawData","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::` + rawData + `/*"}]}`)}
	must(c.PutRolePolicy(s.ctx, inline))(s)
	s.tell(pipeline, change{service: "iam", name: "PutRolePolicy", region: "us-east-1", request: inline})
	attach := &iam.AttachRolePolicyInput{RoleName: role.RoleName, PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")}
	must(c.AttachRolePolicy(s.ctx, attach))(s)
	s.tell(pipeline, change{service: "iam", name: "AttachRolePolicy", region: "us-east-1", request: attach})

	profile := &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("lims-app"), Path: aws.String("/")}
	made := must(c.CreateInstanceProfile(s.ctx, profile))(s)
	s.tell(pipeline, change{service: "iam", name: "CreateInstanceProfile", region: "us-east-1", request: profile, response: made})
	add := &iam.AddRoleToInstanceProfileInput{InstanceProfileName: profile.InstanceProfileName, RoleName: role.RoleName}
	must(c.AddRoleToInstanceProfile(s.ctx, add))(s)
	s.tell(pipeline, change{service: "iam", name: "AddRoleToInstanceProfile", region: "us-east-1", request: add})
}

func (s *story) deployDatabase() {
	c := rds.NewFromConfig(s.cfg)
	input := &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String("lims-db"), DBName: aws.String("lims"), DBInstanceClass: aws.String("db.m5.large"), Engine: aws.String("postgres"),
		EngineVersion: aws.String("16.4"), AllocatedStorage: aws.Int32(200), StorageType: aws.String("gp3"), MasterUsername: aws.String("limsadmin"),
		MasterUserPassword: aws.String("not-the-real-one-4711"), StorageEncrypted: aws.Bool(true), KmsKeyId: &s.key, DeletionProtection: aws.Bool(true),
		BackupRetentionPeriod: aws.Int32(14), PubliclyAccessible: aws.Bool(false), MultiAZ: aws.Bool(true), AutoMinorVersionUpgrade: aws.Bool(false),
		CopyTagsToSnapshot: aws.Bool(true), VpcSecurityGroupIds: []string{s.dbGroup}, Port: aws.Int32(5432),
		PreferredBackupWindow: aws.String("01:00-02:00"), PreferredMaintenanceWindow: aws.String("sun:03:00-sun:04:00"),
		DBSubnetGroupName: aws.String("lims-db"),
		Tags:              asTags(tagged("lims-db", "db"), func(k, v *string) rdstypes.Tag { return rdstypes.Tag{Key: k, Value: v} }),
	}
	out := must(c.CreateDBInstance(s.ctx, input))(s)
	shown := lowered(s, out.DBInstance).(map[string]any)
	shown["dBInstanceStatus"] = "creating"
	s.tell(pipeline, change{service: "rds", name: "CreateDBInstance", request: input, response: shown})
	s.touched("AWS::RDS::DBInstance", estate.Region, *out.DBInstance.DBInstanceArn)
	s.after(180)
}

func (s *story) deployTrail() {
	c := cloudtrail.NewFromConfig(s.cfg)
	input := &cloudtrail.CreateTrailInput{
		Name: aws.String("lims-trail"), S3BucketName: aws.String(logs), IsMultiRegionTrail: aws.Bool(true), EnableLogFileValidation: aws.Bool(true),
		IncludeGlobalServiceEvents: aws.Bool(true), IsOrganizationTrail: aws.Bool(false),
		TagsList: asTags(tagged("lims-trail", "audit"), func(k, v *string) cloudtrailtypes.Tag { return cloudtrailtypes.Tag{Key: k, Value: v} }),
	}
	out := must(c.CreateTrail(s.ctx, input))(s)
	s.tell(pipeline, change{service: "cloudtrail", name: "CreateTrail", request: input, response: out})
	must(c.StartLogging(s.ctx, &cloudtrail.StartLoggingInput{Name: input.Name}))(s)
	s.tell(pipeline, change{service: "cloudtrail", name: "StartLogging", request: m{"name": *out.TrailARN}})
	s.touched("AWS::CloudTrail::Trail", estate.Region, *out.TrailARN)
}

func (s *story) deployTable() {
	c := dynamodb.NewFromConfig(s.cfg)
	input := &dynamodb.CreateTableInput{
		TableName: aws.String("lims-sample-locks"), BillingMode: "PAY_PER_REQUEST", DeletionProtectionEnabled: aws.Bool(true),
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("sampleId"), AttributeType: "S"}},
		KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("sampleId"), KeyType: "HASH"}},
		SSESpecification:     &dynamodbtypes.SSESpecification{Enabled: aws.Bool(true), SSEType: "KMS", KMSMasterKeyId: &s.key},
		Tags:                 asTags(tagged("lims-sample-locks", "db"), func(k, v *string) dynamodbtypes.Tag { return dynamodbtypes.Tag{Key: k, Value: v} }),
	}
	out := must(c.CreateTable(s.ctx, input))(s)
	this := [][2]string{{"AWS::DynamoDB::Table", *out.TableDescription.TableArn}}
	s.tell(pipeline, change{service: "dynamodb", name: "CreateTable", request: input, response: out, resources: this})
	s.touched("AWS::DynamoDB::Table", estate.Region, *out.TableDescription.TableArn)
	backups := &dynamodb.UpdateContinuousBackupsInput{
		TableName:                        input.TableName,
		PointInTimeRecoverySpecification: &dynamodbtypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	}
	must(c.UpdateContinuousBackups(s.ctx, backups))(s)
	s.tell(pipeline, change{service: "dynamodb", name: "UpdateContinuousBackups", request: backups, response: m{
		"continuousBackupsDescription": m{"continuousBackupsStatus": "ENABLED", "pointInTimeRecoveryDescription": m{"pointInTimeRecoveryStatus": "ENABLED"}},
	}, resources: this})
}

func (s *story) deployFunction() {
	c := lambda.NewFromConfig(s.cfg)
	input := &lambda.CreateFunctionInput{
		FunctionName: aws.String("lims-result-import"), Runtime: "python3.12", Role: aws.String("arn:aws:iam::" + estate.Account + ":role/lims-app"),
		Handler: aws.String("main.handler"), Code: &lambdatypes.FunctionCode{ZipFile: code(s)}, Timeout: aws.Int32(30), MemorySize: aws.Int32(256),
		Environment: &lambdatypes.Environment{Variables: map[string]string{"DATABASE_PASSWORD": "not-the-real-one-4711"}},
	}
	out := must(c.CreateFunction(s.ctx, input))(s)
	// One by one, because the order of a map is another one every time.
	input.Tags = map[string]string{}
	for _, t := range tagged("lims-result-import", "integration") {
		input.Tags[t[0]] = t[1]
		must(c.TagResource(s.ctx, &lambda.TagResourceInput{Resource: out.FunctionArn, Tags: map[string]string{t[0]: t[1]}}))(s)
	}
	s.tell(pipeline, change{service: "lambda", name: "CreateFunction20150331", request: input, response: out})
	s.touched("AWS::Lambda::Function", estate.Region, *out.FunctionArn)
	permission := &lambda.AddPermissionInput{
		FunctionName: input.FunctionName, StatementId: aws.String("raw-data"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("s3.amazonaws.com"), SourceArn: aws.String("arn:aws:s3:::" + rawData), SourceAccount: aws.String(estate.Account),
	}
	granted := must(c.AddPermission(s.ctx, permission))(s)
	s.tell(pipeline, change{service: "lambda", name: "AddPermission20150331v2", request: permission, response: granted})
}

// code is a small archive, the same every time.
func code(s *story) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f := must(z.Create("main.py"))(s)
	must(f.Write([]byte("def handler(event, context):\n    return \"ok\"\n")))(s)
	if err := z.Close(); err != nil {
		s.Fatal(err)
	}
	return b.Bytes()
}
