package awsresource_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
)

// answer is what a stub says to one request.
type answer struct {
	status int
	header http.Header
	body   string
	cut    bool // the connection breaks in the middle
}

// operation names the operation of a request, as far as the tests need it.
func operation(r *http.Request) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:]
	}
	if r.Method == http.MethodPost {
		return r.FormValue("Action")
	}
	for key := range r.URL.Query() {
		if key != "x-id" {
			return key
		}
	}
	return r.URL.Path
}

const identityReply = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:role/collector</Arn><UserId>A</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`

// stub is an AWS that answers as it is told, and counts the requests.
func stub(t *testing.T, say func(operation string, r *http.Request) answer) *atomic.Int64 {
	t.Helper()
	requests := &atomic.Int64{}
	serve(t, func(name string, r *http.Request) answer {
		if name == "GetCallerIdentity" {
			return answer{status: 200, body: identityReply}
		}
		requests.Add(1)
		return say(name, r)
	})
	return requests
}

// serve is an AWS that also says who is asking as it is told.
func serve(t *testing.T, say func(operation string, r *http.Request) answer) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := say(operation(r), r)
		for k, v := range a.header {
			w.Header()[k] = v
		}
		if a.cut {
			w.Header().Set("Content-Length", fmt.Sprint(len(a.body)+100))
		}
		if a.status != 0 {
			w.WriteHeader(a.status)
		}
		_, _ = w.Write([]byte(a.body))
	}))
	t.Cleanup(server.Close)
	environment(t, server.URL)
}

// environment is that of a user who is logged in, and has set nothing else.
func environment(t *testing.T, endpoint string) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "AKIAEVERQUALTEST0001", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "",
		"AWS_PROFILE": "", "AWS_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "none"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "none"),
	} {
		t.Setenv(name, value)
	}
}

func quick(t testing.TB) *awsresource.Describer {
	t.Helper()
	return must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{
		MaxAttempts: 3, MaxBackoff: time.Millisecond, Timeout: 5 * time.Second,
	}))
}

func resource(kind, arn string) everqual.Resource {
	return everqual.Resource{ID: everqual.ResourceID(arn), Type: kind, Account: "111122223333", Region: "eu-central-1"}
}

var (
	volume  = resource("AWS::EC2::Volume", "arn:aws:ec2:eu-central-1:111122223333:volume/vol-1")
	table   = resource("AWS::DynamoDB::Table", "arn:aws:dynamodb:eu-central-1:111122223333:table/samples")
	bucket  = resource("AWS::S3::Bucket", "arn:aws:s3:::raw")
	key     = resource("AWS::KMS::Key", "arn:aws:kms:eu-central-1:111122223333:key/k1")
	ec2Fail = func(code string) string {
		return `<Response><Errors><Error><Code>` + code + `</Code><Message>said so</Message></Error></Errors><RequestID>r1</RequestID></Response>`
	}
)

// Whatever goes wrong with the call that matters ends in a typed reason, and
// the recording says the same when it is replayed.
func TestWholeResourceUnread(t *testing.T) {
	for _, c := range []struct {
		name     string
		say      answer
		reason   everqual.Reason
		requests int64
		message  string
	}{
		{"denied", answer{status: 403, body: ec2Fail("UnauthorizedOperation")}, everqual.Denied, 1, "UnauthorizedOperation: said so"},
		{"wrong keys", answer{status: 401, body: ec2Fail("AuthFailure")}, everqual.Denied, 1, "AuthFailure"},
		{"logged out", answer{status: 400, body: ec2Fail("RequestExpired")}, everqual.Unreachable, 0, "RequestExpired"},
		{"throttled", answer{status: 503, body: ec2Fail("RequestLimitExceeded")}, everqual.Throttled, 3, "RequestLimitExceeded"},
		{"too many", answer{status: 429, body: ec2Fail("Odd")}, everqual.Throttled, 0, "Odd"},
		{"broken", answer{status: 500, body: ec2Fail("InternalError")}, everqual.Unreachable, 3, "InternalError"},
		{"gateway", answer{status: 502, body: `<html><body>bad gateway<br></body></html>`}, everqual.Unreachable, 0, ""},
		{"unknown call", answer{status: 400, body: ec2Fail("InvalidAction")}, everqual.Unsupported, 1, "InvalidAction"},
		{"bad id", answer{status: 400, body: ec2Fail("InvalidParameterValue")}, everqual.Invalid, 1, "InvalidParameterValue"},
		{"nonsense", answer{status: 200, body: `<DescribeVolumesResponse><volumeSet><item></volumeSet></DescribeVolumesResponse>`}, everqual.Invalid, 0, "could not be read"},
		{"other volume", answer{status: 200, body: `<DescribeVolumesResponse><volumeSet><item><volumeId>vol-2</volumeId></item></volumeSet></DescribeVolumesResponse>`}, everqual.Invalid, 1, "holds no AWS::EC2::Volume vol-1"},
		{"cut off", answer{status: 200, body: `<DescribeVolumesResponse>`, cut: true}, everqual.Unreachable, 3, "unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			requests := stub(t, func(string, *http.Request) answer { return c.say })
			o, e, _ := observe(t, quick(t), volume, time.Now)
			if len(o.Unread) != 1 || o.Unread[0].Path != "" || o.Unread[0].Reason != c.reason || o.Unread[0].Call != "ec2:DescribeVolumes" {
				t.Fatalf("unread is %+v, want %s", o.Unread, c.reason)
			}
			if !strings.Contains(o.Unread[0].Message, c.message) || o.Attributes != nil || o.State != everqual.Present {
				t.Errorf("observation is %s, want the message %q", compact(o), c.message)
			}
			last := e.Exchanges[len(e.Exchanges)-1]
			if c.requests != 0 && (requests.Load() != c.requests || int64(last.Attempts) != c.requests) {
				t.Errorf("%d requests, %d attempts recorded, want %d", requests.Load(), last.Attempts, c.requests)
			}
		})
	}
}

func TestGoneForGood(t *testing.T) {
	for name, c := range map[string]struct {
		r   everqual.Resource
		say answer
	}{
		"not found": {volume, answer{status: 400, body: ec2Fail("InvalidVolume.NotFound")}},
		"deleting":  {volume, answer{status: 200, body: `<DescribeVolumesResponse><volumeSet><item><volumeId>vol-1</volumeId><status>deleting</status></item></volumeSet></DescribeVolumesResponse>`}},
		"table":     {table, answer{status: 400, body: `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no"}`}},
		"bucket":    {bucket, answer{status: 404, body: `<Error><Code>NoSuchBucket</Code><Message>no</Message></Error>`}},
	} {
		t.Run(name, func(t *testing.T) {
			requests := stub(t, func(string, *http.Request) answer { return c.say })
			o, _, _ := observe(t, quick(t), c.r, time.Now)
			if o.State != everqual.Deleted || len(o.Unread) != 0 || o.Attributes != nil || requests.Load() != 1 {
				t.Errorf("after %d requests: %s", requests.Load(), compact(o))
			}
		})
	}
}

