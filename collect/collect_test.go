package collect_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/google/go-cmp/cmp"
)

const account = "111122223333"

var table = everqual.Resource{
	ID: "arn:aws:dynamodb:eu-central-1:111122223333:table/samples", Type: "AWS::DynamoDB::Table",
	Account: account, Region: "eu-central-1",
}

var monday = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

func clock() time.Time { return monday }

// fake answers as it is told.
type fake struct {
	caller      everqual.Caller
	callerErr   error
	description collect.Description
	err         error
	described   int
}

func (f *fake) Describes(resourceType string) bool { return resourceType == "AWS::DynamoDB::Table" }

func (f *fake) Caller(context.Context, string, string) (everqual.Caller, error) {
	return f.caller, f.callerErr
}

func (f *fake) Describe(context.Context, everqual.Resource) (collect.Description, error) {
	f.described++
	return f.description, f.err
}

func present(attributes everqual.Attributes, unread ...everqual.Unread) *fake {
	return &fake{
		caller:      everqual.Caller{ARN: "arn:aws:iam::111122223333:role/collector", Account: account},
		description: collect.Description{State: everqual.Present, Attributes: attributes, Unread: unread, Collector: "x/1"},
	}
}

func observe(t *testing.T, d collect.Describer, r everqual.Resource) everqual.Observation {
	t.Helper()
	o, evidence, raw, err := collect.New(d, clock).Observe(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if o.Evidence != everqual.DigestOf(raw) {
		t.Errorf("evidence digest %s is not that of the evidence", o.Evidence)
	}
	read, err := collect.ReadEvidence(raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(evidence, read); diff != "" {
		t.Errorf("the evidence reads back differently:\n%s", diff)
	}
	found := evidence.Resource
	found.Region = o.Resource.Region
	if found != o.Resource || !evidence.CollectedAt.Equal(o.CollectedAt) || evidence.Caller != o.Caller {
		t.Errorf("evidence and observation disagree: %+v, %+v", evidence, o)
	}
	return o
}

func TestObserveSaysWhatIsUnread(t *testing.T) {
	refused := &collect.Refusal{Unread: everqual.Unread{Reason: everqual.Throttled, Call: "sts:GetCallerIdentity", Message: "slow down"}}
	other := table
	other.Type = "AWS::Neptune::DBCluster"
	elsewhere := table
	elsewhere.Account = "999999999999"
	crooked := table
	crooked.Region = "eu-west-1"
	nameless := table
	nameless.ID = "samples"
	for _, c := range []struct {
		name     string
		d        *fake
		resource everqual.Resource
		reason   everqual.Reason
		message  []string
	}{
		{"unknown type", present(nil), other, everqual.Unsupported, []string{"AWS::Neptune::DBCluster"}},
		{"caller refused", &fake{callerErr: refused}, table, everqual.Throttled, []string{"slow down"}},
		{"wrong account", &fake{caller: everqual.Caller{Account: "444455556666"}}, table, everqual.Denied, []string{account, "444455556666"}},
		{"account against ARN", present(nil), elsewhere, everqual.Invalid, []string{account, "999999999999"}},
		{"region against ARN", present(nil), crooked, everqual.Invalid, []string{"eu-central-1", "eu-west-1"}},
		{"no ARN", present(nil), nameless, everqual.Invalid, []string{"samples"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := observe(t, c.d, c.resource)
			if c.d.described != 0 {
				t.Error("the resource was described all the same")
			}
			if len(o.Unread) != 1 || o.Unread[0].Path != "" || o.Unread[0].Reason != c.reason {
				t.Fatalf("unread is %+v, want the whole resource as %s", o.Unread, c.reason)
			}
			for _, part := range c.message {
				if !strings.Contains(o.Unread[0].Message, part) {
					t.Errorf("message %q does not say %q", o.Unread[0].Message, part)
				}
			}
			if o.State != everqual.Present || o.Attributes != nil || o.Digest.Hex() == "" {
				t.Errorf("observation is %+v", o)
			}
		})
	}
}

func TestObserveCompletesTheResource(t *testing.T) {
	bare := everqual.Resource{ID: table.ID, Type: table.Type}
	if o := observe(t, present(nil), bare); o.Resource != table {
		t.Errorf("resource is %+v, want %+v", o.Resource, table)
	}
	bucket := everqual.Resource{ID: "arn:aws:s3:::raw", Type: table.Type, Region: "us-east-1"}
	d := present(nil)
	d.description.Region = "eu-west-1"
	want := everqual.Resource{ID: bucket.ID, Type: bucket.Type, Account: account, Region: "eu-west-1"}
	if o := observe(t, d, bucket); o.Resource != want {
		t.Errorf("resource is %+v, want the caller's account and the true region: %+v", o.Resource, want)
	}
}

func TestObserveTagsAndName(t *testing.T) {
	pair := func(k, v string) any { return map[string]any{"Key": k, "Value": v} }
	for _, c := range []struct {
		name       string
		attributes everqual.Attributes
		tags       map[string]string
		wantName   string
	}{
		{"list", everqual.Attributes{"Tags": []any{pair("Name", "Samples"), pair("Role", "db")}}, map[string]string{"Name": "Samples", "Role": "db"}, "Samples"},
		{"RDS", everqual.Attributes{"TagList": []any{pair("Role", "db")}}, map[string]string{"Role": "db"}, "samples"},
		{"KMS", everqual.Attributes{"Tags": []any{map[string]any{"TagKey": "Role", "TagValue": "key"}}}, map[string]string{"Role": "key"}, "samples"},
		{"Lambda", everqual.Attributes{"Tags": map[string]any{"Name": "import", "odd": 1.0}}, map[string]string{"Name": "import"}, "import"},
		{"no value", everqual.Attributes{"Tags": []any{map[string]any{"Key": "Role"}}}, map[string]string{"Role": ""}, "samples"},
		{"odd shapes", everqual.Attributes{"Tags": []any{"x", nil, 3.0, map[string]any{"Key": 1.0}}}, nil, "samples"},
		{"none", everqual.Attributes{"Tags": nil}, nil, "samples"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := observe(t, present(c.attributes), table)
			if diff := cmp.Diff(c.tags, o.Tags); diff != "" || o.Name != c.wantName {
				t.Errorf("name %q, want %q; tags:\n%s", o.Name, c.wantName, diff)
			}
		})
	}
}

func TestDigestCoversTheStateAlone(t *testing.T) {
	base := observe(t, present(everqual.Attributes{"A": 1.0}, everqual.Unread{Path: "B", Reason: everqual.Denied, Message: "no"}), table)
	same := map[string]*fake{
		"other message": present(everqual.Attributes{"A": 1.0}, everqual.Unread{Path: "B", Reason: everqual.Denied, Call: "x:Y", Message: "never"}),
	}
	same["other caller"] = present(everqual.Attributes{"A": 1.0}, everqual.Unread{Path: "B", Reason: everqual.Denied})
	same["other caller"].caller.ARN = "arn:aws:iam::111122223333:user/someone"
	for name, d := range same {
		if o := observe(t, d, table); o.Digest != base.Digest {
			t.Errorf("%s: the digest changed", name)
		}
	}
	gone := present(nil)
	gone.description.State = everqual.Deleted
	for name, d := range map[string]*fake{
		"value": present(everqual.Attributes{"A": 2.0}, everqual.Unread{Path: "B", Reason: everqual.Denied}),
		"null":  present(everqual.Attributes{"A": 1.0, "C": nil}, everqual.Unread{Path: "B", Reason: everqual.Denied}),
		"path":  present(everqual.Attributes{"A": 1.0}, everqual.Unread{Path: "C", Reason: everqual.Denied}),
		"why":   present(everqual.Attributes{"A": 1.0}, everqual.Unread{Path: "B", Reason: everqual.Throttled}),
		"all":   present(everqual.Attributes{"A": 1.0}),
		"gone":  gone,
	} {
		if o := observe(t, d, table); o.Digest == base.Digest {
			t.Errorf("%s: the digest stayed the same", name)
		}
	}
}

func TestObserveSortsUnread(t *testing.T) {
	o := observe(t, present(everqual.Attributes{}, everqual.Unread{Path: "B"}, everqual.Unread{Path: "A"}), table)
	if o.Unread[0].Path != "A" || o.Unread[1].Path != "B" {
		t.Errorf("unread is %+v", o.Unread)
	}
}

func TestObserveGivesErrorsBack(t *testing.T) {
	broken := errors.New("broken")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		d    *fake
		want error
	}{
		{"describer", context.Background(), &fake{caller: everqual.Caller{Account: account}, err: broken}, broken},
		{"caller", context.Background(), &fake{callerErr: broken}, broken},
		{"context", ended, present(nil), context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, _, raw, err := collect.New(c.d, clock).Observe(c.ctx, table)
			if !errors.Is(err, c.want) || raw != nil || o.Digest != "" {
				t.Errorf("got %+v, %q, %v", o, raw, err)
			}
		})
	}
}

