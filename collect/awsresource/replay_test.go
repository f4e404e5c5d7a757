package awsresource_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden observations")

func clock(at time.Time) func() time.Time { return func() time.Time { return at } }

// observe observes with d, and proves that the evidence gives the same
// observation and the same evidence again.
func observe(t testing.TB, d collect.Describer, r everqual.Resource, now func() time.Time) (everqual.Observation, everqual.Evidence, []byte) {
	t.Helper()
	o, e, raw, err := collect.New(d, now).Observe(context.Background(), r)
	if err != nil {
		t.Fatalf("observe %s: %v", r.ID, err)
	}
	again, _, rawAgain, err := collect.New(awsresource.OpenReplay(e.Exchanges, e.Attached...), clock(e.CollectedAt)).Observe(context.Background(), e.Resource)
	if err != nil {
		t.Fatalf("replay %s: %v", r.ID, err)
	}
	if diff := cmp.Diff(o, again); diff != "" {
		t.Fatalf("the replay of %s gives another observation:\n%s", r.ID, diff)
	}
	if !bytes.Equal(raw, rawAgain) {
		t.Fatalf("the replay of %s gives other evidence:\n%s\n%s", r.ID, raw, rawAgain)
	}
	return o, e, raw
}

// recordings are the evidence files of all types.
func recordings(t testing.TB) map[string]everqual.Evidence {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.evidence.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded replies in testdata: %v", err)
	}
	found := map[string]everqual.Evidence{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		e, err := collect.ReadEvidence(b, nil)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		found[file] = e
	}
	return found
}

func replay(t testing.TB, e everqual.Evidence) everqual.Observation {
	t.Helper()
	o, _, _ := observe(t, awsresource.OpenReplay(e.Exchanges), e.Resource, clock(e.CollectedAt))
	return o
}

func TestRecordedRepliesGiveTheGoldenObservations(t *testing.T) {
	types := map[string]bool{}
	for file, e := range recordings(t) {
		t.Run(file, func(t *testing.T) {
			o := replay(t, e)
			golden := strings.Replace(file, ".evidence.", ".observation.", 1)
			got := append([]byte(compact(o)), '\n')
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("observation differs (write it anew with -update):\n%s", diff)
			}
			if raw, err := collect.EncodeEvidence(e); err != nil || o.Evidence != everqual.DigestOf(raw) {
				t.Errorf("evidence digest %s is not that of the file (%v)", o.Evidence, err)
			}
			for _, secret := range []string{secretVariable, secretUserData, secretPassword, "hunter2"} {
				if b, _ := os.ReadFile(file); bytes.Contains(b, []byte(secret)) || bytes.Contains(got, []byte(secret)) {
					t.Errorf("a secret survived: %s", secret)
				}
			}
		})
		types[e.Resource.Type] = types[e.Resource.Type] || whole(t, file, e)
	}
	for _, name := range awsresource.OpenReplay(nil).Types() {
		if !types[name] {
			t.Errorf("there is no recorded reply of %s", name)
		}
	}
}

// AWS promises no order in most lists: another order is no change.
func TestShuffledRepliesGiveTheSameDigest(t *testing.T) {
	changed := 0
	for file, e := range recordings(t) {
		want := replay(t, e)
		for i, x := range e.Exchanges {
			e.Exchanges[i].Body = reversed(t, x.Body)
			if e.Exchanges[i].Body != x.Body {
				changed++
			}
		}
		if got := replay(t, e); got.Digest != want.Digest {
			t.Errorf("%s: another order gives another digest:\n%s", file, cmp.Diff(want.Attributes, got.Attributes))
		}
	}
	if changed < 15 {
		t.Errorf("only %d replies could be shuffled: the test proves little", changed)
	}
}

// A recording that lacks a call leaves that part unread, and says so.
func TestMissingCallsAreUnread(t *testing.T) {
	for file, e := range recordings(t) {
		whole := replay(t, e)
		if whole.State == everqual.Deleted {
			continue
		}
		for i, x := range e.Exchanges {
			shorter := e
			shorter.Exchanges = append(append([]everqual.Exchange{}, e.Exchanges[:i]...), e.Exchanges[i+1:]...)
			o, _, _, err := collect.New(awsresource.OpenReplay(shorter.Exchanges), clock(e.CollectedAt)).Observe(context.Background(), e.Resource)
			if err != nil {
				t.Fatal(err)
			}
			if len(o.Unread) == 0 || o.Unread[0].Reason != everqual.Unsupported || !strings.Contains(o.Unread[0].Message, "not in the recording") {
				t.Errorf("%s without %s: unread is %+v", file, x.Operation, o.Unread)
			}
			for _, u := range o.Unread {
				if _, there := o.Attributes[u.Path]; there {
					t.Errorf("%s: %s is unread and yet has a value", file, u.Path)
				}
			}
		}
	}
}