func TestOnePartUnread(t *testing.T) {
	for _, c := range []struct {
		name, code string
		status     int
		want       any // the reason, or nil for an explicit null
	}{
		{"denied", "AccessDeniedException", 400, everqual.Denied},
		{"throttled", "ThrottlingException", 400, everqual.Throttled},
		{"no rotation", "UnsupportedOperationException", 400, nil},
		{"vanished meanwhile", "NotFoundException", 400, everqual.Unreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			stub(t, func(operation string, _ *http.Request) answer {
				switch operation {
				case "DescribeKey":
					return answer{status: 200, body: `{"KeyMetadata":{"KeyId":"k1","Enabled":true}}`}
				case "GetKeyRotationStatus":
					return answer{status: c.status, body: `{"__type":"` + c.code + `","message":"said so"}`}
				case "GetKeyPolicy":
					return answer{status: 200, body: `{"Policy":"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"kms:*\"}}"}`}
				}
				return answer{status: 200, body: `{"Aliases":[],"Tags":[]}`}
			})
			o, _, _ := observe(t, quick(t), key, time.Now)
			value, there := o.Attributes["RotationStatus"]
			if c.want == nil {
				if !there || value != nil || len(o.Unread) != 0 {
					t.Errorf("want an explicit null: %s", compact(o))
				}
				return
			}
			if there || len(o.Unread) != 1 || o.Unread[0].Path != "RotationStatus" || o.Unread[0].Reason != c.want {
				t.Errorf("want RotationStatus %s: %s", c.want, compact(o))
			}
			if o.Attributes["Enabled"] != true || o.Attributes["Policy"] == nil || len(o.Attributes["Aliases"].([]any)) != 0 {
				t.Errorf("the rest is not there: %s", compact(o))
			}
		})
	}
}

