package awsresource_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/google/go-cmp/cmp"
)

// damaged is an AWS that answers what was recorded, and one operation otherwise.
type damaged struct {
	recorded  http.RoundTripper
	operation string
	damage    func(string) string
	describer *awsresource.Describer
}

func (d *damaged) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := d.recorded.RoundTrip(r)
	call, _ := collect.Asked(r.Context())
	if err != nil || call.Service+":"+call.Operation != d.operation {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	changed := d.damage(string(body))
	response.Body, response.ContentLength = io.NopCloser(strings.NewReader(changed)), int64(len(changed))
	return response, nil
}

func newDamaged() *damaged {
	d := &damaged{}
	d.describer = awsresource.OpenOver(d)
	return d
}

// observe observes what was recorded, with the replies of one operation damaged;
// "" damages none.
func (d *damaged) observe(t *testing.T, e everqual.Evidence, operation string, damage func(string) string) (everqual.Observation, everqual.Evidence) {
	t.Helper()
	d.recorded, d.operation, d.damage = collect.NewReplay(e.Exchanges), operation, damage
	o, made, _, err := collect.New(d.describer, clock(e.CollectedAt)).Observe(context.Background(), e.Resource)
	if err != nil {
		t.Fatal(err)
	}
	return o, made
}

// operations are what a recording shows AWS to have answered.
func operations(e everqual.Evidence) []string {
	names := map[string]bool{}
	for _, x := range e.Exchanges {
		if x.Operation != "GetCallerIdentity" && x.Status == http.StatusOK {
			names[x.Service+":"+x.Operation] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// What is no reply of AWS leaves unread what the call reads, with the reason, and
// never makes a resource deleted or something in it absent.
func TestRepliesThatAreNone(t *testing.T) {
	d := newDamaged()
	for name, damage := range map[string]func(string) string{
		"empty":   func(string) string { return "" },
		"null":    func(string) string { return "null" },
		"page":    func(string) string { return "<!DOCTYPE html>\n<html><body><p>log in</p></body></html>" },
		"cut off": func(s string) string { return s[:len(s)*2/3] },
	} {
		for file, e := range recordings(t) {
			whole, _ := d.observe(t, e, "", nil)
			if whole.State == everqual.Deleted {
				continue
			}
			for _, operation := range operations(e) {
				o, _ := d.observe(t, e, operation, damage)
				service, call, _ := strings.Cut(operation, ":")
				checkUnread(t, file+" with "+name+" from "+operation, whole, o, awsresource.Action(service, call))
			}
		}
	}
}

func checkUnread(t *testing.T, what string, whole, o everqual.Observation, action string) {
	t.Helper()
	if o.State != everqual.Present || len(o.Unread) == 0 {
		t.Errorf("%s: it is %s, unread is %+v", what, o.State, o.Unread)
	}
	lost := map[string]bool{}
	for _, u := range o.Unread {
		lost[u.Path] = true
		if u.Reason != everqual.Invalid || u.Call != action {
			t.Errorf("%s: unread is %+v", what, u)
		}
	}
	for name, v := range whole.Attributes {
		if !lost[""] && !lost[name] && !cmp.Equal(v, o.Attributes[name]) {
			t.Errorf("%s: %s changed", what, name)
		}
	}
}

// FuzzDamagedReplies changes a reply anywhere: nothing crashes, the evidence gives
// the same observation again, and what is unread has no value.
func FuzzDamagedReplies(f *testing.F) {
	files := slices.Sorted(maps.Keys(recordings(f)))
	for i := range files {
		f.Add(uint(i), uint(0), uint(40+i), uint(3), []byte(`{"Unknown":[null,{}]}`))
		f.Add(uint(i), uint(1), uint(100+i), uint(0), []byte(`</member><member><Unknown>x</Unknown>`))
	}
	evidence := recordings(f)
	f.Fuzz(func(t *testing.T, file, operation, at, length uint, text []byte) {
		e := evidence[files[file%uint(len(files))]]
		names := operations(e)
		if len(names) == 0 {
			return
		}
		o, made := newDamaged().observe(t, e, names[operation%uint(len(names))], func(s string) string {
			from := int(at % uint(len(s)+1))
			to := min(len(s), from+int(length%64))
			return s[:from] + string(text) + s[to:]
		})
		checkSound(t, o)
		if again := replay(t, made); again.Digest != o.Digest {
			t.Errorf("the replay gives another observation:\n%s", cmp.Diff(o, again))
		}
	})
}

func checkSound(t *testing.T, o everqual.Observation) {
	t.Helper()
	for _, u := range o.Unread {
		if _, there := o.Attributes[u.Path]; there || u.Reason == "" || u.Message == "" {
			t.Errorf("%s is unread and there, or without a reason: %+v", u.Path, u)
		}
	}
	if o.State == everqual.Deleted && (len(o.Attributes) > 0 || len(o.Unread) > 0) {
		t.Errorf("deleted, and yet: %s", compact(o))
	}
}

// Members that AWS leaves out, answers with null or adds, and words that it has
// not used before, crash nothing; one that nobody knows changes nothing,
// except in a bucket's policy, which is the reply itself, and in SageMaker, which is
// read without a client that knows its members.
func TestMembersThatChange(t *testing.T) {
	d, tried := newDamaged(), 0
	for file, e := range recordings(t) {
		whole, _ := d.observe(t, e, "", nil)
		if whole.State == everqual.Deleted {
			continue
		}
		for _, operation := range operations(e) {
			for name, change := range memberChanges {
				o, _ := d.observe(t, e, operation, func(s string) string { return changed(s, change) })
				checkSound(t, o)
				if tried++; name == "added" && operation != "s3:GetBucketPolicy" && !strings.HasPrefix(operation, "sagemaker:") && o.Digest != whole.Digest {
					t.Errorf("%s: a member that nobody knows in %s changes the state:\n%s", file, operation, cmp.Diff(whole.Attributes, o.Attributes))
				}
			}
		}
	}
	if tried < 500 {
		t.Errorf("only %d replies were changed", tried)
	}
}

// memberChanges change an object of a JSON reply.
var memberChanges = map[string]func(map[string]any){
	"added": func(m map[string]any) {
		kinds := map[string]bool{}
		for _, v := range m {
			kinds[fmt.Sprintf("%T", v)] = true
		}
		if len(kinds) < 2 {
			return // it may be names and values of the user's own
		}
		m["EverqualUnknown"] = map[string]any{"a": []any{1.0, nil}}
	},
	"null": func(m map[string]any) {
		for name := range m {
			m[name] = nil
		}
	},
	"left out": func(m map[string]any) { clear(m) },
	"new word": func(m map[string]any) {
		for name, v := range m {
			if isText(v) {
				m[name] = "NEVER_SEEN_BEFORE"
			}
		}
	},
	"emptied": func(m map[string]any) {
		for name, v := range m {
			if _, ok := v.([]any); ok {
				m[name] = []any{}
			}
		}
	},
}

func isText(v any) bool { _, ok := v.(string); return ok }

// changed is a JSON reply with every object changed; others stay.
func changed(body string, change func(map[string]any)) string {
	d := json.NewDecoder(bytes.NewReader([]byte(body)))
	d.UseNumber()
	var v map[string]any
	if d.Decode(&v) != nil {
		return body
	}
	changeAll(v, change)
	b, _ := json.Marshal(v) // it was JSON
	return string(b)
}

func changeAll(v any, change func(map[string]any)) {
	switch x := v.(type) {
	case map[string]any:
		for _, inner := range x {
			changeAll(inner, change)
		}
		change(x)
	case []any:
		for _, inner := range x {
			changeAll(inner, change)
		}
	}
}
