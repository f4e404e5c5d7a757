package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/everqual/everqual/collect/awsresource/mototest"
)

// workload is a small workload in an AWS-compatible server, with the program
// pointed at it.
type workload struct {
	t        *testing.T
	dir      string
	events   int
	instance string
	ec2      *ec2.Client
	rds      *rds.Client
	s3       *s3.Client
}

const e2eSpecs = `{
  "id": "WEB-SRV", "version": "1.0", "title": "Web servers", "system": "WEB",
  "approval": {"by": "Q. Unit", "role": "QA", "at": "2020-01-01"},
  "applies": {"type": "AWS::EC2::Instance", "tags": {"Role": "web"}},
  "test_cases": [
    {"id": "WEB-01", "title": "Instance type", "attribute": "InstanceType", "expect": "t3.small", "risk": "high"},
    {"id": "WEB-02", "title": "Owner is known", "attribute": "TagMap.Owner", "expect": {"exists": true}}
  ]
}`

const e2eDatabase = `{
  "id": "WEB-DB", "version": "1.0", "title": "Database", "system": "WEB",
  "approval": {"by": "Q. Unit", "role": "QA", "at": "2020-01-01"},
  "applies": {"type": "AWS::RDS::DBInstance", "tags": {"Role": "db"}},
  "test_cases": [
    {"id": "DB-01", "title": "Deletion protection", "attribute": "DeletionProtection", "expect": true},
    {"id": "DB-02", "title": "Backups are kept", "attribute": "BackupRetentionPeriod", "expect": {"at_least": 7}}
  ]
}`

const e2eBucket = `{
  "id": "WEB-S3", "version": "1.0", "title": "Buckets", "system": "WEB",
  "approval": {"by": "Q. Unit", "role": "QA", "at": "2020-01-01"},
  "applies": {"type": "AWS::S3::Bucket", "tags": {"Role": "data"}},
  "test_cases": [{"id": "S3-01", "title": "Versioning", "attribute": "Versioning.Status", "expect": "Enabled"}]
}`

func newWorkload(t *testing.T) *workload {
	mototest.Start(t)
	w := &workload{t: t, dir: t.TempDir()}
	for name, text := range map[string]string{
		"specs/system.json": `{"id": "WEB", "title": "Web shop", "scope": {"tags": {"System": "WEB"}}}`,
		"specs/web.json":    e2eSpecs, "specs/db.json": e2eDatabase, "specs/bucket.json": e2eBucket,
	} {
		w.write(name, text)
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.ec2, w.rds = ec2.NewFromConfig(cfg), rds.NewFromConfig(cfg)
	w.s3 = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	w.create()
	return w
}

func (w *workload) write(name, text string) string {
	w.t.Helper()
	name = filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return name
}

func (w *workload) create() {
	t, ctx := w.t, w.t.Context()
	images := must(w.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{}))(t)
	run := must(w.ec2.RunInstances(ctx, &ec2.RunInstancesInput{
		ImageId: images.Images[0].ImageId, InstanceType: "t3.small", MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: "instance", Tags: []ec2types.Tag{
			{Key: aws.String("System"), Value: aws.String("WEB")}, {Key: aws.String("Role"), Value: aws.String("web")},
			{Key: aws.String("Owner"), Value: aws.String("platform")}, {Key: aws.String("Name"), Value: aws.String("web-1")},
		}}},
	}))(t)
	w.instance = *run.Instances[0].InstanceId
	must(w.rds.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String("web-db"), DBInstanceClass: aws.String("db.t3.small"), Engine: aws.String("postgres"),
		AllocatedStorage: aws.Int32(20), MasterUsername: aws.String("web"), MasterUserPassword: aws.String("Not-To-Be-Kept-1"),
		DeletionProtection: aws.Bool(true), BackupRetentionPeriod: aws.Int32(14),
		Tags: []rdstypes.Tag{{Key: aws.String("System"), Value: aws.String("WEB")}, {Key: aws.String("Role"), Value: aws.String("db")}},
	}))(t)
	must(w.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("web-data"),
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: mototest.Region}}))(t)
	w.versioning(s3types.BucketVersioningStatusEnabled)
	must(w.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: aws.String("web-data"), Tagging: &s3types.Tagging{TagSet: []s3types.Tag{
		{Key: aws.String("System"), Value: aws.String("WEB")}, {Key: aws.String("Role"), Value: aws.String("data")}}}}))(t)
}