// Nothing is configured on this bucket, and AWS says so in many ways.
func TestBareBucketHasExplicitNulls(t *testing.T) {
	codes := map[string]string{
		"encryption": "ServerSideEncryptionConfigurationNotFoundError", "publicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
		"ownershipControls": "OwnershipControlsNotFoundError", "object-lock": "ObjectLockConfigurationNotFoundError", "policy": "NoSuchBucketPolicy",
		"policyStatus": "NoSuchBucketPolicy", "tagging": "NoSuchTagSet", "lifecycle": "NoSuchLifecycleConfiguration", "replication": "ReplicationConfigurationNotFoundError",
	}
	stub(t, func(operation string, r *http.Request) answer {
		if r.Header.Get("X-Amz-Expected-Bucket-Owner") != "111122223333" {
			t.Errorf("%s does not say whose bucket it is", operation)
		}
		if code, ok := codes[operation]; ok {
			return answer{status: 404, body: `<Error><Code>` + code + `</Code><Message>none</Message></Error>`}
		}
		return answer{status: 200, body: map[string]string{
			"location": `<LocationConstraint>eu-central-1</LocationConstraint>`, "versioning": `<VersioningConfiguration/>`, "acl": `<AccessControlPolicy><AccessControlList/></AccessControlPolicy>`,
			"logging": `<BucketLoggingStatus/>`, "notification": `<NotificationConfiguration/>`,
		}[operation]}
	})
	o, _, _ := observe(t, quick(t), bucket, time.Now)
	for _, name := range []string{
		"Encryption", "PublicAccessBlock", "OwnershipControls", "ObjectLock", "Policy", "PolicyStatus", "Tags", "Lifecycle", "Replication",
		"Versioning", "Logging", "Notification",
	} {
		if value, there := o.Attributes[name]; !there || value != nil {
			t.Errorf("%s is %v (there: %v), want an explicit null", name, value, there)
		}
	}
	if len(o.Unread) != 0 || o.Name != "raw" {
		t.Error(compact(o))
	}
}

// A bucket is found in its own region, and that is what is said of it.
func TestBucketIsFollowed(t *testing.T) {
	redirect := `<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>`
	wrong := `<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'eu-central-1' is wrong; expecting 'eu-west-1'</Message></Error>`
	for name, first := range map[string]answer{
		"header":     {status: 301, header: http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}}, body: redirect},
		"message":    {status: 400, body: wrong},
		"constraint": {status: 200, body: `<LocationConstraint>EU</LocationConstraint>`},
	} {
		t.Run(name, func(t *testing.T) {
			stub(t, func(operation string, r *http.Request) answer {
				here := strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/s3/")
				switch {
				case !here && operation == "location":
					return first
				case !here:
					t.Errorf("%s was asked in the wrong region", operation)
				case operation == "location":
					return answer{status: 200, body: `<LocationConstraint>eu-west-1</LocationConstraint>`}
				}
				return answer{status: 403, body: `<Error><Code>AccessDenied</Code><Message>no</Message></Error>`}
			})
			o, _, _ := observe(t, quick(t), bucket, time.Now)
			if o.Resource.Region != "eu-west-1" || o.State != everqual.Present || len(o.Attributes) != 2 || len(o.Unread) != 13 {
				t.Error(compact(o))
			}
		})
	}
}

func TestListingsAreFollowedToTheirEnd(t *testing.T) {
	page := func(next, name string) answer {
		return answer{status: 200, body: fmt.Sprintf(`{"Tags":[{"Key":"%s","Value":"x"}]%s}`, name, next)}
	}
	stub(t, func(operation string, r *http.Request) answer {
		if operation == "DescribeTable" {
			return answer{status: 200, body: `{"Table":{"TableName":"samples","ItemCount":9007199254740993,"TableSizeBytes":7,"BillingModeSummary":{"LastUpdateToPayPerRequestDateTime":1793606400.5}}}`}
		}
		if operation != "ListTagsOfResource" {
			return answer{status: 400, body: `{"__type":"AccessDeniedException","message":"no"}`}
		}
		b := make([]byte, 1000)
		n, _ := r.Body.Read(b)
		switch body := string(b[:n]); {
		case strings.Contains(body, `"NextToken":"two"`):
			return page(`,"NextToken":"three"`, "B")
		case strings.Contains(body, `"NextToken":"three"`):
			return page("", "A")
		}
		return page(`,"NextToken":"two"`, "C")
	})
	o, _, _ := observe(t, quick(t), table, time.Now)
	if len(o.Tags) != 3 || len(o.Unread) != 3 {
		t.Error(compact(o))
	}
	if _, there := o.Attributes["ItemCount"]; there {
		t.Error("a volatile attribute is there")
	}
	if at := o.Attributes["BillingModeSummary"].(map[string]any)["LastUpdateToPayPerRequestDateTime"]; at != "2026-11-02T08:00:00.5Z" {
		t.Errorf("time is %v", at)
	}
}

