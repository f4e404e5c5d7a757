package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/everqual/everqual/collect/awsresource/mototest"
)

// TestHomeOnAWS runs the corridor in a home on AWS: what a deployment makes is
// there, the specifications lie in its bucket.
func TestHomeOnAWS(t *testing.T) {
	w := newWorkload(t)
	w.deployHome("web")
	w.heard("rds", "CreateDBInstance", "deployer", `{"dBInstanceIdentifier":"web-db"}`, `{"dBInstanceIdentifier":"web-db"}`)
	w.heard("s3", "CreateBucket", "deployer", `{"bucketName":"web-data"}`, "null")
	logs, spans := filepath.Join(w.dir, "logs"), w.collector()
	for _, test := range []struct {
		want string
		args []string
	}{
		{"Events 2 from 2 files", []string{"run", "--from", logs, "--settle", "0s", "--debounce", "0s"}},
		{"3 PASS", []string{"status", "--check"}},
		{"CreateDBInstance", []string{"events"}},
		{"WEB-DB", []string{"spec", "list"}},
	} {
		if out, err := w.onAWS("web", test.args...); err != nil || !strings.Contains(out, test.want) {
			t.Errorf("everqual %s: %v, want %q in\n%s", strings.Join(test.args, " "), err, test.want, out)
		}
	}
	w.homeTraced(spans())
	for _, test := range []struct {
		home, want string
		args       []string
	}{
		{"web", "no key_id", []string{"verify"}},
		{"absent", "there is no parameter /everqual/absent/home", []string{"status"}},
		{"absent", "there is no parameter /everqual/absent/home", []string{"run", "--from", logs}},
		{"web", "name a new one with --home", []string{"import", "bundle.tar"}},
	} {
		if out, err := w.onAWS(test.home, test.args...); err == nil || !strings.Contains(out, test.want) {
			t.Errorf("everqual %s: %v, want %q in\n%s", strings.Join(test.args, " "), err, test.want, out)
		}
	}
	if _, err := os.Stat("aws:"); err == nil {
		t.Error("a folder was made of the name")
	}
}

func (w *workload) onAWS(home string, args ...string) (out string, err error) {
	cmd := exec.CommandContext(w.t.Context(), os.Args[0], append(args, "--home", "aws://"+home)...)
	cmd.Env = append(os.Environ(), "EVERQUAL_BE_MAIN=1")
	b, err := cmd.CombinedOutput()
	return string(b), err
}

// deployHome makes what the home consists of, with specifications.
func (w *workload) deployHome(name string) {
	w.deployEmpty(name, "")
	bucket := name + "-home"
	for key, text := range map[string]string{
		"specs/system.json": `{"id": "WEB", "title": "Web shop", "scope": {"tags": {"System": "WEB"}}}`,
		"specs/db.json":     e2eDatabase, "specs/bucket.json": e2eBucket,
	} {
		must(w.s3.PutObject(w.t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(text)}))(w.t)
	}
}

// homeTraced finds what the home asked AWS for in the steps that it was for.
func (w *workload) homeTraced(spans []tracedSpan) {
	named := map[string]string{}
	for _, s := range spans {
		named[s.SpanID] = s.Name
	}
	below := map[string]bool{}
	for _, s := range spans {
		below[named[s.ParentSpanID]+" > "+s.Name] = true
	}
	for _, want := range []string{"append observation > dynamodb/TransactWriteItems", "append > dynamodb/TransactWriteItems", "work observe > s3/PutObject"} {
		if !below[want] {
			w.t.Errorf("no span is %q; there are %v", want, slices.Sorted(maps.Keys(below)))
		}
	}
}

// deployEmpty makes what the home consists of, with a key where one is named.
func (w *workload) deployEmpty(name, key string) {
	t, ctx := w.t, w.t.Context()
	cfg := must(config.LoadDefaultConfig(ctx))(t)
	must(dynamodb.NewFromConfig(cfg).CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: dbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dbtypes.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}, {AttributeName: aws.String("sk"), AttributeType: "S"}},
		KeySchema:            []dbtypes.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}, {AttributeName: aws.String("sk"), KeyType: "RANGE"}},
	}))(t)
	bucket := name + "-home"
	must(w.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket, ObjectLockEnabledForBucket: aws.Bool(true), // and so versions
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: mototest.Region}}))(t)
	queue := must(sqs.NewFromConfig(cfg).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name}))(t)
	topic := must(sns.NewFromConfig(cfg).CreateTopic(ctx, &sns.CreateTopicInput{Name: &name}))(t)
	must(ssm.NewFromConfig(cfg).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String("/everqual/" + name + "/home"), Type: "String",
		Value: aws.String(fmt.Sprintf(`{"table":%q,"queue_url":%q,"bucket":%q,"topic_arn":%q,"key_id":%q}`, name, *queue.QueueUrl, bucket, *topic.TopicArn, key)),
	}))(t)
}
