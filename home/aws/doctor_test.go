package awshome_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource/mototest"
	awshome "github.com/everqual/everqual/home/aws"
)

// answering answers what moto cannot: a key of Ed25519. state is the key's.
func (f *front) answering(t *testing.T, state *string, refusing *string) (end func()) {
	return f.meeting(func(operation string, serve func(), w http.ResponseWriter, r *http.Request) {
		if refused(r, operation, *refusing) {
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
			w.WriteHeader(http.StatusForbidden)
			if operation == "" && r.Header.Get("Content-Type") != "application/json" && strings.Contains(r.Header.Get("Authorization"), "/s3/") {
				fmt.Fprint(w, `<Error><Code>AccessDenied</Code><Message>not you</Message></Error>`)
				return
			}
			fmt.Fprint(w, `{"__type":"AccessDeniedException","message":"not you","Message":"not you"}`)
			return
		}
		if operation != "TrentService.DescribeKey" {
			serve()
			return
		}
		b, err := io.ReadAll(r.Body)
		must(t, err)
		if !strings.Contains(string(b), keyARN) {
			r.Body = io.NopCloser(strings.NewReader(string(b)))
			serve()
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		must(t, json.NewEncoder(w).Encode(map[string]any{"KeyMetadata": map[string]any{
			"KeyId": "1", "Arn": keyARN, "KeyState": *state, "KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY",
		}}))
	})
}

// refused tells whether a test has this call refused: by its operation, or by
// method and part of the URL.
func refused(r *http.Request, operation, refusing string) bool {
	if refusing == "" {
		return false
	}
	return operation != "" && strings.HasSuffix(operation, "."+refusing) || strings.Contains(r.Method+" "+r.URL.RequestURI(), refusing)
}

// TestInspect looks at a healthy deployment, and at one with each fault.
func TestInspect(t *testing.T) {
	f := start(t, "")
	state, refusing := "Enabled", ""
	defer f.answering(t, &state, &refusing)()
	inspect := func(s *scene) map[string]everqual.Check {
		found := map[string]everqual.Check{}
		for _, c := range awshome.Inspect(context.Background(), s.name, twoRules, awshome.Options{}) {
			found[c.Name] = c
		}
		return found
	}
	healthy := f.deployAll(t)
	well := inspect(healthy)
	for name, c := range well {
		if c.Result != everqual.CheckOK && name != "topic" { // moto leaves subscriptions of people pending
			t.Errorf("healthy: %+v", c)
		}
	}
	if len(well) < 40 {
		t.Errorf("only %d checks", len(well))
	}
	for _, test := range faults {
		t.Run(test.name, func(t *testing.T) {
			s := f.deployAll(t)
			test.plant(f, s)
			found := inspect(s)[test.check]
			if found.Result != test.want || !strings.Contains(found.Seen+" "+found.Do, test.says) || found.Do == "" {
				t.Errorf("%s: %+v, want %s with %q", test.check, found, test.want, test.says)
			}
		})
	}
	t.Run("signing key disabled", func(t *testing.T) {
		state = "Disabled"
		if c := inspect(healthy)["signing key"]; c.Result != everqual.CheckFail {
			t.Errorf("%+v", c)
		}
		state = "Enabled"
	})
	for call, want := range map[string]struct{ check, action string }{
		"DescribeTable":                {"table", "dynamodb:DescribeTable"},
		"DescribeContinuousBackups":    {"table point-in-time recovery", "dynamodb:DescribeContinuousBackups"},
		"GetQueueAttributes":           {"work queue", "sqs:GetQueueAttributes"},
		"GetMetricStatistics":          {"intake queue age", "cloudwatch:GetMetricStatistics"},
		"DescribeAlarms":               {"alarms", "cloudwatch:DescribeAlarms"},
		"DescribeKey":                  {"signing key", "kms:DescribeKey"},
		"GetKeyRotationStatus":         {"encryption key", "kms:GetKeyRotationStatus"},
		"ListRules":                    {"event rules", "events:ListRules"},
		"ListTargetsByRule":            {"event targets", "events:ListTargetsByRule"},
		"DescribeStateMachine":         {"state machine collect", "states:DescribeStateMachine"},
		"GetParameter":                 {"parameter", "ssm:GetParameter"},
		"versioning":                   {"bucket versioning", "s3:GetBucketVersioning"},
		"publicAccessBlock":            {"bucket public access block", "s3:GetBucketPublicAccessBlock"},
		"encryption":                   {"bucket encryption", "s3:GetEncryptionConfiguration"},
		"object-lock":                  {"bucket object lock", "s3:GetBucketObjectLockConfiguration"},
		"/configuration":               {"function work", "lambda:GetFunctionConfiguration"},
		"GET /2015-03-31/event-source": {"function judge is woken", "lambda:ListEventSourceMappings"},
		"GET /schedules":               {"schedules", "scheduler:ListSchedules"},
	} {
		t.Run("may not "+want.action, func(t *testing.T) {
			refusing = call
			defer func() { refusing = "" }()
			c := inspect(healthy)[want.check]
			if c.Result != everqual.NotChecked || !strings.Contains(c.Do, want.action) {
				t.Errorf("%s: %+v", want.check, c)
			}
		})
	}
}

// fault is something wrong with a deployment, and the check that tells.
type fault struct {
	name  string
	plant func(f *front, s *scene)
	check string
	want  everqual.CheckResult
	says  string
}

var faults = []fault{
	{"no parameter", func(_ *front, s *scene) {
		_, err := s.ssm.DeleteParameter(s.t.Context(), &ssm.DeleteParameterInput{Name: aws.String("/everqual/" + s.name + "/home")})
		must(s.t, err)
	}, "parameter", everqual.CheckFail, "there is no parameter"},
	{"half a parameter", func(_ *front, s *scene) {
		_, err := s.ssm.PutParameter(s.t.Context(), &ssm.PutParameterInput{Name: aws.String("/everqual/" + s.name + "/home"), Value: aws.String(`{"table":"x"}`), Overwrite: aws.Bool(true)})
		must(s.t, err)
	}, "parameter", everqual.CheckFail, "queue_url"},
	{"no recovery", func(_ *front, s *scene) { s.recovery(false) }, "table point-in-time recovery", everqual.CheckFail, "DISABLED"},
	{"no deletion protection", func(_ *front, s *scene) {
		_, err := s.db.UpdateTable(s.t.Context(), &dynamodb.UpdateTableInput{TableName: &s.name, DeletionProtectionEnabled: aws.Bool(false)})
		must(s.t, err)
	}, "table deletion protection", everqual.CheckWarn, "false"},
	{"no stream", func(_ *front, s *scene) {
		_, err := s.db.UpdateTable(s.t.Context(), &dynamodb.UpdateTableInput{TableName: &s.name, StreamSpecification: &dbtypes.StreamSpecification{StreamEnabled: aws.Bool(false)}})
		must(s.t, err)
	}, "table stream", everqual.CheckFail, "none"},
	{"no table", func(_ *front, s *scene) {
		_, err := s.db.UpdateTable(s.t.Context(), &dynamodb.UpdateTableInput{TableName: &s.name, DeletionProtectionEnabled: aws.Bool(false)})
		must(s.t, err)
		_, err = s.db.DeleteTable(s.t.Context(), &dynamodb.DeleteTableInput{TableName: &s.name})
		must(s.t, err)
	}, "table", everqual.CheckFail, "not there"},
	{"dead letter in SQS", func(_ *front, s *scene) {
		_, err := s.sqs.SendMessage(s.t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(s.queues["judge-dlq"]), MessageBody: aws.String("x")})
		must(s.t, err)
	}, "judge dead-letter queue", everqual.CheckFail, "1 messages"},
	{"no redrive", func(_ *front, s *scene) {
		_, err := s.sqs.SetQueueAttributes(s.t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: aws.String(s.queues["intake"]), Attributes: map[string]string{"RedrivePolicy": ""}})
		must(s.t, err)
	}, "intake queue redrive", everqual.CheckFail, "redrive policy"},
	{"no intake queue", func(_ *front, s *scene) {
		_, err := s.sqs.DeleteQueue(s.t.Context(), &sqs.DeleteQueueInput{QueueUrl: aws.String(s.queues["intake"])})
		must(s.t, err)
	}, "intake queue", everqual.CheckFail, "not there"},
	{"old message", func(_ *front, s *scene) {
		_, err := s.alarms.PutMetricData(s.t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("AWS/SQS"), MetricData: []cwtypes.MetricDatum{{
			MetricName: aws.String("ApproximateAgeOfOldestMessage"), Value: aws.Float64(5000), Timestamp: aws.Time(time.Now().Add(-time.Minute)),
			Dimensions: []cwtypes.Dimension{{Name: aws.String("QueueName"), Value: aws.String(s.name + "-work")}},
		}}})
		must(s.t, err)
	}, "work queue age", everqual.CheckWarn, "1h23m20s"},
	{"versioning suspended", func(_ *front, s *scene) { s.versioning(s3types.BucketVersioningStatusSuspended) }, "bucket versioning", everqual.CheckFail, "Suspended"},
	{"public policy allowed", func(_ *front, s *scene) { s.block(false) }, "bucket public access block", everqual.CheckFail, "3 of 4"},
	{"encryption key disabled", func(_ *front, s *scene) {
		_, err := s.kms.DisableKey(s.t.Context(), &kms.DisableKeyInput{KeyId: &s.dataID})
		must(s.t, err)
	}, "encryption key", everqual.CheckFail, "Disabled"},
	{"rule missing", func(_ *front, s *scene) {
		_, err := s.events.RemoveTargets(s.t.Context(), &eventbridge.RemoveTargetsInput{Rule: aws.String("everqual-s3"), EventBusName: &s.name, Ids: []string{"intake"}})
		must(s.t, err)
		_, err = s.events.DeleteRule(s.t.Context(), &eventbridge.DeleteRuleInput{Name: aws.String("everqual-s3"), EventBusName: &s.name})
		must(s.t, err)
	}, "event rules", everqual.CheckFail, "everqual-s3"},
	{"rule disabled", func(_ *front, s *scene) {
		_, err := s.events.DisableRule(s.t.Context(), &eventbridge.DisableRuleInput{Name: aws.String("everqual-ec2"), EventBusName: &s.name})
		must(s.t, err)
	}, "event rules enabled", everqual.CheckFail, "everqual-ec2"},
	{"rule drifted", func(_ *front, s *scene) {
		drifted := twoRules[0]
		drifted.Pattern = `{"source":["aws.ec2"]}`
		s.rule(drifted, s.arn("sqs", s.name+"-intake"))
	}, "event patterns", everqual.CheckFail, "everqual-ec2"},
	{"rule sends elsewhere", func(_ *front, s *scene) { s.rule(twoRules[0], s.arn("sqs", s.name+"-work")) }, "event targets", everqual.CheckFail, "everqual-ec2"},
	{"other transformer", func(_ *front, s *scene) {
		drifted := twoRules[0]
		drifted.Template = `{"id":"x"}`
		s.rule(drifted, s.arn("sqs", s.name+"-intake"))
	}, "event transformers", everqual.CheckFail, "everqual-ec2"},
	{"rule left over", func(_ *front, s *scene) {
		s.rule(awshome.Rule{Name: "everqual-old", Pattern: `{"source":["aws.x"]}`, Template: `"x"`}, s.arn("sqs", s.name+"-intake"))
	}, "event rules left over", everqual.CheckWarn, "everqual-old"},
	{"function missing", func(_ *front, s *scene) {
		_, err := s.lambda.DeleteFunction(s.t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String(s.name + "-judge")})
		must(s.t, err)
	}, "function judge", everqual.CheckFail, "not there"},
	{"function of another home", func(_ *front, s *scene) {
		_, err := s.lambda.UpdateFunctionConfiguration(s.t.Context(), &lambda.UpdateFunctionConfigurationInput{FunctionName: aws.String(s.name + "-work"),
			Environment: &lambdatypes.Environment{Variables: map[string]string{"EVERQUAL_FUNCTION": "work", "EVERQUAL_HOME": "aws://other"}}})
		must(s.t, err)
	}, "function work", everqual.CheckFail, "aws://other"},
	{"another program", func(_ *front, s *scene) {
		_, err := s.lambda.DeleteFunction(s.t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String(s.name + "-task")})
		must(s.t, err)
		s.function("task", "older")
	}, "function program", everqual.CheckFail, "(task)"},
	{"mapping missing", func(_ *front, s *scene) {
		name := s.name + "-intake"
		out, err := s.lambda.ListEventSourceMappings(s.t.Context(), &lambda.ListEventSourceMappingsInput{FunctionName: &name})
		must(s.t, err)
		_, err = s.lambda.DeleteEventSourceMapping(s.t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: out.EventSourceMappings[0].UUID})
		must(s.t, err)
	}, "function intake is woken", everqual.CheckFail, "enable"},
	{"state machine missing", func(_ *front, s *scene) {
		arn := s.arn("states", "stateMachine:"+s.name+"-qualify")
		_, err := s.sfn.DeleteStateMachine(s.t.Context(), &sfn.DeleteStateMachineInput{StateMachineArn: &arn})
		must(s.t, err)
	}, "state machine qualify", everqual.CheckFail, "not there"},
	{"schedule disabled", func(f *front, s *scene) { s.schedule(f, "seal", "DISABLED") }, "schedules enabled", everqual.CheckFail, "seal"},
	{"alarm missing", func(_ *front, s *scene) {
		_, err := s.alarms.DeleteAlarms(s.t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{s.name + "-ledger-lag"}})
		must(s.t, err)
	}, "alarms", everqual.CheckFail, "ledger-lag"},
	{"alarm rings", func(_ *front, s *scene) {
		_, err := s.alarms.SetAlarmState(s.t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: aws.String(s.name + "-work-errors"), StateValue: cwtypes.StateValueAlarm, StateReason: aws.String("test")})
		must(s.t, err)
	}, "alarm states", everqual.CheckWarn, "work-errors"},
	{"alarm actions off", func(_ *front, s *scene) {
		_, err := s.alarms.DisableAlarmActions(s.t.Context(), &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{s.name + "-work-errors"}})
		must(s.t, err)
	}, "alarm actions", everqual.CheckFail, "work-errors"},
}

