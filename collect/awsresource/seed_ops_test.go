package awsresource_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cloudformationtypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/codebuild"
	codebuildtypes "github.com/aws/aws-sdk-go-v2/service/codebuild/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventstypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	guarddutytypes "github.com/aws/aws-sdk-go-v2/service/guardduty/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// The parts of the operated workload that its resources name.
const (
	opsRole  = "arn:aws:iam::111122223333:role/lims-operation"
	opsKey   = "arn:aws:kms:eu-central-1:111122223333:key/5f1c9d3e-7a42-4c8b-9e60-2b7d1a3c4f55"
	opsTopic = "arn:aws:sns:eu-central-1:111122223333:lims-alerts"
	opsGroup = "/lims/application"
)

// inventoried is the instance that Systems Manager manages, which the fixtures
// tell of; the server gives it its id.
var inventoried string

func seedBackup(s *seeder) {
	c := backup.NewFromConfig(s.cfg)
	tags := map[string]string{"System": "LIMS"}
	vault := must[*backup.CreateBackupVaultOutput](s)(c.CreateBackupVault(s.ctx, &backup.CreateBackupVaultInput{
		BackupVaultName: aws.String("lims-archive"), EncryptionKeyArn: aws.String(opsKey), BackupVaultTags: tags,
		CreatorRequestId: aws.String("seed-lims-archive"),
	}))
	must[*backup.PutBackupVaultLockConfigurationOutput](s)(c.PutBackupVaultLockConfiguration(s.ctx, &backup.PutBackupVaultLockConfigurationInput{
		BackupVaultName: aws.String("lims-archive"), MinRetentionDays: aws.Int64(35), MaxRetentionDays: aws.Int64(3653), ChangeableForDays: aws.Int64(3),
	}))
	plan := must[*backup.CreateBackupPlanOutput](s)(c.CreateBackupPlan(s.ctx, &backup.CreateBackupPlanInput{
		BackupPlanTags: tags, CreatorRequestId: aws.String("seed-lims-daily"), BackupPlan: &backuptypes.BackupPlanInput{BackupPlanName: aws.String("lims-daily"), Rules: []backuptypes.BackupRuleInput{
			{
				RuleName: aws.String("daily"), TargetBackupVaultName: aws.String("lims-archive"), ScheduleExpression: aws.String("cron(0 2 * * ? *)"),
				StartWindowMinutes: aws.Int64(60), CompletionWindowMinutes: aws.Int64(360), Lifecycle: &backuptypes.Lifecycle{DeleteAfterDays: aws.Int64(35)},
				CopyActions: []backuptypes.CopyAction{{
					DestinationBackupVaultArn: aws.String("arn:aws:backup:eu-west-1:111122223333:backup-vault:lims-archive"), Lifecycle: &backuptypes.Lifecycle{DeleteAfterDays: aws.Int64(90)},
				}},
			},
			{
				RuleName: aws.String("yearly"), TargetBackupVaultName: aws.String("lims-archive"), ScheduleExpression: aws.String("cron(0 3 1 1 ? *)"),
				Lifecycle: &backuptypes.Lifecycle{MoveToColdStorageAfterDays: aws.Int64(30), DeleteAfterDays: aws.Int64(3653)},
			},
		}},
	}))
	s.add("AWS::Backup::BackupVault", *vault.BackupVaultArn)
	s.add("AWS::Backup::BackupPlan", *plan.BackupPlanArn)
	s.add("AWS::Backup::RecoveryPoint", opsRecoveryPoint)
}