func (w *workload) versioning(status s3types.BucketVersioningStatus) {
	must(w.s3.PutBucketVersioning(w.t.Context(), &s3.PutBucketVersioningInput{Bucket: aws.String("web-data"),
		VersioningConfiguration: &s3types.VersioningConfiguration{Status: status}}))(w.t)
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// heard writes the CloudTrail log file of one call, as the trail would.
func (w *workload) heard(service, name, user, request, response string) string {
	w.events++
	now := time.Now().UTC().Format(time.RFC3339)
	return w.write(fmt.Sprintf("logs/%d.json", w.events), fmt.Sprintf(`{"Records":[{"eventVersion":"1.11",
		"userIdentity":{"type":"IAMUser","userName":%q,"arn":"arn:aws:iam::%[2]s:user/%[1]s","accountId":"%[2]s"},
		"eventTime":%q,"eventSource":%q,"eventName":%q,"awsRegion":%q,"requestParameters":%s,"responseElements":%s,
		"eventID":"00000000-0000-4000-8000-%012d","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,
		"recipientAccountId":"%[2]s"}]}`, user, mototest.Account, now, service+".amazonaws.com", name, mototest.Region,
		request, response, w.events))
}

// everqual runs the program and decodes what it prints.
func (w *workload) everqual(result any, args ...string) {
	w.t.Helper()
	args = append(args, "--home", filepath.Join(w.dir, "home"), "--specs", filepath.Join(w.dir, "specs"), "--output", "json")
	cmd := exec.CommandContext(w.t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "EVERQUAL_BE_MAIN=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("everqual %s: %v\n%s%s", strings.Join(args, " "), err, out, &stderr)
	}
	if err := json.Unmarshal(out, result); err != nil {
		w.t.Fatalf("everqual %s printed no JSON: %v\n%s", args[0], err, out)
	}
}

type runOutput struct {
	Events struct{ Total, Matched, Unmatched int }
	Work   struct {
		Done        int
		DeadLetters int `json:"dead_letters"`
	}
	Systems []struct {
		Verdicts struct {
			Total, Pass, Fail int
			NotEvaluated      int `json:"not_evaluated"`
		}
		Open []struct {
			Name     string
			Verdicts []struct {
				TestCase string `json:"test_case"`
				Outcome  string
				Actual   string
			}
		}
	}
}

// TestWorkload is the whole corridor over HTTP: a workload is created, run,
// changed, run again; the verdicts change, and drift names who did it.
func TestWorkload(t *testing.T) {
	w := newWorkload(t)
	told := w.webhook()
	w.heard("ec2", "RunInstances", "deployer", "{}",
		fmt.Sprintf(`{"instancesSet":{"items":[{"instanceId":%q}]}}`, w.instance))
	w.heard("rds", "CreateDBInstance", "deployer", `{"dBInstanceIdentifier":"web-db"}`, `{"dBInstanceIdentifier":"web-db"}`)
	w.heard("s3", "CreateBucket", "deployer", `{"bucketName":"web-data"}`, "null")
	var r runOutput
	w.everqual(&r, "run", "--from", filepath.Join(w.dir, "logs"), "--settle", "0s", "--debounce", "0s")
	if r.Events.Matched != 3 || r.Work.DeadLetters != 0 || r.Systems[0].Verdicts.Pass != 5 || r.Systems[0].Verdicts.Total != 5 {
		t.Fatalf("the deployed workload gives %+v, want 3 matched events and 5 PASS", r)
	}
	w.everqual(&struct{}{}, "baseline", "set", "--reason", "deployed", "--by", "release")

	must(w.rds.ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{DBInstanceIdentifier: aws.String("web-db"),
		DeletionProtection: aws.Bool(false), ApplyImmediately: aws.Bool(true)}))(t)
	w.heard("rds", "ModifyDBInstance", "bruno", `{"dBInstanceIdentifier":"web-db","deletionProtection":false}`, `{"dBInstanceIdentifier":"web-db"}`)
	must(w.ec2.DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: []string{w.instance}, Tags: []ec2types.Tag{{Key: aws.String("Role")}}}))(t)
	w.heard("ec2", "DeleteTags", "clara", fmt.Sprintf(
		`{"resourcesSet":{"items":[{"resourceId":%q}]},"tagSet":{"items":[{"key":"Role"}]}}`, w.instance), `{"_return":true}`)
	w.versioning(s3types.BucketVersioningStatusSuspended) // of this one nobody hears
	r = runOutput{}
	w.everqual(&r, "run", "--from", filepath.Join(w.dir, "logs"), "--settle", "0s", "--debounce", "0s")
	if v := r.Systems[0].Verdicts; v.Fail != 2 || v.NotEvaluated != 0 {
		t.Errorf("after the changes the verdicts are %+v, want 2 FAIL (DB-01, SELECTION)\n%+v", v, r.Systems[0].Open)
	}
	w.everqual(&r, "collect", "arn:aws:s3:::web-data", "--settle", "0s", "--debounce", "0s", "--region", mototest.Region)

	var d struct {
		Drift []struct {
			Name   string
			Change struct{ Path string }
			Events []struct{ Actor struct{ Name string } }
		}
	}
	w.everqual(&d, "drift")
	got := map[string]string{}
	for _, row := range d.Drift {
		who := "nobody"
		if len(row.Events) > 0 {
			who = row.Events[0].Actor.Name
		}
		got[row.Name+" "+row.Change.Path] = who
	}
	for what, who := range map[string]string{
		"web-db DeletionProtection": "bruno", "web-1 Tags[Role]": "clara", "web-data Versioning.Status": "nobody",
	} {
		if got[what] != who {
			t.Errorf("drift of %s is put down to %q, want %q; all: %v", what, got[what], who, got)
		}
	}
	if titles := told(); len(titles) != 3 {
		t.Errorf("the webhook was told %q, want three failures", titles)
	}
	w.noSecrets()
}

// webhook has a server told of what fails, and returns what it heard.
func (w *workload) webhook() (told func() []string) {
	var mu sync.Mutex
	var titles []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var notice struct{ Title string }
		err := json.NewDecoder(r.Body).Decode(&notice)
		mu.Lock()
		defer mu.Unlock()
		titles = append(titles, notice.Title)
		if err != nil || r.Header.Get("X-Everqual-Signature") == "" {
			w.t.Errorf("a notice without signature, or %v", err)
		}
	}))
	w.t.Cleanup(server.Close)
	w.write("home/notify.json", fmt.Sprintf(`[{"format": "json", "url": "%s/hook", "secret": "s3cret"}]`, server.URL))
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return titles
	}
}

// noSecrets looks for the database's password in everything that was kept.
func (w *workload) noSecrets() {
	var report json.RawMessage
	w.everqual(&report, "report", "--out", filepath.Join(w.dir, "iq"))
	files := 0
	err := filepath.WalkDir(w.dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(name)
		if strings.Contains(string(b), "Not-To-Be-Kept-1") {
			w.t.Errorf("%s holds the database's password", name)
		}
		return err
	})
	if err != nil || files < 10 {
		w.t.Errorf("looked into %d files: %v", files, err)
	}
}
