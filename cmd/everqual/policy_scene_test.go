package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource/mototest"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/function"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/ledger"
)

const (
	adminKey    = "AKIAEVERQUALTEST0001"
	collector   = "home-collector"
	trailBucket = "trail-logs"
)

// scene is a tooling account with one home for each role, and a member account
// with a queue that changes.
type scene struct {
	*testing.T
	moto   mototest.Server
	gate   *gate
	user   *types.AccessKey // of the one whose permissions are checked
	admin  *types.AccessKey
	iam    *iam.Client
	member string
	queues *sqs.Client // of the member
	url    string      // of its queue

	name    string // of the home
	config  awshome.Config
	home    flow.Home // as an administrator
	clients struct {
		s3  *s3.Client
		cfg aws.Config
	}
	n      int    // changes so far
	event  string // the one that intake is to take
	change everqual.ResourceID
}

func newStage(t *testing.T) *scene {
	s := &scene{T: t, moto: mototest.Start(t)}
	ctx := t.Context()
	s.moto.Clock(t, time.Now()) // STS says when credentials expire
	s.gate = newGate(t, s.moto.URL)
	cfg := must(config.LoadDefaultConfig(ctx))(t)
	s.iam = iam.NewFromConfig(cfg)
	s.user, s.admin = s.keyOf("everqual"), s.keyOf("admin")
	s.gate.key, s.gate.admin = *s.user.AccessKeyId, *s.admin.AccessKeyId
	org := organizations.NewFromConfig(cfg)
	must(org.CreateOrganization(ctx, &organizations.CreateOrganizationInput{}))(t)
	made := must(org.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("member"), Email: aws.String("m@example.com")}))(t)
	s.member = *made.CreateAccountStatus.AccountId
	s.gate.member, s.queues = s.member, sqs.NewFromConfig(cfg)
	s.url = *must(s.queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("orders"), Tags: map[string]string{"System": "WEB"}}))(t).QueueUrl
	s.change = everqual.ResourceID("arn:aws:sqs:" + mototest.Region + ":" + s.member + ":orders")
	s.clients.cfg = cfg
	s.clients.cfg.BaseEndpoint = &s.gate.url
	s.clients.cfg.Credentials = credentials.NewStaticCredentialsProvider(*s.admin.AccessKeyId, *s.admin.SecretAccessKey, "")
	s.clients.s3 = s3.NewFromConfig(s.clients.cfg, func(o *s3.Options) { o.UsePathStyle = true })
	must(s.clients.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(trailBucket),
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: mototest.Region}}))(t)
	t.Setenv("AWS_ENDPOINT_URL", s.gate.url)
	return s
}

// keyOf makes a user who may do everything, and a key.
func (s *scene) keyOf(user string) *types.AccessKey {
	must(s.iam.CreateUser(s.Context(), &iam.CreateUserInput{UserName: &user}))(s.T)
	s.allow(user, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	return must(s.iam.CreateAccessKey(s.Context(), &iam.CreateAccessKeyInput{UserName: &user}))(s.T).AccessKey
}

func (s *scene) allow(user, document string) {
	must(s.iam.PutUserPolicy(s.Context(), &iam.PutUserPolicyInput{UserName: &user, PolicyName: aws.String("all"), PolicyDocument: &document}))(s.T)
}

// deploy makes a home of its own for a role, so that its table stays small.
func (s *scene) deploy(role string) {
	ctx := s.Context()
	s.name, s.n = "home-"+role, 0
	cfg := s.clients.cfg
	must(dynamodb.NewFromConfig(cfg).CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &s.name, BillingMode: dbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dbtypes.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}, {AttributeName: aws.String("sk"), AttributeType: "S"}},
		KeySchema:            []dbtypes.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}, {AttributeName: aws.String("sk"), KeyType: "RANGE"}},
	}))(s.T)
	must(s.clients.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &s.name, ObjectLockEnabledForBucket: aws.Bool(true),
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: mototest.Region}}))(s.T)
	queue := must(sqs.NewFromConfig(cfg).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &s.name}))(s.T)
	topic := must(sns.NewFromConfig(cfg).CreateTopic(ctx, &sns.CreateTopicInput{Name: &s.name}))(s.T)
	s.config = awshome.Config{Table: s.name, QueueURL: *queue.QueueUrl, Bucket: s.name, TopicARN: *topic.TopicArn,
		KeyID: "arn:aws:kms:" + mototest.Region + ":" + mototest.Account + ":key/ledger"}
	value, err := json.Marshal(s.config)
	must(ssm.NewFromConfig(cfg).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String("/everqual/" + s.name + "/home"), Type: "String", Value: aws.String(string(value))}))(s.T)
	rules, err2 := os.ReadFile("../../rules/sqs.json")
	if err != nil || err2 != nil {
		s.Fatal(err, err2)
	}
	s.put(s.name, "rules/sqs.json", string(rules))
	s.put(s.name, "specs/system.json", `{"id": "WEB", "title": "Web shop", "scope": {"tags": {"System": "WEB"}}}`)
	s.specify()
	s.home = must(awshome.Open(ctx, s.name, awshome.Options{Config: &s.config, AWS: &s.clients.cfg}))(s.T)
	s.as(s.admin)
	if said := s.command("run"); wrong(said) != "" { // uses the specification, as who came before did
		s.Fatal(said)
	}
}