func seedProject(s *seeder) {
	c := codebuild.NewFromConfig(s.cfg)
	out := must[*codebuild.CreateProjectOutput](s)(c.CreateProject(s.ctx, &codebuild.CreateProjectInput{
		Name: aws.String("lims-release"), Description: aws.String("Builds and tests a release of LIMS"), ServiceRole: aws.String(opsRole),
		Source:    &codebuildtypes.ProjectSource{Type: "CODECOMMIT", Location: aws.String("https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/lims")},
		Artifacts: &codebuildtypes.ProjectArtifacts{Type: "S3", Location: aws.String("lims-releases"), Packaging: "ZIP", EncryptionDisabled: aws.Bool(false)},
		Environment: &codebuildtypes.ProjectEnvironment{
			Type: "LINUX_CONTAINER", Image: aws.String("aws/codebuild/amazonlinux2-x86_64-standard:5.0"), ComputeType: "BUILD_GENERAL1_SMALL", PrivilegedMode: aws.Bool(false),
			EnvironmentVariables: []codebuildtypes.EnvironmentVariable{
				{Name: aws.String("SIGNING_PIN"), Value: aws.String(secretVariable), Type: "PLAINTEXT"},
				{Name: aws.String("DATABASE_PASSWORD"), Value: aws.String("/lims/database/password"), Type: "PARAMETER_STORE"},
			},
		},
		LogsConfig: &codebuildtypes.LogsConfig{
			CloudWatchLogs: &codebuildtypes.CloudWatchLogsConfig{Status: "ENABLED", GroupName: aws.String("/lims/build")},
			S3Logs:         &codebuildtypes.S3LogsConfig{Status: "ENABLED", Location: aws.String("lims-releases/logs"), EncryptionDisabled: aws.Bool(false)},
		},
		VpcConfig: &codebuildtypes.VpcConfig{
			VpcId: aws.String("vpc-0a1b2c3d4e5f60718"), Subnets: []string{"subnet-0b2c3d4e5f6071829", "subnet-0a1b2c3d4e5f60718"}, SecurityGroupIds: []string{"sg-0a1b2c3d4e5f60718"},
		},
		TimeoutInMinutes: aws.Int32(60), QueuedTimeoutInMinutes: aws.Int32(480),
		Tags: []codebuildtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	s.add("AWS::CodeBuild::Project", *out.Project.Arn)
}

func seedLogGroup(s *seeder) {
	c := cloudwatchlogs.NewFromConfig(s.cfg)
	group := aws.String(opsGroup)
	must[*cloudwatchlogs.CreateLogGroupOutput](s)(c.CreateLogGroup(s.ctx, &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: group, KmsKeyId: aws.String(opsKey), Tags: map[string]string{"System": "LIMS"},
	}))
	must[*cloudwatchlogs.PutRetentionPolicyOutput](s)(c.PutRetentionPolicy(s.ctx, &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: group, RetentionInDays: aws.Int32(3653),
	}))
	must[*cloudwatchlogs.PutMetricFilterOutput](s)(c.PutMetricFilter(s.ctx, &cloudwatchlogs.PutMetricFilterInput{
		LogGroupName: group, FilterName: aws.String("failed-logins"), FilterPattern: aws.String(`{ $.event = "login" && $.outcome = "failure" }`),
		MetricTransformations: []logstypes.MetricTransformation{{MetricName: aws.String("FailedLogins"), MetricNamespace: aws.String("LIMS"), MetricValue: aws.String("1")}},
	}))
	s.add("AWS::Logs::LogGroup", s.arn("logs", "log-group:"+opsGroup))
}

func seedMessaging(s *seeder) {
	c := sns.NewFromConfig(s.cfg)
	topic := must[*sns.CreateTopicOutput](s)(c.CreateTopic(s.ctx, &sns.CreateTopicInput{
		Name: aws.String("lims-alerts"), Attributes: map[string]string{"KmsMasterKeyId": opsKey},
		Tags: []snstypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	must[*sns.SubscribeOutput](s)(c.Subscribe(s.ctx, &sns.SubscribeInput{
		TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String(s.arn("sqs", "lims-results")),
	}))
	s.add("AWS::SNS::Topic", *topic.TopicArn)
	q := sqs.NewFromConfig(s.cfg)
	must[*sqs.CreateQueueOutput](s)(q.CreateQueue(s.ctx, &sqs.CreateQueueInput{QueueName: aws.String("lims-rejected")}))
	must[*sqs.CreateQueueOutput](s)(q.CreateQueue(s.ctx, &sqs.CreateQueueInput{
		QueueName: aws.String("lims-results"), Tags: map[string]string{"System": "LIMS"}, Attributes: map[string]string{
			"KmsMasterKeyId": opsKey, "MessageRetentionPeriod": "1209600",
			"RedrivePolicy": `{"deadLetterTargetArn":"` + s.arn("sqs", "lims-rejected") + `","maxReceiveCount":5}`,
			"Policy":        `{"Version":"2012-10-17","Statement":{"Sid":"Alerts","Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"` + s.arn("sqs", "lims-results") + `"}}`,
		},
	}))
	s.add("AWS::SQS::Queue", s.arn("sqs", "lims-results"))
}

func seedAlarm(s *seeder) {
	c := cloudwatch.NewFromConfig(s.cfg, func(o *cloudwatch.Options) { o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801) })
	must[*cloudwatch.PutMetricAlarmOutput](s)(c.PutMetricAlarm(s.ctx, &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("LIMS failed logins"), AlarmDescription: aws.String("More failed logins than a person makes"), ActionsEnabled: aws.Bool(true),
		AlarmActions: []string{opsTopic}, Namespace: aws.String("LIMS"), MetricName: aws.String("FailedLogins"), Statistic: "Sum",
		Dimensions: []cloudwatchtypes.Dimension{{Name: aws.String("Stage"), Value: aws.String("production")}},
		Period:     aws.Int32(300), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(5), ComparisonOperator: "GreaterThanThreshold",
		TreatMissingData: aws.String("notBreaching"), Tags: []cloudwatchtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	s.add("AWS::CloudWatch::Alarm", s.arn("cloudwatch", "alarm:LIMS failed logins"))
}

func seedEvents(s *seeder) {
	c := eventbridge.NewFromConfig(s.cfg)
	tags := []eventstypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}
	bus := must[*eventbridge.CreateEventBusOutput](s)(c.CreateEventBus(s.ctx, &eventbridge.CreateEventBusInput{
		Name: aws.String("lims"), Description: aws.String("What happens to samples"), KmsKeyIdentifier: aws.String(opsKey), Tags: tags,
	}))
	must[*eventbridge.PutPermissionOutput](s)(c.PutPermission(s.ctx, &eventbridge.PutPermissionInput{
		EventBusName: aws.String("lims"), StatementId: aws.String("laboratory"), Action: aws.String("events:PutEvents"), Principal: aws.String("444455556666"),
	}))
	must[*eventbridge.CreateArchiveOutput](s)(c.CreateArchive(s.ctx, &eventbridge.CreateArchiveInput{
		ArchiveName: aws.String("lims-events"), EventSourceArn: bus.EventBusArn, RetentionDays: aws.Int32(3653),
	}))
	rule := must[*eventbridge.PutRuleOutput](s)(c.PutRule(s.ctx, &eventbridge.PutRuleInput{
		Name: aws.String("lims-results"), EventBusName: aws.String("lims"), State: "ENABLED", Tags: tags,
		EventPattern: aws.String(`{"source":["lims.analysis"],"detail-type":["Result approved","Result rejected"]}`),
	}))
	must[*eventbridge.PutTargetsOutput](s)(c.PutTargets(s.ctx, &eventbridge.PutTargetsInput{
		Rule: aws.String("lims-results"), EventBusName: aws.String("lims"), Targets: []eventstypes.Target{
			{Id: aws.String("queue"), Arn: aws.String(s.arn("sqs", "lims-results")), DeadLetterConfig: &eventstypes.DeadLetterConfig{Arn: aws.String(s.arn("sqs", "lims-rejected"))}},
			{
				Id: aws.String("archive"), Arn: aws.String(s.arn("events", "api-destination/archive/0f3a")), RoleArn: aws.String(opsRole),
				HttpParameters: &eventstypes.HttpParameters{HeaderParameters: map[string]string{"X-Archive-Key": secretVariable}},
			},
		},
	}))
	s.add("AWS::Events::EventBus", *bus.EventBusArn)
	s.add("AWS::Events::Rule", *rule.RuleArn)
}

func seedStateMachine(s *seeder) {
	c := sfn.NewFromConfig(s.cfg)
	out := must[*sfn.CreateStateMachineOutput](s)(c.CreateStateMachine(s.ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("lims-release-result"), RoleArn: aws.String(opsRole), Type: "STANDARD",
		Definition: aws.String(`{"StartAt":"Review","States":{"Review":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","End":true}}}`),
		LoggingConfiguration: &sfntypes.LoggingConfiguration{
			Level: "ALL", IncludeExecutionData: true,
			Destinations: []sfntypes.LogDestination{{CloudWatchLogsLogGroup: &sfntypes.CloudWatchLogsLogGroup{LogGroupArn: aws.String(s.arn("logs", "log-group:"+opsGroup+":*"))}}},
		},
		TracingConfiguration:    &sfntypes.TracingConfiguration{Enabled: true},
		EncryptionConfiguration: &sfntypes.EncryptionConfiguration{Type: "CUSTOMER_MANAGED_KMS_KEY", KmsKeyId: aws.String(opsKey), KmsDataKeyReusePeriodSeconds: aws.Int32(300)},
		Tags:                    []sfntypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	s.add("AWS::StepFunctions::StateMachine", *out.StateMachineArn)
}

func seedStack(s *seeder) {
	c := cloudformation.NewFromConfig(s.cfg)
	out := must[*cloudformation.CreateStackOutput](s)(c.CreateStack(s.ctx, &cloudformation.CreateStackInput{
		StackName: aws.String("lims-messaging"), EnableTerminationProtection: aws.Bool(true), RoleARN: aws.String(opsRole),
		TemplateBody: aws.String(`{"AWSTemplateFormatVersion":"2010-09-09","Description":"Messaging of LIMS","Metadata":{"Note":"` + secretVariable + `"},"Parameters":{"Stage":{"Type":"String"}},` +
			`"Resources":{"Inbox":{"Type":"AWS::SQS::Queue","Properties":{"QueueName":"lims-inbox"}},"News":{"Type":"AWS::SNS::Topic","Properties":{"TopicName":"lims-news"}}}}`),
		Parameters: []cloudformationtypes.Parameter{{ParameterKey: aws.String("Stage"), ParameterValue: aws.String("production")}},
		Tags:       []cloudformationtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	must[*cloudformation.SetStackPolicyOutput](s)(c.SetStackPolicy(s.ctx, &cloudformation.SetStackPolicyInput{
		StackName: aws.String("lims-messaging"), StackPolicyBody: aws.String(`{"Statement":[{"Effect":"Deny","Action":"Update:Delete","Principal":"*","Resource":"*"}]}`),
	}))
	s.add("AWS::CloudFormation::Stack", *out.StackId)
}

func seedDetector(s *seeder) {
	c := guardduty.NewFromConfig(s.cfg)
	out := must[*guardduty.CreateDetectorOutput](s)(c.CreateDetector(s.ctx, &guardduty.CreateDetectorInput{
		Enable: aws.Bool(true), FindingPublishingFrequency: "FIFTEEN_MINUTES", Tags: map[string]string{"System": "LIMS"},
		Features: []guarddutytypes.DetectorFeatureConfiguration{
			{Name: "S3_DATA_EVENTS", Status: "ENABLED"}, {Name: "RDS_LOGIN_EVENTS", Status: "ENABLED"},
			{Name: "RUNTIME_MONITORING", Status: "ENABLED", AdditionalConfiguration: []guarddutytypes.DetectorAdditionalConfiguration{{Name: "EC2_AGENT_MANAGEMENT", Status: "ENABLED"}}},
		},
	}))
	s.add("AWS::GuardDuty::Detector", s.arn("guardduty", "detector/"+*out.DetectorId))
}

func seedSystemsManager(s *seeder) {
	c := ssm.NewFromConfig(s.cfg)
	tags := []ssmtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}
	window := must[*ssm.CreateMaintenanceWindowOutput](s)(c.CreateMaintenanceWindow(s.ctx, &ssm.CreateMaintenanceWindowInput{
		Name: aws.String("lims-sunday"), Schedule: aws.String("cron(0 3 ? * SUN *)"), ScheduleTimezone: aws.String("Europe/Berlin"),
		Duration: aws.Int32(4), Cutoff: 1, AllowUnassociatedTargets: false, Tags: tags,
	}))
	target := must[*ssm.RegisterTargetWithMaintenanceWindowOutput](s)(c.RegisterTargetWithMaintenanceWindow(s.ctx, &ssm.RegisterTargetWithMaintenanceWindowInput{
		WindowId: window.WindowId, Name: aws.String("lims"), ResourceType: "INSTANCE", Targets: []ssmtypes.Target{{Key: aws.String("tag:System"), Values: []string{"LIMS"}}},
	}))
	must[*ssm.RegisterTaskWithMaintenanceWindowOutput](s)(c.RegisterTaskWithMaintenanceWindow(s.ctx, &ssm.RegisterTaskWithMaintenanceWindowInput{
		WindowId: window.WindowId, Name: aws.String("patch"), TaskType: "RUN_COMMAND", TaskArn: aws.String("AWS-RunPatchBaseline"), ServiceRoleArn: aws.String(opsRole),
		Targets: []ssmtypes.Target{{Key: aws.String("WindowTargetIds"), Values: []string{*target.WindowTargetId}}}, MaxConcurrency: aws.String("1"), MaxErrors: aws.String("1"),
	}))
	baseline := must[*ssm.CreatePatchBaselineOutput](s)(c.CreatePatchBaseline(s.ctx, &ssm.CreatePatchBaselineInput{
		Name: aws.String("lims-linux"), OperatingSystem: "AMAZON_LINUX_2023",
	}))
	s.add("AWS::SSM::MaintenanceWindow", s.arn("ssm", "maintenancewindow/"+*window.WindowId))
	s.add("AWS::SSM::PatchBaseline", s.arn("ssm", "patchbaseline/"+*baseline.BaselineId))
	s.add("AWS::Config::ConfigurationRecorder", s.arn("config", "configuration-recorder/default/*"))
	s.add("AWS::SSM::Association", s.arn("ssm", "association/"+opsAssociation))
	for _, r := range s.found {
		if r.Type == "AWS::EC2::Instance" {
			inventoried = r.ID.Name()
		}
	}
	s.add("AWS::SSM::ManagedInstanceInventory", s.arn("ssm", "managed-instance-inventory/"+inventoried))
	s.add("AWS::SSM::PatchCompliance", s.arn("ssm", "patch-compliance/"+inventoried))
	s.add("AWS::SSM::AssociationCompliance", s.arn("ssm", "association-compliance/"+inventoried))
}
