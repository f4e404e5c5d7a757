package function_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// name is what rings for a message.
func name(id string) string { return fmt.Sprintf(`{"id":%q}`, id) }

func observeID(event, instance string) string { return "observe:" + event + ":" + arn(instance) }

// heard takes changes in and lets them settle.
func (s *scene) heard(events ...string) {
	s.t.Helper()
	s.replies("intake", batch(events...), none)
	s.clock.Advance(time.Minute)
}

func (s *scene) verdicts() (all []string) {
	for _, a := range bodies[everqual.Assessment](s, everqual.KindAssessment) {
		for _, v := range a.Verdicts {
			all = append(all, fmt.Sprintf("v%d %s %s %s", a.Version, a.Specification.Version, v.TestCase, v.Outcome))
		}
	}
	return all
}

func (s *scene) judged(want ...string) {
	s.t.Helper()
	if got := s.verdicts(); fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("verdicts are %q, want %q", got, want)
	}
}

// TestWork rings for messages that wait, twice, out of order, for one that is
// gone, and with something that is no name.
func TestWork(t *testing.T) {
	s := newScene(t)
	s.heard(modified("e1", one), modified("e2", two))
	s.replies("work", batch(name(observeID("e2", two)), name("observe:gone"), name(observeID("e2", two)), "hello", name(observeID("e1", one))), failed("m3"))
	s.judged("v1 1.0 APP-01 PASS", "v1 1.0 APP-01 PASS")
	s.replies("work", batch(name(observeID("e1", one))), none)
	if s.pending() != 0 || s.cloud.calls != 2 {
		t.Errorf("%d messages wait, AWS was asked %d times", s.pending(), s.cloud.calls)
	}
}

// TestWorkPartly has one message fail in the home, and one in AWS.
func TestWorkPartly(t *testing.T) {
	s := newScene(t)
	s.heard(modified("e1", one), modified("e2", two))
	s.ring().stuck = observeID("e1", one)
	s.replies("work", batch(name(observeID("e1", one)), name(observeID("e2", two))), failed("m0"))
	if s.pending() != 1 {
		t.Errorf("%d messages wait, want the one that stuck", s.pending())
	}
	s.ring().stuck = ""
	s.clock.Advance(s.Settings.Visibility)
	s.replies("work", batch(name(observeID("e1", one))), none)

	s.cloud.fail = errors.New("connection refused")
	s.heard(modified("e3", three))
	s.replies("work", batch(name(observeID("e3", three))), none) // the queue tries again by itself
	if s.pending() != 1 {
		t.Errorf("%d messages wait, want the one to be tried again", s.pending())
	}
}

// TestWorkWithoutNames has a queue that knows no names: the next due message is
// as good.
func TestWorkWithoutNames(t *testing.T) {
	s := newScene(t)
	s.heard(modified("e1", one))
	s.Queue = s.ring().Queue
	s.replies("work", batch(name("whatever"), name("whatever")), none)
	s.judged("v1 1.0 APP-01 PASS")
}

// stream is a DynamoDB stream batch of items of these kinds and subjects.
func stream(items ...[2]string) string {
	list := ""
	for i, item := range items {
		list += fmt.Sprintf(`,{"eventName":"INSERT","dynamodb":{"SequenceNumber":"%d","ApproximateCreationDateTime":%d,"NewImage":{
			"pk":{"S":"x"},"sequence":{"N":"7"},"kind":{"S":%q},"subjects":{"L":[{"S":%q},{"S":"other"}]},"body":{"B":"AAAA"}}}}`,
			100+i, morning.Add(-5*time.Second).Unix(), item[0], item[1])
	}
	return `{"Records":[{"eventName":"REMOVE","dynamodb":{"SequenceNumber":"99","OldImage":{"pk":{"S":"x"}}}}` + list + `]}`
}

func TestJudge(t *testing.T) {
	s := newScene(t)
	s.heard(modified("e1", one))
	s.replies("work", batch(name(observeID("e1", one))), none)
	s.spec = specVersion("1.1", "m6i.large")
	s.replies("judge", stream([2]string{"message", arn(one)}, [2]string{"assessment", arn(one)}), none)
	s.judged("v1 1.0 APP-01 PASS")
	s.replies("judge", stream([2]string{"observation", arn(one)}, [2]string{"observation", arn(one)}), none)
	s.judged("v1 1.0 APP-01 PASS", "v1 1.1 APP-01 FAIL")
	s.replies("judge", stream([2]string{"observation", arn(one)}), none)
	s.judged("v1 1.0 APP-01 PASS", "v1 1.1 APP-01 FAIL")
	s.replies("judge", stream([2]string{"observation", arn(one)}, [2]string{"observation", arn(two)}, [2]string{"observation", arn(one)}), failed("101"))
}

func TestSpecification(t *testing.T) {
	s := newScene(t)
	s.heard(modified("e1", one))
	s.replies("work", batch(name(observeID("e1", one))), none)
	s.spec = specVersion("1.1", "m6i.large")
	for range 2 {
		s.replies("specification", notification("specs/app.json"), "{}")
	}
	s.judged("v1 1.0 APP-01 PASS", "v1 1.1 APP-01 FAIL")

	for what, spec := range map[string]string{"changed under its version": specVersion("1.1", "t3.large"), "broken": "{"} {
		s.spec = spec
		if _, err := s.invoke("specification", notification("specs/app.json")); err == nil {
			t.Errorf("a specification that is %s was taken", what)
		}
	}
	s.spec = specVersion("1.1", "m6i.large")
	s.replies("schedule", `{"do":"rejudge"}`, "{}")
	s.judged("v1 1.0 APP-01 PASS", "v1 1.1 APP-01 FAIL")
	if _, err := s.Work(t.Context()); err != nil || len(s.post.notices) != 3 {
		t.Errorf("told of %+v, %v; want the failure and two refusals", s.post.notices, err)
	}
}

var _ flow.Ringer = (*ringing)(nil)