// roundTripper is a transport made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func reply(status int, header http.Header, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

// call makes one attempt and returns what the SDK would see.
func call(t *testing.T, transport http.RoundTripper, ctx context.Context) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://dynamodb.eu-central-1.amazonaws.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.Status + " " + response.Header.Get("X-Amz-Bucket-Region") + " " + string(body), nil
}

func TestRecordingKeepsTheLastAttemptAndReplayGivesItBack(t *testing.T) {
	for _, c := range []struct {
		name    string
		replies []*http.Response // nil is a broken connection
		want    everqual.Exchange
		reason  everqual.Reason
	}{
		{"first time", []*http.Response{reply(200, http.Header{"X-Amzn-Requestid": {"r1"}, "Server": {"x"}}, "{}")},
			everqual.Exchange{Status: 200, Body: "{}", Attempts: 1, RequestID: "r1", Headers: map[string]string{"x-amzn-requestid": "r1"}}, ""},
		{"after a 503", []*http.Response{reply(503, nil, "busy"), reply(200, http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}}, "<R/>")},
			everqual.Exchange{Status: 200, Body: "<R/>", Attempts: 2, Headers: map[string]string{"x-amz-bucket-region": "eu-west-1"}}, ""},
		{"no text", []*http.Response{reply(200, nil, "{\xff}")},
			everqual.Exchange{Status: 200, Body: "e/99", Base64: true, Attempts: 1, Headers: map[string]string{}}, ""},
		{"broken connection", []*http.Response{reply(503, nil, "busy"), nil},
			everqual.Exchange{Error: "connection reset", Attempts: 2}, everqual.Unreachable},
		{"web page", []*http.Response{reply(500, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, "<!doctype html>")},
			everqual.Exchange{Status: 500, Error: "the server answers with a web page: it has no such operation", Attempts: 1, Headers: map[string]string{"content-type": "text/html; charset=utf-8"}}, everqual.Invalid},
		{"empty", []*http.Response{reply(200, nil, " ")},
			everqual.Exchange{Status: 200, Error: "the reply is empty", Attempts: 1, Headers: map[string]string{}}, everqual.Invalid},
		{"too long", []*http.Response{reply(200, nil, strings.Repeat("x", 101))},
			everqual.Exchange{Status: 200, Error: "the reply is too long: more than 100 bytes", Attempts: 1, Headers: map[string]string{}}, everqual.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			one := &collect.Call{Service: "dynamodb", Operation: "DescribeTable", Region: "eu-central-1", Parameters: json.RawMessage(`{"TableName":"a"}`)}
			recorder := collect.NewRecorder(clock)
			ctx := collect.WithCall(collect.WithRecorder(context.Background(), recorder), one)
			next := 0
			live := collect.Recording{MaxBody: 100, Base: roundTripper(func(*http.Request) (*http.Response, error) {
				if next++; c.replies[next-1] == nil {
					return nil, errors.New("connection reset")
				}
				return c.replies[next-1], nil
			})}
			var got string
			var err error
			for range c.replies {
				got, err = call(t, live, ctx)
			}
			c.want.Service, c.want.Operation, c.want.Region, c.want.Parameters = one.Service, one.Operation, one.Region, one.Parameters
			c.want.Endpoint, c.want.At = "dynamodb.eu-central-1.amazonaws.com", monday
			exchanges := recorder.Exchanges()
			if diff := cmp.Diff([]everqual.Exchange{c.want}, exchanges); diff != "" {
				t.Fatalf("recorded:\n%s", diff)
			}
			var silence *collect.NoReply
			if errors.As(err, &silence) != (c.reason != "") || (silence != nil && silence.Reason != c.reason) {
				t.Errorf("error is %v, want reason %q", err, c.reason)
			}
			again := collect.NewRecorder(func() time.Time { return monday.AddDate(1, 0, 0) })
			replayed, replayErr := call(t, collect.NewReplay(exchanges), collect.WithCall(collect.WithRecorder(context.Background(), again), one))
			if got != replayed || (err == nil) != (replayErr == nil) || (err != nil && err.Error() != replayErr.Error()) {
				t.Errorf("replay gives %q, %v; live gave %q, %v", replayed, replayErr, got, err)
			}
			if diff := cmp.Diff(exchanges, again.Exchanges()); diff != "" {
				t.Errorf("the replay's evidence differs:\n%s", diff)
			}
		})
	}
}

