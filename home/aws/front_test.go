package awshome_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
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
	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
)

// front is what all clients talk to. It passes DynamoDB's calls to one server and
// the others to moto, and lets a test answer some itself.
type front struct {
	url  string
	moto mototest.Server // without one, another server stands for it
	// meet may answer a call instead of the server, or after it: operation is the
	// X-Amz-Target, which S3 has not.
	meet atomic.Pointer[func(operation string, serve func(), w http.ResponseWriter, r *http.Request)]
	made atomic.Int64
}

// start starts moto and, in front of it, a front. DynamoDB's calls go to the server
// at dynamo; empty: moto answers them too, one by one, because its transactions
// are not safe from each other.
func start(t *testing.T, dynamo string) *front {
	t.Helper()
	moto := mototest.Start(t)
	rest := mototest.Locks(proxy(t, moto.URL))
	db := proxy(t, dynamo)
	if dynamo == "" {
		db = oneByOne(rest)
	}
	f := newFront(t, rest, db)
	f.moto = moto
	return f
}

func oneByOne(h http.Handler) http.Handler {
	var one sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one.Lock()
		defer one.Unlock()
		h.ServeHTTP(w, r)
	})
}

func newFront(t *testing.T, rest, db http.Handler) *front {
	t.Helper()
	f := &front{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		operation, handler := r.Header.Get("X-Amz-Target"), rest
		if strings.HasPrefix(operation, "DynamoDB_") {
			handler = db
		}
		serve := func() { handler.ServeHTTP(w, r) }
		if meet := f.meet.Load(); meet != nil {
			(*meet)(operation, serve, w, r)
			return
		}
		serve()
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	t.Setenv("AWS_ENDPOINT_URL", f.url)
	return f
}

func proxy(t *testing.T, to string) http.Handler {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	p := httputil.NewSingleHostReverseProxy(u)
	p.Transport = &http.Transport{MaxIdleConnsPerHost: 32}
	return p
}

// meeting has calls meet something until the returned function is called.
func (f *front) meeting(meet func(operation string, serve func(), w http.ResponseWriter, r *http.Request)) (end func()) {
	f.meet.Store(&meet)
	return func() { f.meet.Store(nil) }
}

// refuse answers as AWS's JSON services answer an error.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":%q}`, code, message)
}

// deploy makes what a home consists of, as a deployment does, and returns its name.
func (f *front) deploy(t testing.TB) string {
	t.Helper()
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	must(t, err)
	name := fmt.Sprintf("home-%d", f.made.Add(1))
	_, err = dynamodb.NewFromConfig(cfg).CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: dbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dbtypes.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}, {AttributeName: aws.String("sk"), AttributeType: "S"}},
		KeySchema:            []dbtypes.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}, {AttributeName: aws.String("sk"), KeyType: "RANGE"}},
	})
	must(t, err)
	_, err = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: &name, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: mototest.Region},
	})
	must(t, err)
	q, err := sqs.NewFromConfig(cfg).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	must(t, err)
	topic, err := sns.NewFromConfig(cfg).CreateTopic(ctx, &sns.CreateTopicInput{Name: &name})
	must(t, err)
	value, err := json.Marshal(awshome.Config{Table: name, QueueURL: *q.QueueUrl, Bucket: name, TopicARN: *topic.TopicArn})
	must(t, err)
	_, err = ssm.NewFromConfig(cfg).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String("/everqual/" + name + "/home"), Value: aws.String(string(value)), Type: "String",
	})
	must(t, err)
	return name
}

// open deploys a home and opens it.
func (f *front) open(t testing.TB, clock flow.Clock) flow.Home {
	t.Helper()
	h, err := awshome.Open(context.Background(), f.deploy(t), awshome.Options{Clock: clock})
	must(t, err)
	t.Cleanup(func() { must(t, h.Close()) })
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