// A listing that never ends is given up; the recording serves the last page for ever.
func TestEndlessListing(t *testing.T) {
	exchange := func(service, operation, parameters, body string) everqual.Exchange {
		return everqual.Exchange{Service: service, Operation: operation, Region: "eu-central-1", Parameters: []byte(parameters), Status: 200, Body: body}
	}
	tags := `{"Tags":[],"NextToken":"again"}`
	d := awsresource.OpenReplay([]everqual.Exchange{
		exchange("sts", "GetCallerIdentity", `{}`, identityReply),
		exchange("dynamodb", "DescribeTable", `{"TableName":"samples"}`, `{"Table":{"TableName":"samples"}}`),
		exchange("dynamodb", "ListTagsOfResource", `{"ResourceArn":"`+string(table.ID)+`"}`, tags),
		exchange("dynamodb", "ListTagsOfResource", `{"NextToken":"again","ResourceArn":"`+string(table.ID)+`"}`, tags),
	})
	o, _, _, err := collect.New(d, time.Now).Observe(context.Background(), table)
	if err != nil {
		t.Fatal(err)
	}
	last := o.Unread[2] // after ContinuousBackups and ScalableTargets, before TimeToLive
	if last.Path != "Tags" || last.Reason != everqual.Invalid || !strings.Contains(last.Message, "does not end") {
		t.Errorf("unread is %+v", o.Unread)
	}
}

func TestSlowCallIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	stub(t, func(string, *http.Request) answer { <-release; return answer{status: 200} })
	t.Cleanup(func() { close(release) })
	d := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{Timeout: 300 * time.Millisecond}))
	o, _, _ := observe(t, d, volume, time.Now)
	if o.Unread[0].Reason != everqual.Unreachable || !strings.Contains(o.Unread[0].Message, "within 300ms") {
		t.Errorf("unread is %+v", o.Unread)
	}
}

func TestNobodyThere(t *testing.T) {
	environment(t, "http://127.0.0.1:1")
	o, _, _ := observe(t, quick(t), volume, time.Now)
	if o.Unread[0].Reason != everqual.Unreachable || o.Unread[0].Call != "sts:GetCallerIdentity" || !strings.Contains(o.Unread[0].Message, "refused") {
		t.Errorf("unread is %+v", o.Unread)
	}
}

func TestNobodyLoggedIn(t *testing.T) {
	requests := stub(t, func(string, *http.Request) answer { return answer{status: 200} })
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	o, _, _ := observe(t, quick(t), volume, time.Now)
	if o.Unread[0].Reason != everqual.Unreachable || !strings.Contains(o.Unread[0].Message, "aws sso login") || requests.Load() != 0 {
		t.Errorf("unread is %+v", o.Unread)
	}
}

func TestMisspeltProfileIsAnErrorAtOnce(t *testing.T) {
	environment(t, "")
	_, err := awsresource.Open(context.Background(), awsresource.Options{Profile: "limz"})
	if err == nil || !strings.Contains(err.Error(), "limz") {
		t.Errorf("error is %v", err)
	}
}

func TestEndedContextIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stub(t, func(string, *http.Request) answer { cancel(); return answer{status: 500} })
	_, _, _, err := collect.New(quick(t), time.Now).Observe(ctx, volume)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

// Nothing that an event says may send signed requests elsewhere.
func TestOddNamesAreNotAsked(t *testing.T) {
	requests := stub(t, func(string, *http.Request) answer { return answer{status: 200} })
	for _, r := range []everqual.Resource{
		{ID: "arn:aws:s3:::raw", Type: "AWS::S3::Bucket", Region: "x.evil.example/"},
		{ID: "arn:aws:s3:::raw/key", Type: "AWS::S3::Bucket", Region: "eu-central-1"},
		{ID: "arn:aws:ec2:eu-central-1:111122223333:volume/vol-1", Type: "AWS::EC2::Instance"},
		{ID: "arn:aws:rds:eu-central-1:111122223333:volume/vol-1", Type: "AWS::EC2::Volume"},
		{ID: "arn:aws:lambda:eu-central-1:111122223333:function:f:PROD", Type: "AWS::Lambda::Function"},
	} {
		o, _, _ := observe(t, quick(t), r, time.Now)
		if len(o.Unread) != 1 || o.Unread[0].Reason != everqual.Invalid || o.Unread[0].Path != "" {
			t.Errorf("%s: unread is %+v", r.ID, o.Unread)
		}
	}
	if requests.Load() != 0 {
		t.Errorf("%d requests were sent", requests.Load())
	}
}
