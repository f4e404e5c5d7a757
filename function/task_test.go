package function_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/function"
)

// specVersion is the specification with another version and expectation.
func specVersion(version, kind string) string {
	return strings.NewReplacer("m5.large", kind, `"version": "1.0"`, fmt.Sprintf(`"version": %q`, version)).Replace(specText)
}

// decoded invokes a function and decodes its reply.
func decoded[T any](s *scene, name, payload string) (reply T) {
	s.t.Helper()
	got, err := s.invoke(name, payload)
	if err != nil {
		s.t.Fatalf("%s %s: %v", name, payload, err)
	}
	if err := json.Unmarshal([]byte(got), &reply); err != nil {
		s.t.Fatal(err)
	}
	return reply
}

func TestSchedule(t *testing.T) {
	s := newScene(t)
	s.heard(modified("e1", one))
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour) // the clock of the scene shows another time
	defer cancel()
	s.host.Name = "schedule"
	if _, err := s.host.Invoke(ctx, function.Invocation{ID: "w", Payload: []byte(`{"do":"work"}`)}); err != nil {
		t.Fatal(err)
	}
	s.judged("v1 1.0 APP-01 PASS")
	type sealed struct{ Size uint64 }
	head, err := s.Ledger.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := decoded[sealed](s, "schedule", `{"do":"seal"}`); got.Size != head.Sequence {
		t.Errorf("sealed %d records, want %d", got.Size, head.Sequence)
	}
	if got := decoded[sealed](s, "schedule", `{"do":"seal"}`); got.Size != 0 {
		t.Errorf("sealed %d records when nothing was appended", got.Size)
	}
	var asked function.SweepRequest
	s.host.Sweep = func(_ context.Context, _ *flow.Corridor, r function.SweepRequest) (everqual.SweepAccount, error) {
		asked = r
		return everqual.SweepAccount{Scope: "tag System=LIMS"}, nil
	}
	if got := decoded[everqual.SweepAccount](s, "schedule", `{"do":"sweep","tags":{"System":"LIMS"},"regions":["all"]}`); got.Scope == "" || asked.Tags["System"] != "LIMS" {
		t.Errorf("the sweep was asked for %+v", asked)
	}
}

// TestWorkEndsInTime has more to do than there is time for.
func TestWorkEndsInTime(t *testing.T) {
	s := newScene(t)
	s.heard(modified("e1", one))
	s.host.Now = time.Now
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	ended, stop := context.WithCancel(ctx)
	stop()
	n, err := s.WorkUntil(ctx, ended)
	if err != nil || n.Done != 0 || n.Left != 1 {
		t.Errorf("took %+v, %v; want nothing, and one left", n, err)
	}
}

func TestTask(t *testing.T) {
	s := newScene(t)
	until := decoded[struct{ Until time.Time }](s, "task", `{"do":"settle-until","since":"2026-11-02T08:00:00Z"}`)
	if !until.Until.Equal(morning.Add(s.Settings.Settle)) {
		t.Errorf("settled at %v", until.Until)
	}
	observe := fmt.Sprintf(`{"do":"observe","since":"2026-11-02T08:00:00Z","resource":{"id":%q}}`, arn(one))
	for range 2 { // the second finds what it asks for
		o := decoded[struct {
			Version int
			State   string
		}](s, "task", observe)
		if o.Version != 1 || o.State != "PRESENT" || s.cloud.calls != 1 {
			t.Errorf("observed %+v with %d calls", o, s.cloud.calls)
		}
	}
	s.judged("v1 1.0 APP-01 PASS")
	s.replies("task", fmt.Sprintf(`{"do":"judge","resource":{"id":%q}}`, arn(one)),
		fmt.Sprintf(`{"resource":{"id":%q,"type":"AWS::EC2::Instance","account":%q,"region":"eu-central-1"},"state":"PRESENT","version":1,"entry":2,"seen_at":"2026-11-02T08:00:00Z","unread":0}`, arn(one), account))
	s.replies("task", `{"do":"members","system":"LIMS"}`,
		fmt.Sprintf(`{"system":"LIMS","count":1,"items":[{"id":%q,"type":"AWS::EC2::Instance","account":%q,"region":"eu-central-1"}]}`, arn(one), account))
	list := decoded[struct {
		Count    int
		Items    []everqual.Resource
		Archived everqual.Digest
	}](s, "task", `{"do":"members","system":"LIMS","archive":true}`)
	if b, err := s.Archive.Get(t.Context(), list.Archived); err != nil || list.Items != nil || !strings.HasPrefix(string(b), "[{") {
		t.Errorf("archived %+v: %s, %v", list, b, err)
	}
}

// TestRefused: what is asked for wrongly is not tried again.
func TestRefused(t *testing.T) {
	s := newScene(t)
	for name, tc := range map[string]struct{ function, payload, want string }{
		"no such function":   {"dance", `{}`, "EVERQUAL_FUNCTION"},
		"no such verb":       {"task", `{"do":"dance"}`, "settle-until"},
		"no such schedule":   {"schedule", `{"do":"dance"}`, "rejudge"},
		"mistyped key":       {"task", `{"do":"members","sytem":"LIMS"}`, "sytem"},
		"no such system":     {"task", `{"do":"members","system":"MES"}`, "MES"},
		"no report of it":    {"task", `{"do":"report","system":"MES"}`, "MES"},
		"unknown ARN":        {"task", `{"do":"observe","resource":{"id":"arn:aws:x:::y"}}`, "arn:aws:x:::y"},
		"never observed":     {"task", fmt.Sprintf(`{"do":"judge","resource":{"id":%q}}`, arn(one)), "never observed"},
		"never issued":       {"task", `{"do":"publish","report":"sha256:0"}`, "no report"},
		"no such decision":   {"task", `{"do":"decide","report":"sha256:0","answer":{"decision":"approved","by":"A. Person","reason":"r"}}`, "no report"},
		"nothing was asked":  {"task", `{"do":"unanswered","report":"sha256:0"}`, "no report"},
		"no batch":           {"intake", `{"do":"seal"}`, "not for"},
		"no JSON":            {"work", `x`, "read the batch"},
		"no stream of items": {"judge", `[]`, "read the batch"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.invoke(tc.function, tc.payload)
			if !everqual.IsPermanent(err) || !strings.Contains(fmt.Sprint(err), tc.want) {
				t.Errorf("%v, want a permanent error with %q", err, tc.want)
			}
		})
	}
}
