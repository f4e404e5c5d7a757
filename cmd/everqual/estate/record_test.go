package estate_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/cmd/everqual/estate"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/collect/awsresource/mototest"
)

var record = flag.Bool("record", false, "record the sample estate anew, from moto")

// TestRecordEstate plays the story on moto, writes what CloudTrail would have
// written, and records what the collector sees after each phase. The server's
// ids are seeded and its clock follows the story, so a new recording differs
// only where something did change.
func TestRecordEstate(t *testing.T) {
	if !*record {
		return // a tool, not a test: nothing is skipped
	}
	s := newStory(t)
	s.deploy()
	s.save("1-deploy")
	s.changeInstanceType()
	s.save("2-instance-type")
	s.removeDeletionProtection()
	s.save("3-deletion-protection")
	s.openSecurityGroup()
	s.save("4-security-group")
	s.removeTag()
	s.save("5-tag-removal")
	s.lockCollectorOut()
	s.save("6-access-denied")
}

// story is the estate while it is being made.
type story struct {
	*testing.T
	ctx       context.Context
	server    mototest.Server
	cfg       aws.Config // of those who build and change
	now       time.Time
	events    []map[string]any
	told      int // events of the whole story
	resources []everqual.Resource
	// The ids that later chapters need.
	key, appSubnet, appGroup, dbGroup string
	servers                           []string
}

func newStory(t *testing.T) *story {
	s := &story{T: t, ctx: context.Background(), server: mototest.Start(t)}
	s.server.Seed(t, 1)
	s.cfg = must(config.LoadDefaultConfig(s.ctx))(t)
	s.at("2026-11-02T07:30:00Z")
	s.collectorRole()
	return s
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// at moves the story, and the server with it, to a time.
func (s *story) at(text string) {
	s.Helper()
	s.now = must(time.Parse(time.RFC3339, text))(s)
	s.server.Clock(s, s.now)
}

// after moves on by some seconds.
func (s *story) after(seconds int) {
	s.now = s.now.Add(time.Duration(seconds) * time.Second)
	s.server.Clock(s, s.now)
}

// touched notes a resource of the estate.
func (s *story) touched(kind, region, arn string) {
	s.resources = append(s.resources, everqual.Resource{
		ID: everqual.ResourceID(arn), Type: kind, Account: estate.Account, Region: region,
	})
}

const collector = "everqual-collector"

// collectorRole gives the collector exactly the actions that it lists.
func (s *story) collectorRole() {
	c := iam.NewFromConfig(s.cfg)
	must(c.CreateRole(s.ctx, &iam.CreateRoleInput{RoleName: aws.String(collector), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}]}`,
	)}))(s)
	var actions []string
	d := awsresource.OpenReplay(nil)
	for _, kind := range d.Types() {
		actions = append(actions, d.Actions(kind)...)
	}
	slices.Sort(actions)
	s.collectorPolicy("read", "Allow", slices.Compact(actions)...)
}

func (s *story) collectorPolicy(name, effect string, actions ...string) {
	document := encode(s, map[string]any{"Version": "2012-10-17", "Statement": []any{
		map[string]any{"Effect": effect, "Action": actions, "Resource": "*"},
	}})
	must(iam.NewFromConfig(s.cfg).PutRolePolicy(s.ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String(collector), PolicyName: &name, PolicyDocument: &document,
	}))(s)
}

// save observes everything as the collector, with the server checking its
// permissions, and writes the phase.
func (s *story) save(name string) {
	s.after(300)
	session := must(sts.NewFromConfig(s.cfg).AssumeRole(s.ctx, &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::111122223333:role/" + collector), RoleSessionName: aws.String("everqual"),
	}))(s).Credentials
	s.Setenv("AWS_ACCESS_KEY_ID", *session.AccessKeyId)
	s.Setenv("AWS_SECRET_ACCESS_KEY", *session.SecretAccessKey)
	s.Setenv("AWS_SESSION_TOKEN", *session.SessionToken)
	s.Setenv("AWS_ENDPOINT_URL", mototest.Recorded)
	d := must(awsresource.Open(s.ctx, awsresource.Options{Transport: manager{s.server.Transport()}}))(s)
	f := recording{End: s.now, Resources: s.resources}
	c := collect.New(d, s.tick)
	for _, r := range s.resources {
		s.enforce(r)
		_, e, _, err := c.Observe(s.ctx, r)
		if err != nil {
			s.Fatal(err)
		}
		for _, x := range e.Exchanges {
			f.add(x)
		}
	}
	s.server.Relax(s)
	s.write(name+".events.json", append([]byte(indent(s, map[string]any{"Records": s.events})), '\n'))
	s.write(name+".exchanges.json.gz", packed(s, []byte(encode(s, f))))
	s.events = nil
}

// manager is Systems Manager, which manages all instances of the estate: moto
// does not know which it manages. It also says whether a bucket's policy is public,
// which moto takes for another question. Everything else is the server's to answer.
type manager struct{ base http.RoundTripper }

func (m manager) RoundTrip(r *http.Request) (*http.Response, error) {
	call, _ := collect.Asked(r.Context())
	kind, body := "application/x-amz-json-1.1", ""
	switch call.Service + ":" + call.Operation {
	case "ssm:DescribeInstanceInformation":
		body = fmt.Sprintf(`{"InstanceInformationList":[{"InstanceId":%q,"PingStatus":"Online","AgentVersion":"3.3.2299.0","IsLatestVersion":true,`+
			`"PlatformType":"Linux","PlatformName":"Amazon Linux","PlatformVersion":"2","ResourceType":"EC2Instance","SourceType":"AWS::EC2::Instance"}]}`,
			regexp.MustCompile(`i-[0-9a-f]+`).Find(call.Parameters))
	case "s3:GetBucketPolicyStatus":
		kind, body = "application/xml", `<PolicyStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsPublic>FALSE</IsPublic></PolicyStatus>`
	default:
		return m.base.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {kind}}, Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

// enforce has the server check the collector's permissions, where it can: for
// some S3 calls moto wants other actions than AWS.
func (s *story) enforce(r everqual.Resource) {
	if r.Type == "AWS::S3::Bucket" {
		s.server.Relax(s)
		return
	}
	s.server.Enforce(s)
}

// tick lets a little time pass with every look at the clock.
func (s *story) tick() time.Time {
	s.now = s.now.Add(73 * time.Millisecond)
	return s.now
}

type recording struct {
	End       time.Time           `json:"end"`
	Resources []everqual.Resource `json:"resources"`
	Exchanges []everqual.Exchange `json:"exchanges"`
}

// add leaves out what is there already: who asks is asked once.
func (f *recording) add(x everqual.Exchange) {
	same := func(y everqual.Exchange) bool { return y.At.Equal(x.At) && y.Operation == x.Operation }
	if !slices.ContainsFunc(f.Exchanges, same) {
		f.Exchanges = append(f.Exchanges, x)
	}
}

func (s *story) write(name string, b []byte) {
	if err := os.WriteFile("data/"+name, b, 0o644); err != nil {
		s.Fatal(err)
	}
}

func packed(t testing.TB, b []byte) []byte {
	var out bytes.Buffer
	w := must(gzip.NewWriterLevel(&out, gzip.BestCompression))(t)
	must(w.Write(b))(t)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func encode(t testing.TB, v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

func indent(t testing.TB, v any) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(encode(t, v)), "", " "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func urlEncoded(s string) string { return url.QueryEscape(s) }

func arn(service, rest string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, estate.Region, estate.Account, rest)
}
