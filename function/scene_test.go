package function_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/function"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/home/hometest"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rules"
	"github.com/everqual/everqual/specification"
)

const (
	account = "111122223333"
	queue   = "arn:aws:sqs:eu-central-1:111122223333:everqual-intake"
)

var morning = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// cloud is an account with instances of one kind, as a Describer sees it.
type cloud struct {
	mu    sync.Mutex
	kind  string
	calls int
	fail  error
}

func (c *cloud) Describes(t string) bool { return t == "AWS::EC2::Instance" }

func (c *cloud) Caller(context.Context, string, string) (everqual.Caller, error) {
	return everqual.Caller{ARN: "arn:aws:iam::111122223333:role/everqual", Account: account}, nil
}

func (c *cloud) Describe(context.Context, everqual.Resource) (collect.Description, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	tags := []any{map[string]any{"Key": "System", "Value": "LIMS"}}
	return collect.Description{State: everqual.Present, Collector: "test/1",
		Attributes: everqual.Attributes{"InstanceType": c.kind, "Tags": tags}}, c.fail
}

// post keeps notices.
type post struct {
	mu      sync.Mutex
	notices []flow.Notice
}

func (p *post) Notify(_ context.Context, n flow.Notice) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notices = append(p.notices, n)
	return nil
}

const specText = `{
  "id": "APP", "version": "1.0", "title": "Servers", "system": "LIMS",
  "approval": {"by": "Q. Unit", "role": "QA", "at": "2026-10-01T00:00:00Z"},
  "applies": {"type": "AWS::EC2::Instance"},
  "test_cases": [{"id": "APP-01", "title": "Instance type", "attribute": "InstanceType", "expect": "m5.large", "risk": "high"}]
}`

const systemText = `{"id": "LIMS", "title": "LIMS", "scope": {"tags": {"System": "LIMS"}}}`

// scene is a host in an embedded home.
type scene struct {
	*flow.Corridor
	host    *function.Host
	t       *testing.T
	cloud   *cloud
	post    *post
	clock   *hometest.Clock
	spec    string
	system  string
	metrics bytes.Buffer
	n       int
}

func newScene(t *testing.T) *scene {
	s := &scene{t: t, cloud: &cloud{kind: "m5.large"}, post: &post{}, clock: hometest.NewClock(morning), spec: specText, system: systemText}
	home, err := embedded.Open(t.TempDir(), embedded.Options{Clock: s.clock, Notify: s.post})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { home.Close() })
	set, err := rule.Load(rules.Files)
	if err != nil {
		t.Fatal(err)
	}
	settings := flow.DefaultSettings()
	settings.Jitter = func() float64 { return 0 }
	home.Queue = &ringing{Queue: home.Queue}
	s.Corridor = &flow.Corridor{Home: home, Rules: set, Settings: settings,
		Log: slog.New(slog.DiscardHandler), Collector: collect.New(s.cloud, s.clock.Now)}
	s.Library, err = s.readLibrary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.host = &function.Host{
		Home: "test", Now: s.clock.Now, Log: slog.New(slog.DiscardHandler), Metrics: &s.metrics, Library: s.readLibrary,
		Open: func(ctx context.Context) (*flow.Corridor, error) { return s.Corridor, s.Register(ctx) },
	}
	return s
}

func (s *scene) readLibrary(context.Context) (*specification.Library, error) {
	l, problems := specification.Load(fstest.MapFS{
		"system.json": {Data: []byte(s.system)},
		"app.json":    {Data: []byte(s.spec)},
	}, "")
	if len(problems) > 0 {
		return nil, errors.New(problems[0].Error())
	}
	return l, nil
}

// ringing is a queue that can be asked for a message by its name, and fails
// where it is told to.
type ringing struct {
	flow.Queue
	refuse string // what Send refuses, by the subject
	why    error
	stuck  string // what Delete refuses, by the ID
}

