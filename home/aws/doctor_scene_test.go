package awshome_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"github.com/everqual/everqual/collect/awsresource/mototest"
	awshome "github.com/everqual/everqual/home/aws"
)

// scene is a whole deployment, as deploy/aws makes one, with its clients.
type scene struct {
	t      *testing.T
	name   string
	role   string
	stream string
	queues map[string]string // URLs
	db     *dynamodb.Client
	sqs    *sqs.Client
	s3     *s3.Client
	sns    *sns.Client
	kms    *kms.Client
	lambda *lambda.Client
	sfn    *sfn.Client
	events *eventbridge.Client
	alarms *cloudwatch.Client
	ssm    *ssm.Client
	dataID string
}

var twoRules = []awshome.Rule{
	{Name: "everqual-ec2", Pattern: `{"source":["aws.ec2"],"detail":{"readOnly":[false]}}`, Paths: map[string]string{"id": "$.id"}, Template: `{"id":"<id>"}`},
	{Name: "everqual-s3", Pattern: `{"source":["aws.s3"]}`, Paths: map[string]string{"id": "$.id"}, Template: `{"id":"<id>"}`},
}

const keyARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

func (f *front) deployAll(t *testing.T) *scene {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context())
	must(t, err)
	s := &scene{
		t: t, name: fmt.Sprintf("whole-%d", f.made.Add(1)), queues: map[string]string{},
		db: dynamodb.NewFromConfig(cfg), sqs: sqs.NewFromConfig(cfg), sns: sns.NewFromConfig(cfg), kms: kms.NewFromConfig(cfg),
		lambda: lambda.NewFromConfig(cfg), sfn: sfn.NewFromConfig(cfg), events: eventbridge.NewFromConfig(cfg), ssm: ssm.NewFromConfig(cfg),
		s3:     s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		alarms: cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) { o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801) }),
	}
	role, err := iam.NewFromConfig(cfg).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &s.name, AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[]}`)})
	must(t, err)
	s.role = *role.Role.Arn
	s.makeTable()
	s.makeQueues()
	s.makeBucket()
	topic := s.makeTopicAndKey()
	s.makeRules()
	s.makeFunctions()
	s.makeMachines()
	s.makeAlarms(topic)
	s.scheduler(f, http.MethodPost, "/schedule-groups/"+s.name, "{}")
	for _, schedule := range []string{"rejudge", "seal", "work"} {
		s.schedule(f, schedule, "ENABLED")
	}
	value, err := json.Marshal(awshome.Config{Table: s.name, QueueURL: s.queues["work"], Bucket: s.name, TopicARN: topic, KeyID: keyARN})
	must(t, err)
	_, err = s.ssm.PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/everqual/" + s.name + "/home"), Value: aws.String(string(value)), Type: "String"})
	must(t, err)
	return s
}

func (s *scene) makeTable() {
	out, err := s.db.CreateTable(s.t.Context(), &dynamodb.CreateTableInput{
		TableName: &s.name, BillingMode: dbtypes.BillingModePayPerRequest, DeletionProtectionEnabled: aws.Bool(true),
		AttributeDefinitions: []dbtypes.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}, {AttributeName: aws.String("sk"), AttributeType: "S"}},
		KeySchema:            []dbtypes.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}, {AttributeName: aws.String("sk"), KeyType: "RANGE"}},
		StreamSpecification:  &dbtypes.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: "NEW_IMAGE"},
		SSESpecification:     &dbtypes.SSESpecification{Enabled: aws.Bool(true), SSEType: "KMS"},
	})
	must(s.t, err)
	s.stream = *out.TableDescription.LatestStreamArn
	s.recovery(true)
}

func (s *scene) recovery(on bool) {
	_, err := s.db.UpdateContinuousBackups(s.t.Context(), &dynamodb.UpdateContinuousBackupsInput{
		TableName: &s.name, PointInTimeRecoverySpecification: &dbtypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &on},
	})
	must(s.t, err)
}

func (s *scene) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + mototest.Region + ":" + mototest.Account + ":" + resource
}

func (s *scene) makeQueues() {
	for _, q := range []string{"intake-dlq", "work-dlq", "judge-dlq", "schedule-dlq", "collect-dlq", "intake", "work"} {
		attributes := map[string]string{}
		if !strings.HasSuffix(q, "-dlq") {
			attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"10"}`, s.arn("sqs", s.name+"-"+q+"-dlq"))
		}
		out, err := s.sqs.CreateQueue(s.t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(s.name + "-" + q), Attributes: attributes})
		must(s.t, err)
		s.queues[q] = *out.QueueUrl
	}
}

func (s *scene) makeBucket() {
	ctx := s.t.Context()
	_, err := s.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &s.name,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: mototest.Region}})
	must(s.t, err)
	s.versioning(s3types.BucketVersioningStatusEnabled)
	s.block(true)
	_, err = s.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: &s.name, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
		Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: "aws:kms"}}},
	}})
	must(s.t, err)
}

func (s *scene) versioning(status s3types.BucketVersioningStatus) {
	_, err := s.s3.PutBucketVersioning(s.t.Context(), &s3.PutBucketVersioningInput{Bucket: &s.name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: status}})
	must(s.t, err)
}

func (s *scene) block(policies bool) {
	_, err := s.s3.PutPublicAccessBlock(s.t.Context(), &s3.PutPublicAccessBlockInput{Bucket: &s.name, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
		BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: &policies, IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
	}})
	must(s.t, err)
}

