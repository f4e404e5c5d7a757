package hometest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
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

func (a *aws) Types() []string { return []string{"AWS::EC2::Instance"} }

func (a *aws) Caller(context.Context, string) (everqual.Caller, error) {
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

// corridor runs the whole corridor in the home.
func corridor(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home) {
	for name, test := range map[string]func(*testing.T, *scene){
		"change becomes verdict":                    changeBecomesVerdict,
		"settles before observing":                  settlesBeforeObserving,
		"one observation answers a burst":           oneObservationAnswersABurst,
		"every event is counted once":               everyEventIsCountedOnce,
		"losing a tag does not hide a resource":     losingATagDoesNotHideAResource,
		"unread is not evaluated":                   unreadIsNotEvaluated,
		"deletion is recorded":                      deletionIsRecorded,
		"throttled is retried then recorded":        throttledIsRetriedThenRecorded,
		"event without resource is a dead letter":   eventWithoutResourceIsADeadLetter,
		"redrive works again":                       redriveWorksAgain,
		"drift names who and when":                  driftNamesWhoAndWhen,
		"changed specification needs a new version": changedSpecificationNeedsANewVersion,
		"stops and goes on":                         stopsAndGoesOn,
		"new version judges what is there":          newVersionJudgesWhatIsThere,
	} {
		t.Run(name, func(t *testing.T) {
			clock := NewClock(morning)
			test(t, newScene(t, open(t, clock), clock))
		})
	}
}

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

func changeBecomesVerdict(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.expect("v1 APP-01 PASS")
	if len(s.post.notices) != 0 {
		t.Errorf("a PASS was announced: %v", s.post.notices)
	}

	s.aws.set(instance, "m5.xlarge", appTags)
	s.clock.Advance(time.Hour)
	s.run(modify("e2", s.clock.Now()))
	s.expect("v2 APP-01 FAIL")
	if len(s.post.notices) != 1 || s.post.notices[0].Severity != "critical" {
		t.Errorf("notices are %+v, want one critical", s.post.notices)
	}
	if err := s.Ledger.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func settlesBeforeObserving(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	o, err := s.Ledger.Latest(t.Context(), instance)
	if err != nil {
		t.Fatal(err)
	}
	if wait := o.CollectedAt.Sub(morning); wait < s.Settings.Settle {
		t.Errorf("observed %v after the event, before it settled", wait)
	}
}

func oneObservationAnswersABurst(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	var burst []everqual.ChangeEvent
	for i := range 20 {
		burst = append(burst, modify(fmt.Sprint("e", i), morning.Add(time.Duration(i)*100*time.Millisecond)))
	}
	s.accept(burst...)
	if n := s.work(); n.Left != 0 || n.Done != 20 {
		t.Errorf("work is %+v, want 20 done", n)
	}
	if s.aws.calls > 3 {
		t.Errorf("20 events within two seconds cost %d observations", s.aws.calls)
	}
}

func everyEventIsCountedOnce(t *testing.T, s *scene) {
	readOnly := event("r1", "DescribeInstances", morning, "{}")
	readOnly.ReadOnly = true
	failed := modify("f1", morning)
	failed.ErrorCode = "Client.UnauthorizedOperation"
	correction := modify("e1/addendum/1", morning)
	correction.Corrects = "e1"
	a := s.Accept()
	for _, e := range []everqual.ChangeEvent{
		readOnly, readOnly, failed, modify("e1", morning), modify("e1", morning), correction,
		event("u1", "SomethingNew", morning, `{"thing":"t"}`),
	} {
		if err := a.Event(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	a.Unparsable()
	if err := a.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := everqual.EventCounts{Total: 8, Duplicate: 2, ReadOnly: 1, Failed: 1, Matched: 2, Unmatched: 1, Unparsable: 1}
	if a.Counts != want {
		t.Errorf("counts are %+v, want %+v", a.Counts, want)
	}
	if again := s.accept(modify("e1", morning)); again.Duplicate != 1 {
		t.Errorf("a known event was counted %+v", again)
	}
}

func losingATagDoesNotHideAResource(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.aws.set(instance, "m5.large", map[string]string{"Other": "tag"})
	s.clock.Advance(time.Hour)
	s.run(untag("e2", s.clock.Now()))
	s.expect("v2 APP-01 PASS", "v2 SELECTION FAIL")
	// and it stays so with the next version
	s.aws.set(instance, "m5.xlarge", nil)
	s.clock.Advance(time.Hour)
	s.run(modify("e3", s.clock.Now()))
	s.expect("v3 APP-01 FAIL", "v3 SELECTION FAIL")
}

func unreadIsNotEvaluated(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.aws.put(instance, collect.Description{State: everqual.Present, Collector: "test/1",
		Unread: []everqual.Unread{{Reason: everqual.Denied, Call: "ec2:DescribeInstances", Message: "not authorized"}}})
	s.clock.Advance(time.Hour)
	s.run(modify("e2", s.clock.Now()))
	s.expect("v2 APP-01 NOT EVALUATED")
}

func deletionIsRecorded(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.aws.mu.Lock()
	delete(s.aws.resources, instance)
	s.aws.mu.Unlock()
	s.clock.Advance(time.Hour)
	s.run(event("e2", "TerminateInstances", s.clock.Now(), `{"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0"}]}}`))
	s.expect("v2 APP-01 NOT APPLICABLE")
}

func throttledIsRetriedThenRecorded(t *testing.T, s *scene) {
	s.aws.put(instance, collect.Description{State: everqual.Present, Collector: "test/1",
		Unread: []everqual.Unread{{Reason: everqual.Throttled, Message: "slow down"}}})
	s.accept(modify("e1", morning))
	n := s.work()
	if n.Retried != s.Settings.MaxAttempts-1 || n.Done != 1 {
		t.Errorf("work is %+v", n)
	}
	o, err := s.Ledger.Latest(t.Context(), instance)
	if err != nil || len(o.Unread) != 1 || o.Unread[0].Reason != everqual.Throttled {
		t.Errorf("recorded %+v, %v", o.Unread, err)
	}
}

func eventWithoutResourceIsADeadLetter(t *testing.T, s *scene) {
	if n := s.accept(event("e1", "ModifyInstanceAttribute", morning, "null")); n.Matched != 1 {
		t.Fatalf("counts are %+v", n)
	}
	if n := s.work(); n.DeadLetters != 1 {
		t.Errorf("work is %+v", n)
	}
	letters, err := s.Queue.DeadLetters(t.Context())
	if err != nil || len(letters) != 1 || !strings.Contains(letters[0].Cause, "e1") {
		t.Fatalf("dead letters are %+v, %v", letters, err)
	}
	if len(s.post.notices) != 1 {
		t.Errorf("notices are %+v", s.post.notices)
	}
	if err := s.Dispose(t.Context(), letters[0].ID, "q.unit", "the event was cut; resource checked by hand"); err != nil {
		t.Fatal(err)
	}
	for d, err := range ledger.Bodies[everqual.Disposition](t.Context(), s.Ledger, ledger.Query{Kind: everqual.KindDisposition}) {
		if err != nil || d.Body.By != "q.unit" || d.Body.Action != "dispose" {
			t.Errorf("disposition is %+v, %v", d.Body, err)
		}
	}
	if letters, _ := s.Queue.DeadLetters(t.Context()); len(letters) != 0 {
		t.Errorf("dead letters are still %+v", letters)
	}
}

func redriveWorksAgain(t *testing.T, s *scene) {
	s.post.err = everqual.Permanent(errors.New("no such channel"))
	s.aws.set(instance, "m5.xlarge", appTags)
	s.run(modify("e1", morning))
	letters, err := s.Queue.DeadLetters(t.Context())
	if err != nil || len(letters) != 1 {
		t.Fatalf("dead letters are %+v, %v", letters, err)
	}
	s.post.err = nil
	if err := s.Redrive(t.Context(), letters[0].ID, "ops", "the channel is back"); err != nil {
		t.Fatal(err)
	}
	s.work()
	if len(s.post.notices) != 1 {
		t.Errorf("notices are %+v", s.post.notices)
	}
}

func driftNamesWhoAndWhen(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	lims := s.Library.Systems()[0]
	baseline, err := s.SetBaseline(t.Context(), lims, "release manager", "release 1")
	if err != nil {
		t.Fatal(err)
	}
	s.aws.set(instance, "m5.xlarge", map[string]string{"System": "LIMS"})
	s.clock.Advance(time.Hour)
	s.accept(modify("e2", s.clock.Now()), untag("e3", s.clock.Now().Add(time.Second)))
	s.work()
	drift, err := s.Drift(t.Context(), lims, baseline)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, d := range drift.Differences {
		if len(d.Events) == 0 {
			t.Fatalf("nobody is named for %+v", d)
		}
		got[d.Change.Path] = d.Events[0].ID
	}
	want := map[string]string{"InstanceType": "e2", "Tags[Role]": "e3"}
	if !maps.Equal(got, want) {
		t.Errorf("drift is explained by %v, want %v", got, want)
	}
}

func changedSpecificationNeedsANewVersion(t *testing.T, s *scene) {
	changed := strings.Replace(specFile, "m5.large", "m5.4xlarge", 1)
	s.Library = library(t, changed)
	if err := s.Register(t.Context()); err == nil || !strings.Contains(err.Error(), "new version") {
		t.Errorf("the changed specification was taken: %v", err)
	}
}

func newVersionJudgesWhatIsThere(t *testing.T, s *scene) {
	if err := s.Rejudge(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.expect("v1 APP-01 PASS")
	s.Library = library(t, strings.NewReplacer("m5.large", "m6i.large", `"version": "1.0"`, `"version": "1.1"`).Replace(specFile))
	for range 2 {
		if err := s.Rejudge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s.expect("v1 APP-01 FAIL")
	if n := s.count(everqual.KindInForce); n != 2 {
		t.Errorf("%d sets of specifications are recorded, want 2", n)
	}
	if s.work(); len(s.post.notices) != 1 {
		t.Errorf("people were told of %d verdicts, want 1", len(s.post.notices))
	}
}

func stopsAndGoesOn(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.accept(modify("e1", morning))
	s.clock.Advance(time.Hour)
	ctx, stop := context.WithCancel(t.Context())
	s.aws.onCall = stop
	if _, err := s.Work(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped work returned %v", err)
	}
	s.aws.onCall = nil
	at := s.clock.Now()
	s.work()
	s.expect("v1 APP-01 PASS")
	if waited := s.clock.Now().Sub(at); waited > time.Second {
		t.Errorf("the message came back only after %v", waited)
	}
}

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