// The declared actions are those that the recorded calls need: nothing is
// missing, and nothing is asked for that no call needs.
func TestActionsAreThoseOfTheCalls(t *testing.T) {
	made := map[string]map[string]bool{}
	for _, e := range recordings(t) {
		if made[e.Resource.Type] == nil {
			made[e.Resource.Type] = map[string]bool{}
		}
		for _, x := range e.Exchanges {
			made[e.Resource.Type][awsresource.Action(x.Service, x.Operation)] = true
		}
	}
	d := awsresource.OpenReplay(nil)
	for _, kind := range d.Types() {
		delete(made[kind], "sts:GetCallerIdentity")
		if slices.Contains(outside, kind) {
			made[kind]["ssm:ListTagsForResource"] = true // see TestMachineElsewhere
		}
		if diff := cmp.Diff(d.Actions(kind), slices.Sorted(maps.Keys(made[kind]))); diff != "" {
			t.Errorf("%s declares other actions (-) than it needs (+):\n%s", kind, diff)
		}
	}
	if d.Actions("Nothing") != nil {
		t.Error("a type without a collector has actions")
	}
}

// With one permission taken away, what that call reads is unread with the
// action's name, and everything else stays as it was.
func TestOneActionDenied(t *testing.T) {
	for file, e := range recordings(t) {
		whole := replay(t, e)
		if whole.State == everqual.Deleted {
			continue
		}
		for _, x := range e.Exchanges {
			action := awsresource.Action(x.Service, x.Operation)
			if action == "sts:GetCallerIdentity" {
				continue
			}
			o, _, _ := observe(t, awsresource.OpenReplay(without(e.Exchanges, action)), e.Resource, clock(e.CollectedAt))
			if len(o.Unread) == 0 || o.State != everqual.Present {
				t.Errorf("%s without %s: %s, nothing is unread", file, action, o.State)
			}
			lost := map[string]bool{}
			for _, u := range o.Unread {
				lost[u.Path] = true
				if u.Reason != everqual.Denied || u.Call != action {
					t.Errorf("%s without %s: unread is %+v", file, action, u)
				}
			}
			for name, v := range whole.Attributes {
				if !lost[""] && !lost[name] && !cmp.Equal(v, o.Attributes[name]) {
					t.Errorf("%s without %s: %s changed", file, action, name)
				}
			}
		}
	}
}

// without has AWS refuse the calls that need an action, in each service's own words.
func without(exchanges []everqual.Exchange, action string) []everqual.Exchange {
	out := slices.Clone(exchanges)
	for i, x := range out {
		if awsresource.Action(x.Service, x.Operation) != action {
			continue
		}
		x.Status, x.Headers = 403, map[string]string{"content-type": "application/json", "x-amzn-errortype": "AccessDeniedException"}
		x.Body, x.Base64, x.Redacted = `{"__type":"AccessDeniedException","message":"not authorized to perform: `+action+`"}`, false, false
		switch said := `<Code>AccessDenied</Code><Message>not authorized to perform: ` + action + `</Message>`; {
		case x.Service == "ec2":
			x.Body = `<Response><Errors><Error>` + strings.Replace(said, "AccessDenied", "UnauthorizedOperation", 1) + `</Error></Errors></Response>`
		case x.Service == "s3":
			x.Body = `<Error>` + said + `</Error>`
		case strings.HasPrefix(strings.TrimSpace(exchanges[i].Body), "<"):
			x.Body = `<ErrorResponse><Error><Type>Sender</Type>` + said + `</Error></ErrorResponse>`
		}
		if strings.HasPrefix(x.Body, "<") {
			x.Headers = map[string]string{"content-type": "text/xml"}
		}
		out[i] = x
	}
	return out
}

// reversed turns the order of lists around: in JSON of arrays, in XML of
// elements that repeat. What has an order, such as a key schema, keeps it.
func reversed(t testing.TB, body string) string {
	t.Helper()
	if strings.HasPrefix(strings.TrimSpace(body), "<") {
		return reversedXML(t, body)
	}
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return body
	}
	b, err := json.Marshal(reversedJSON(v))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func reversedJSON(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, inner := range x {
			if k != "KeySchema" {
				x[k] = reversedJSON(inner)
			}
		}
	case []any:
		out := make([]any, len(x))
		for i, inner := range x {
			out[len(x)-1-i] = reversedJSON(inner)
		}
		return out
	}
	return v
}

// whole tells whether a recording shows the resource itself; it checks that
// its name is right about that.
func whole(t *testing.T, file string, e everqual.Evidence) bool {
	o := replay(t, e)
	present := o.State == everqual.Present && len(o.Unread) == 0
	if present != strings.HasSuffix(file, "present.evidence.json") {
		t.Errorf("%s shows a resource that is %s, unread %+v", file, o.State, o.Unread)
	}
	return present
}