func (q *ringing) Take(ctx context.Context, id string, visibility time.Duration) (d flow.Delivery, ok bool, err error) {
	due, err := q.Receive(ctx, 1000, visibility)
	for _, one := range due {
		if one.ID == id {
			d, ok = one, true
		} else if err == nil {
			err = q.Postpone(ctx, one, one.NotBefore)
		}
	}
	return d, ok, err
}

func (q *ringing) Send(ctx context.Context, messages ...flow.Message) error {
	for _, m := range messages {
		if q.refuse != "" && strings.Contains(m.Subject, q.refuse) {
			return q.why
		}
	}
	return q.Queue.Send(ctx, messages...)
}

func (q *ringing) Delete(ctx context.Context, d flow.Delivery) error {
	if d.ID == q.stuck {
		return errors.New("the table is throttled")
	}
	return q.Queue.Delete(ctx, d)
}

func (s *scene) ring() *ringing { return s.Queue.(*ringing) }

// invoke runs a function and returns its reply as JSON.
func (s *scene) invoke(name, payload string) (string, error) {
	s.n++
	s.host.Name = name
	reply, err := s.host.Invoke(s.t.Context(), function.Invocation{ID: fmt.Sprint("request-", s.n), Payload: json.RawMessage(payload)})
	b, e := json.Marshal(reply)
	if e != nil {
		s.t.Fatal(e)
	}
	return string(b), err
}

// replies is invoke where nothing may fail.
func (s *scene) replies(name, payload, want string) {
	s.t.Helper()
	got, err := s.invoke(name, payload)
	if err != nil || got != want {
		s.t.Errorf("%s replied %s, %v; want %s", name, got, err, want)
	}
}

// batch is an SQS batch of these bodies, as m0, m1, ...
func batch(bodies ...string) string {
	var records []map[string]any
	for i, body := range bodies {
		records = append(records, map[string]any{"messageId": fmt.Sprint("m", i), "body": body, "eventSourceARN": queue,
			"attributes": map[string]string{"SentTimestamp": fmt.Sprint(morning.Add(-90 * time.Second).UnixMilli())}})
	}
	b, _ := json.Marshal(map[string]any{"Records": records})
	return string(b)
}

const none = `{"batchItemFailures":[]}`

func failed(items ...string) string {
	var list []string
	for _, i := range items {
		list = append(list, fmt.Sprintf(`{"itemIdentifier":%q}`, i))
	}
	return `{"batchItemFailures":[` + strings.Join(list, ",") + `]}`
}

func arn(instance string) string {
	return "arn:aws:ec2:eu-central-1:111122223333:instance/" + instance
}

// modified is a change of an instance as EventBridge delivers it.
func modified(id, instance string) string {
	return fmt.Sprintf(`{"version":"0","id":"x","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":%q,"time":%q,
		"region":"eu-central-1","resources":[],"detail":{"eventVersion":"1.11","eventSource":"ec2.amazonaws.com","eventName":"ModifyInstanceAttribute",
		"eventID":%q,"eventTime":%[2]q,"awsRegion":"eu-central-1","recipientAccountId":%[1]q,"readOnly":false,"requestParameters":{"instanceId":%[4]q}}}`,
		account, morning.Format(time.RFC3339), id, instance)
}

func inSNS(message string) string {
	b, _ := json.Marshal(map[string]string{"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:eu-central-1:111122223333:events", "Message": message})
	return string(b)
}

// bodies are the records of a kind, decoded.
func bodies[T any](s *scene, kind everqual.Kind) (all []T) {
	s.t.Helper()
	for d, err := range ledger.Bodies[T](s.t.Context(), s.Ledger, ledger.Query{Kind: kind}) {
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, d.Body)
	}
	return all
}

func (s *scene) pending() int {
	s.t.Helper()
	n, _, err := s.Queue.Pending(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// bucket is an archive that opens these objects.
type bucket struct {
	flow.Archive
	objects map[string]io.Reader
}

var _ flow.Opener = bucket{}
