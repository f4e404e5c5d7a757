package hometest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rules"
	"github.com/everqual/everqual/specification"
)

const (
	account  = "111122223333"
	region   = "eu-central-1"
	instance = everqual.ResourceID("arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef0")
)

var morning = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// aws is an account with a few resources, as a Describer sees it.
type aws struct {
	mu        sync.Mutex
	resources map[everqual.ResourceID]collect.Description
	calls     int
	onCall    func()
}

func (a *aws) Describes(resourceType string) bool { return resourceType == "AWS::EC2::Instance" }

func (a *aws) Caller(context.Context, string, string) (everqual.Caller, error) {
	return everqual.Caller{ARN: "arn:aws:iam::111122223333:role/everqual", Account: account}, nil
}

func (a *aws) Describe(ctx context.Context, r everqual.Resource) (collect.Description, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls++
	if a.onCall != nil {
		a.onCall()
	}
	if err := ctx.Err(); err != nil {
		return collect.Description{}, err
	}
	if d, ok := a.resources[r.ID]; ok {
		d.Attributes = maps.Clone(d.Attributes)
		return d, nil
	}
	return collect.Description{State: everqual.Deleted, Collector: "test/1"}, nil
}

func (a *aws) set(id everqual.ResourceID, kind string, tags map[string]string) {
	list := []any{}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, map[string]any{"Key": k, "Value": tags[k]})
	}
	a.put(id, collect.Description{State: everqual.Present, Collector: "test/1",
		Attributes: everqual.Attributes{"InstanceType": kind, "Tags": list}})
}

func (a *aws) put(id everqual.ResourceID, d collect.Description) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.resources == nil {
		a.resources = map[everqual.ResourceID]collect.Description{}
	}
	a.resources[id] = d
}

// postbox keeps notices, or fails.
type postbox struct {
	mu      sync.Mutex
	notices []flow.Notice
	err     error
}

func (p *postbox) Notify(_ context.Context, n flow.Notice) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.notices = append(p.notices, n)
	}
	return p.err
}

// scene is a corridor in a home, with an account to observe.
type scene struct {
	t     *testing.T
	aws   *aws
	post  *postbox
	clock *Clock
	*flow.Corridor
}

const specFile = `{
  "id": "LIMS-APP", "version": "1.0", "title": "Application servers", "system": "LIMS",
  "approval": {"by": "Q. Unit", "role": "QA", "at": "2026-10-01T00:00:00Z"},
  "applies": {"type": "AWS::EC2::Instance", "tags": {"Role": "app"}},
  "test_cases": [{"id": "APP-01", "title": "Instance type", "attribute": "InstanceType", "expect": "m5.large", "risk": "high"}]
}`

func newScene(t *testing.T, home flow.Home, clock *Clock) *scene {
	s := &scene{t: t, aws: &aws{}, post: &postbox{}, clock: clock}
	home.Notify = s.post
	set, err := rule.Load(rules.Files)
	if err != nil {
		t.Fatal(err)
	}
	settings := flow.DefaultSettings()
	settings.Jitter = func() float64 { return 0 }
	s.Corridor = &flow.Corridor{
		Home: home, Rules: set, Library: library(t, specFile), Settings: settings, Log: slog.New(slog.DiscardHandler),
		Collector: collect.New(s.aws, clock.Now),
	}
	if err := s.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func library(t *testing.T, spec string) *specification.Library {
	t.Helper()
	l, problems := specification.Load(fstest.MapFS{
		"system.json": {Data: []byte(`{"id": "LIMS", "title": "LIMS", "scope": {"tags": {"System": "LIMS"}}}`)},
		"app.json":    {Data: []byte(spec)},
	}, "")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return l
}

// event is a CloudTrail call on the instance, as EventBridge delivers it.
func event(id, name string, at time.Time, parameters string) everqual.ChangeEvent {
	envelope := fmt.Sprintf(`{"version":"0","id":%q,"detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":%q,
		"time":%q,"region":%q,"resources":[],"detail":{"eventVersion":"1.11","eventSource":"ec2.amazonaws.com","eventName":%q,
		"eventID":%q,"eventTime":%q,"awsRegion":%q,"recipientAccountId":%q,"readOnly":false,"requestParameters":%s}}`,
		id, account, at.Format(time.RFC3339), region, name, id, at.Format(time.RFC3339), region, account, parameters)
	return everqual.ChangeEvent{ID: id, Source: "cloudtrail", Service: "ec2.amazonaws.com", Name: name, Time: at,
		Account: account, Region: region, Actor: everqual.Actor{Name: "anna"}, Envelope: json.RawMessage(envelope)}
}

func modify(id string, at time.Time) everqual.ChangeEvent {
	return event(id, "ModifyInstanceAttribute", at,
		`{"instanceId":"i-0123456789abcdef0","instanceType":{"value":"m5.xlarge"}}`)
}

func untag(id string, at time.Time) everqual.ChangeEvent {
	return event(id, "DeleteTags", at,
		`{"resourcesSet":{"items":[{"resourceId":"i-0123456789abcdef0"}]},"tagSet":{"items":[{"key":"Role"}]}}`)
}

func (s *scene) accept(events ...everqual.ChangeEvent) everqual.EventCounts {
	s.t.Helper()
	a := s.Accept()
	for _, e := range events {
		if err := a.Event(s.t.Context(), e); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := a.Flush(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	return a.Counts
}

func (s *scene) work() flow.WorkCounts {
	s.t.Helper()
	n, err := s.Work(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// run takes one modification in and works it off.
func (s *scene) run(e everqual.ChangeEvent) {
	s.t.Helper()
	s.accept(e)
	s.work()
}

func (s *scene) outcomes() (outcomes []string) {
	s.t.Helper()
	members, err := s.Members(s.t.Context(), s.Library.Systems()[0])
	if err != nil {
		s.t.Fatal(err)
	}
	for _, m := range members {
		for _, a := range m.Assessments {
			for _, v := range a.Verdicts {
				outcomes = append(outcomes, fmt.Sprintf("v%d %s %s", m.Version, v.TestCase, v.Outcome))
			}
		}
	}
	return outcomes
}

func (s *scene) expect(want ...string) {
	s.t.Helper()
	if got := s.outcomes(); !slices.Equal(got, want) {
		s.t.Errorf("verdicts are %q, want %q", got, want)
	}
}

var appTags = map[string]string{"System": "LIMS", "Role": "app"}

func (s *scene) count(kind everqual.Kind) (n int) {
	s.t.Helper()
	for _, err := range s.Ledger.Records(s.t.Context(), ledger.Query{Kind: kind}) {
		if err != nil {
			s.t.Fatal(err)
		}
		n++
	}
	return n
}
