package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// swept is the total of a sweep, and the columns of a type.
func swept(t *testing.T, w *workload, args ...string) (sweep everqual.SweepAccount, total everqual.Coverage) {
	t.Helper()
	var out sweepResult
	w.everqual(&out, append([]string{"sweep", "--debounce", "0s"}, args...)...)
	for _, row := range out.Sweep.Rows {
		if row.Expected != row.Collected+row.Gone+row.Denied+row.Failed+row.Unsupported {
			t.Errorf("the row does not add up: %+v", row)
		}
	}
	return out.Sweep, totalOf(out.Sweep)
}

// TestSweep finds a workload by type, tag, stack and state file, and accounts for
// every resource.
func TestSweep(t *testing.T) {
	w := newWorkload(t)
	for range 7 {
		must(w.ec2.CreateVolume(t.Context(), &ec2.CreateVolumeInput{AvailabilityZone: aws.String("eu-central-1a"), Size: aws.Int32(1),
			TagSpecifications: []ec2types.TagSpecification{{ResourceType: "volume", Tags: []ec2types.Tag{{Key: aws.String("System"), Value: aws.String("OTHER")}}}}}))(t)
	}
	sweep, total := swept(t, w, "--types", "AWS::EC2::Volume")
	if len(sweep.Rows) != 1 || total.Collected != 8 || total.Expected != 8 || len(sweep.Unlisted) != 0 { // 7, and the instance's own
		t.Errorf("volumes: %+v", sweep)
	}
	if _, total = swept(t, w, "--tag", "System=OTHER"); total.Collected != 7 || total.Expected != 7 {
		t.Errorf("by tag: %+v", total)
	}
	cfg := must(config.LoadDefaultConfig(t.Context()))(t)
	must(cloudformation.NewFromConfig(cfg).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("lims"), TemplateBody: aws.String(`{"Resources":{
			"Data":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":"stacked-data"}},
			"Role":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"stacked","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[]}}}}}`),
	}))(t)
	if sweep, total = swept(t, w, "--stack", "lims"); total.Collected != 2 || total.Expected != 2 {
		t.Errorf("by stack: %+v", sweep)
	}
	state := w.write("state.json", fmt.Sprintf(`{"version":4,"resources":[
		{"mode":"managed","type":"aws_instance","name":"web","instances":[{"attributes":{"arn":"arn:aws:ec2:eu-central-1:111122223333:instance/%s"}}]},
		{"mode":"managed","type":"aws_s3_bucket_policy","name":"data","instances":[{"attributes":{"bucket":"web-data"}}]},
		{"mode":"managed","type":"aws_volume","name":"gone","instances":[{"attributes":{"arn":"arn:aws:ec2:eu-central-1:111122223333:volume/vol-0123456789abcdef0"}}]}]}`, w.instance))
	if _, total = swept(t, w, "--state", state); total.Collected != 2 || total.Gone != 1 || total.Expected != 3 {
		t.Errorf("by state file: %+v", total)
	}
	w.noDanglingReplies()
}

// noDanglingReplies makes a report, and checks that with every evidence come the
// replies that it shares with others.
func (w *workload) noDanglingReplies() {
	var report json.RawMessage
	out := filepath.Join(w.dir, "iq")
	w.everqual(&struct{}{}, "sweep", "--types", "AWS::RDS::DBInstance,AWS::EC2::Instance", "--debounce", "0s")
	w.everqual(&report, "report", "--out", out)
	files, err := filepath.Glob(filepath.Join(out, "evidence", "*.json"))
	if err != nil {
		w.t.Fatal(err)
	}
	shared := 0
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			w.t.Fatal(err)
		}
		_, err = collect.ReadEvidence(raw, func(d everqual.Digest) ([]byte, error) {
			shared++
			return os.ReadFile(filepath.Join(out, "evidence", d.Hex()+".reply"))
		})
		if err != nil {
			w.t.Errorf("%s: %v", name, err)
		}
	}
	if shared == 0 {
		w.t.Error("no evidence shares a reply: nothing was tried")
	}
}
