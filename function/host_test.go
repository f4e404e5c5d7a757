package function_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/flow"
)

// TestOpenedAgain: a home that cannot be opened is tried at the next invocation,
// and one that was opened is kept.
func TestOpenedAgain(t *testing.T) {
	s := newScene(t)
	open, opened := s.host.Open, 0
	s.host.Open = func(ctx context.Context) (*flow.Corridor, error) {
		if opened++; opened == 1 {
			return nil, errors.New("no such parameter")
		}
		return open(ctx)
	}
	if _, err := s.invoke("intake", batch(modified("e1", one))); err == nil || everqual.IsPermanent(err) {
		t.Errorf("a home that cannot be opened gave %v, want an error that is tried again", err)
	}
	for range 2 {
		s.replies("intake", batch(modified("e1", one)), none)
	}
	if opened != 2 {
		t.Errorf("the home was opened %d times, want 2", opened)
	}
}

// TestLastGoodSpecifications go on judging when the new ones cannot be read.
func TestLastGoodSpecifications(t *testing.T) {
	s := newScene(t)
	s.heard(modified("e1", one))
	s.spec = "{"
	s.clock.Advance(time.Hour)
	s.replies("work", batch(name(observeID("e1", one))), none)
	s.judged("v1 1.0 APP-01 PASS")
	s.spec = specVersion("1.1", "m6i.large")
	s.heard(modified("e2", two))
	s.replies("work", batch(name(observeID("e2", two))), none)
	s.judged("v1 1.0 APP-01 PASS", "v1 1.1 APP-01 FAIL")
}

// throttled is an account that answers nothing for now.
type throttled struct{ *cloud }

func (throttled) Describe(context.Context, everqual.Resource) (collect.Description, error) {
	return collect.Description{State: everqual.Present, Collector: "test/1",
		Unread: []everqual.Unread{{Reason: everqual.Throttled, Message: "slow down"}}}, nil
}

// TestLastAttempt records at the last attempt what still cannot be read.
func TestLastAttempt(t *testing.T) {
	s := newScene(t)
	s.Collector = collect.New(throttled{s.cloud}, s.clock.Now)
	observe := func(attempt int) (string, error) {
		return s.invoke("task", fmt.Sprintf(`{"do":"observe","attempt":%d,"resource":{"id":%q}}`, attempt, arn(one)))
	}
	if _, err := observe(s.Settings.MaxAttempts - 1); err == nil || everqual.IsPermanent(err) {
		t.Errorf("the last attempt but one gave %v, want an error that is tried again", err)
	}
	if got, err := observe(s.Settings.MaxAttempts); err != nil || !strings.Contains(got, `"version":1`) || !strings.Contains(got, `"unread":1`) {
		t.Errorf("the last attempt gave %s, %v", got, err)
	}
	s.judged("v1 1.0 APP-01 NOT EVALUATED")
}