func (s *scene) makeTopicAndKey() (topic string) {
	ctx := s.t.Context()
	key, err := s.kms.CreateKey(ctx, &kms.CreateKeyInput{})
	must(s.t, err)
	s.dataID = *key.KeyMetadata.KeyId
	_, err = s.kms.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/" + s.name + "-data"), TargetKeyId: &s.dataID})
	must(s.t, err)
	_, err = s.kms.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &s.dataID})
	must(s.t, err)
	out, err := s.sns.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String(s.name + "-notices"), Attributes: map[string]string{"KmsMasterKeyId": s.dataID}})
	must(s.t, err)
	_, err = s.sns.Subscribe(ctx, &sns.SubscribeInput{TopicArn: out.TopicArn, Protocol: aws.String("email"), Endpoint: aws.String("qa@example.com")})
	must(s.t, err)
	return *out.TopicArn
}

func (s *scene) makeRules() {
	_, err := s.events.CreateEventBus(s.t.Context(), &eventbridge.CreateEventBusInput{Name: &s.name})
	must(s.t, err)
	for _, r := range twoRules {
		s.rule(r, s.arn("sqs", s.name+"-intake"))
	}
}

func (s *scene) rule(r awshome.Rule, target string) {
	_, err := s.events.PutRule(s.t.Context(), &eventbridge.PutRuleInput{Name: &r.Name, EventBusName: &s.name, EventPattern: &r.Pattern, State: "ENABLED"})
	must(s.t, err)
	_, err = s.events.PutTargets(s.t.Context(), &eventbridge.PutTargetsInput{Rule: &r.Name, EventBusName: &s.name, Targets: []ebtypes.Target{{
		Id: aws.String("intake"), Arn: &target, InputTransformer: &ebtypes.InputTransformer{InputPathsMap: r.Paths, InputTemplate: &r.Template},
		DeadLetterConfig: &ebtypes.DeadLetterConfig{Arn: aws.String(s.arn("sqs", s.name+"-intake-dlq"))},
	}}})
	must(s.t, err)
}

func (s *scene) makeFunctions() {
	for _, f := range []string{"intake", "work", "judge", "specification", "schedule", "task"} {
		s.function(f, "bootstrap")
	}
	for f, source := range map[string]string{"intake": s.arn("sqs", s.name+"-intake"), "work": s.arn("sqs", s.name+"-work"), "judge": s.stream} {
		in := &lambda.CreateEventSourceMappingInput{FunctionName: aws.String(s.name + "-" + f), EventSourceArn: &source}
		if f == "judge" {
			in.StartingPosition = lambdatypes.EventSourcePositionTrimHorizon
		}
		_, err := s.lambda.CreateEventSourceMapping(s.t.Context(), in)
		must(s.t, err)
	}
}

func (s *scene) function(which, program string) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("bootstrap")
	must(s.t, err)
	_, err = w.Write([]byte(program))
	must(s.t, err)
	must(s.t, z.Close())
	_, err = s.lambda.CreateFunction(s.t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String(s.name + "-" + which), Role: &s.role, Runtime: lambdatypes.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Code:        &lambdatypes.FunctionCode{ZipFile: b.Bytes()},
		Environment: &lambdatypes.Environment{Variables: map[string]string{"EVERQUAL_FUNCTION": which, "EVERQUAL_HOME": "aws://" + s.name}},
	})
	must(s.t, err)
}

func (s *scene) makeMachines() {
	for _, m := range []string{"collect", "qualify"} {
		_, err := s.sfn.CreateStateMachine(s.t.Context(), &sfn.CreateStateMachineInput{
			Name: aws.String(s.name + "-" + m), RoleArn: &s.role, Definition: aws.String(`{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}`),
		})
		must(s.t, err)
	}
}

func (s *scene) makeAlarms(topic string) {
	for _, a := range strings.Fields(`intake-waits work-waits intake-dead-letters work-dead-letters judge-dead-letters schedule-dead-letters collect-dead-letters
		intake-errors work-errors judge-errors specification-errors schedule-errors task-errors
		intake-throttles work-throttles judge-throttles specification-throttles schedule-throttles task-throttles
		ledger-lag ledger-throttles collect-failed qualify-failed work-gave-up schedule-gave-up`) {
		_, err := s.alarms.PutMetricAlarm(s.t.Context(), &cloudwatch.PutMetricAlarmInput{
			AlarmName: aws.String(s.name + "-" + a), Namespace: aws.String("AWS/SQS"), MetricName: aws.String("Any"), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
			EvaluationPeriods: aws.Int32(1), Period: aws.Int32(300), Threshold: aws.Float64(0), Statistic: cwtypes.StatisticMaximum, AlarmActions: []string{topic}, ActionsEnabled: aws.Bool(true),
		})
		must(s.t, err)
	}
}

// schedule makes a schedule or changes it: EventBridge Scheduler has no client here.
func (s *scene) schedule(f *front, name, state string) {
	body := fmt.Sprintf(`{"GroupName":%q,"State":%q,"ScheduleExpression":"rate(1 hour)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"Arn":%q,"RoleArn":%q}}`,
		s.name, state, s.arn("lambda", "function:"+s.name+"-schedule"), s.role)
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		if s.scheduler(f, method, "/schedules/"+name, body) == http.StatusOK {
			return
		}
	}
	s.t.Fatalf("schedule %s was not made", name)
}

func (s *scene) scheduler(f *front, method, path, body string) (status int) {
	r, err := http.NewRequestWithContext(s.t.Context(), method, f.url+path, strings.NewReader(body))
	must(s.t, err)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAEVERQUALTEST0001/20261102/"+mototest.Region+"/scheduler/aws4_request, SignedHeaders=host, Signature=0")
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	must(s.t, err)
	must(s.t, response.Body.Close())
	return response.StatusCode
}