// TestCredentials holds this machine's clock against the server's, which stands at
// another time until it is set.
func TestCredentials(t *testing.T) {
	moto := mototest.Start(t)
	result := func(name string) everqual.Check {
		all := awshome.Credentials(context.Background())
		i := slices.IndexFunc(all, func(c everqual.Check) bool { return c.Name == name })
		if i < 0 {
			t.Fatalf("no check of %s in %+v", name, all)
		}
		return all[i]
	}
	if c := result("clock against AWS"); c.Result != everqual.CheckFail {
		t.Errorf("a wrong clock: %+v", c)
	}
	moto.Clock(t, time.Now())
	for _, name := range []string{"credentials", "clock against AWS"} {
		if c := result(name); c.Result != everqual.CheckOK {
			t.Errorf("%+v", c)
		}
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	if c := result("credentials"); c.Result != everqual.NotChecked {
		t.Errorf("without credentials: %+v", c)
	}
	t.Setenv("AWS_REGION", "")
	if c := result("credentials"); c.Result != everqual.NotChecked {
		t.Errorf("without a region: %+v", c)
	}
}

// TestUnasked: nothing is said against a home that nobody could ask about.
func TestUnasked(t *testing.T) {
	for _, c := range []struct{ name, variable, value, says string }{
		{"no region", "AWS_REGION", "", "credentials"},
		{"no credentials", "AWS_ACCESS_KEY_ID", "", "credentials"},
		{"nobody answers", "AWS_ENDPOINT_URL", "http://127.0.0.1:1", "reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range map[string]string{
				"AWS_REGION": mototest.Region, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true",
				"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1", "AWS_PROFILE": "", "AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", c.variable: c.value,
			} {
				t.Setenv(name, value)
			}
			checks := awshome.Inspect(context.Background(), "prod", nil, awshome.Options{})
			if len(checks) != 1 || checks[0].Result != everqual.NotChecked || !strings.Contains(checks[0].Do, c.says) {
				t.Errorf("%+v, want it not checked, with %q", checks, c.says)
			}
		})
	}
}