func TestReplayServesInOrder(t *testing.T) {
	exchange := func(parameters, body string) everqual.Exchange {
		return everqual.Exchange{Service: "s3", Operation: "GetBucketPolicy", Region: "x", Parameters: json.RawMessage(parameters), Status: 200, Body: body}
	}
	replay := collect.NewReplay([]everqual.Exchange{
		exchange(`{"Bucket":"a","Owner":"1"}`, "one"), exchange(`{"Bucket":"b"}`, "b"), exchange(`{"Owner":"1", "Bucket":"a"}`, "two"),
	})
	ask := func(parameters string) string {
		c := &collect.Call{Service: "s3", Operation: "GetBucketPolicy", Region: "x", Parameters: json.RawMessage(parameters)}
		got, err := call(t, replay, collect.WithCall(context.Background(), c))
		if err != nil {
			return err.Error()
		}
		return got
	}
	for i, want := range []string{"200 OK  one", "200 OK  two", "200 OK  two"} {
		if got := ask(`{"Owner":"1","Bucket":"a"}`); got != want {
			t.Errorf("answer %d is %q, want %q", i+1, got, want)
		}
	}
	if got := ask(`{"Bucket":"c"}`); !strings.Contains(got, "not in the recording: s3:GetBucketPolicy") {
		t.Errorf("an unknown call gave %q", got)
	}
}

func TestUnknownCallIsNotTriedAgain(t *testing.T) {
	_, err := call(t, collect.NewReplay(nil), collect.WithCall(context.Background(), &collect.Call{Service: "s3"}))
	var silence *collect.NoReply
	if !errors.As(err, &silence) || silence.Reason != everqual.Unsupported || silence.RetryableError() {
		t.Errorf("error is %v", err)
	}
}

func TestRequestWithoutACallIsNotSent(t *testing.T) {
	sent := roundTripper(func(*http.Request) (*http.Response, error) { t.Error("sent"); return nil, io.EOF })
	if _, err := call(t, collect.Recording{Base: sent}, context.Background()); !everqual.IsPermanent(err) {
		t.Errorf("error is %v", err)
	}
}