func (s *scene) put(bucket, key, text string) {
	s.Helper()
	must(s.clients.s3.PutObject(s.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(text)}))(s.T)
}

// specify writes the next version of the specification. No queue ever meets it.
func (s *scene) specify() {
	s.n++
	s.put(s.name, "specs/queue.json", fmt.Sprintf(`{"id": "WEB-Q", "version": "1.%d", "title": "Queues", "system": "WEB",
		"approval": {"by": "Q. Unit", "role": "QA", "at": "2020-01-01"}, "applies": {"type": "AWS::SQS::Queue"},
		"test_cases": [{"id": "Q-01", "title": "Visibility", "attribute": "VisibilityTimeout", "expect": "%d", "risk": "high"}]}`, s.n, 1000+s.n))
}

// altered changes the queue, and returns the event.
func (s *scene) altered() string {
	s.n++
	must(s.queues.TagQueue(s.Context(), &sqs.TagQueueInput{QueueUrl: &s.url, Tags: map[string]string{"Change": fmt.Sprint(s.name, s.n)}}))(s.T)
	return fmt.Sprintf(`{"version":"0","id":"x","detail-type":"AWS API Call via CloudTrail","source":"aws.sqs","account":%[1]q,"time":%[2]q,
		"region":%[3]q,"resources":[],"detail":{"eventVersion":"1.11","eventSource":"sqs.amazonaws.com","eventName":"SetQueueAttributes",
		"eventID":"%[4]s-%[5]d","eventTime":%[2]q,"awsRegion":%[3]q,"recipientAccountId":%[1]q,"readOnly":false,
		"requestParameters":{"queueUrl":"https://sqs.%[3]s.amazonaws.com/%[1]s/orders"}}}`,
		s.member, time.Now().UTC().Format(time.RFC3339), mototest.Region, s.name, s.n)
}

// as is the program with this home, and with the key of whoever is to act.
func (s *scene) as(key *types.AccessKey) *app {
	s.moto.Use(s.T, *key.AccessKeyId, *key.SecretAccessKey)
	return &app{home: "aws://" + s.name, output: "text"}
}

func liveSettings() *live {
	var l live
	l.settings = flow.DefaultSettings()
	l.settings.Settle, l.settings.Debounce, l.settings.MaxAttempts = 0, 0, 1000
	l.aws.Member.Name, l.aws.Member.Session, l.aws.MaxAttempts = collector, "everqual", 1
	return &l
}

// runs is a function, and what it said.
type runs struct {
	*function.Host
	s     *scene
	log   bytes.Buffer
	stop  context.CancelFunc
	calls int
}

// Write keeps what the function logs. What goes wrong ends the invocation: a function
// tries again and again, until its deadline.
func (f *runs) Write(b []byte) (int, error) {
	f.stop()
	return f.log.Write(b)
}

func (s *scene) function(a *app, name string) *runs {
	f := &runs{Host: a.host(name, liveSettings()), s: s}
	f.Log, f.Metrics = slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelWarn})), io.Discard
	return f
}

func (f *runs) invoke(payload string) (reply string) {
	f.calls++
	ctx, stop := context.WithCancel(f.s.Context())
	defer stop()
	f.stop = stop
	out, err := f.Invoke(ctx, function.Invocation{ID: fmt.Sprint(f.s.name, f.s.n, f.calls), Payload: json.RawMessage(payload)})
	if err != nil {
		fmt.Fprintln(&f.log, err)
	}
	b, _ := json.Marshal(out)
	return string(b)
}

// heard has an administrator take a change in.
func (s *scene) heard() {
	f := s.function(s.as(s.admin), "intake")
	if f.invoke(sqsBatch(s.altered())); f.log.Len() > 0 {
		s.Fatal(&f.log)
	}
	s.hurry()
}

// waiting are the names of the messages that are due, as SQS brings them.
func (s *scene) waiting() (names []string) {
	out := must(dynamodb.NewFromConfig(s.clients.cfg).Scan(s.Context(), &dynamodb.ScanInput{TableName: &s.name,
		FilterExpression: aws.String("begins_with(pk, :m)"), ExpressionAttributeValues: map[string]dbtypes.AttributeValue{":m": &dbtypes.AttributeValueMemberS{Value: "message#"}}}))(s.T)
	for _, i := range out.Items {
		name, _ := json.Marshal(map[string]string{"id": i["id"].(*dbtypes.AttributeValueMemberS).Value})
		names = append(names, string(name))
	}
	return names
}

type ahead struct{ flow.Clock }

func (ahead) Now() time.Time { return time.Now().Add(time.Hour) }

// hurry makes everything due that was put off.
func (s *scene) hurry() {
	h := must(awshome.Open(s.Context(), s.name, awshome.Options{Config: &s.config, AWS: &s.clients.cfg, Clock: ahead{}}))(s.T)
	for _, d := range must(h.Queue.Receive(s.Context(), 100, time.Second))(s.T) {
		if err := h.Queue.Postpone(s.Context(), d, time.Now().Add(-time.Second)); err != nil {
			s.Fatal(err)
		}
	}
}

// counted are the records of each kind, and the messages that wait.
func (s *scene) counted() map[string]int {
	n := map[string]int{"waiting": len(s.waiting())}
	for r, err := range s.home.Ledger.Records(s.Context(), ledger.Query{}) {
		if err != nil {
			s.Fatal(err)
		}
		n[string(r.Kind)]++
	}
	return n
}

// captured runs something and returns what it wrote to the standard streams, and
// its error. What it wrote so far is there meanwhile.
func (s *scene) captured(do func(sofar func() string) error) string {
	file := must(os.Create(filepath.Join(s.TempDir(), "said")))(s.T)
	sofar := func() string { return string(must(os.ReadFile(file.Name()))(s.T)) }
	out, errs := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = file, file
	err := do(sofar)
	os.Stdout, os.Stderr = out, errs
	_ = file.Close()
	if err != nil {
		return sofar() + "level=ERROR " + err.Error()
	}
	return sofar()
}

// command runs the program in this process.
func (s *scene) command(args ...string) string {
	return s.captured(func(func() string) error {
		root := newRoot()
		root.SetArgs(append(args, "--home", "aws://"+s.name))
		root.SetOut(os.Stdout)
		return root.ExecuteContext(s.Context())
	})
}

// observedOnly has an administrator observe the queue and judge nothing.
func (s *scene) observedOnly() {
	s.altered()
	a := s.as(s.admin)
	a.specs = filepath.Dir(write(s.T, "system.json", `{"id": "WEB", "title": "Web shop", "scope": {"tags": {"System": "WEB"}}}`))
	f := s.function(a, "task")
	if f.invoke(fmt.Sprintf(`{"do":"observe","resource":{"id":%q}}`, s.change)); f.log.Len() > 0 {
		s.Fatal(&f.log)
	}
}

func write(t *testing.T, name, text string) string {
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// buried makes two dead letters; of the first one a message waits too.
func (s *scene) buried() []string {
	s.n++
	ctx := s.Context()
	ids := []string{fmt.Sprint("test-a-", s.n), fmt.Sprint("test-b-", s.n)}
	now := time.Now()
	send := func(id string) {
		if err := s.home.Queue.Send(ctx, flow.Message{ID: id, Kind: "test", Subject: id, Body: json.RawMessage("{}"), SentAt: now, NotBefore: now.Add(-time.Second)}); err != nil {
			s.Fatal(err)
		}
	}
	for _, id := range ids {
		send(id)
	}
	for _, d := range must(s.home.Queue.Receive(ctx, 1000, time.Minute))(s.T) {
		if !slices.Contains(ids, d.ID) {
			continue
		}
		if err := s.home.Queue.Bury(ctx, d, everqual.DeadLetter{Cause: "test", FailedAt: now}); err != nil {
			s.Fatal(err)
		}
	}
	send(ids[0])
	return ids
}

type behind struct{ flow.Clock }

func (behind) Now() time.Time { return time.Now().AddDate(0, 0, -2) }

// expired archives what a confirmation of two days ago rests on, for which the term is
// a day.
func (s *scene) expired() {
	s.n++
	ctx := s.Context()
	h := must(awshome.Open(ctx, s.name, awshome.Options{Config: &s.config, AWS: &s.clients.cfg, Clock: behind{}}))(s.T)
	b := fmt.Appendf(nil, `{"exchanges":[],"of":%d}`, s.n)
	d := everqual.DigestOf(b)
	check(s.T, h.Archive.Put(ctx, d, b))
	_, _, err := h.Ledger.Append(ctx, ledger.Entry{Kind: everqual.KindConfirmation, Key: string("expired:" + d), Subjects: []string{"x"}, Body: everqual.Confirmation{Evidence: d}},
		ledger.Entry{Kind: everqual.KindRetention, Key: string("term:" + d), Subjects: []string{"retention"}, Body: everqual.Retention{Kind: everqual.KindConfirmation, Keep: "1d"}})
	check(s.T, err)
}

// allDisposed finds nothing that was to be deleted.
func (s *scene) allDisposed() {
	s.Helper()
	c := &flow.Corridor{Home: s.home}
	r := must(c.Retained(s.Context()))(s.T)
	if gone := must(c.Disposed(s.Context()))(s.T); len(r.Expired) > 0 || len(gone) == 0 {
		s.Errorf("of what has expired %d blobs are there; %d went", len(r.Expired), len(gone))
	}
}
