package awsresource_test

import (
	"context"
	"flag"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/collect/awsresource/mototest"
	"github.com/google/go-cmp/cmp"
)

var record = flag.Bool("record", false, "record the replies in testdata anew, from moto")

func open(t testing.TB) *awsresource.Describer {
	t.Helper()
	return must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{
		Transport: fixture{http.DefaultTransport}, MaxAttempts: 2, MaxBackoff: time.Millisecond,
	}))
}

// TestRecord writes testdata/<type>/present and absent. Afterwards write the
// golden observations with -update, and read what changed.
func TestRecord(t *testing.T) {
	if !*record {
		return // a tool, not a test: nothing is skipped
	}
	server := mototest.Start(t)
	server.Seed(t, 42)
	resources := seed(t)
	t.Setenv("AWS_ENDPOINT_URL", mototest.Recorded)
	d := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{Transport: fixture{server.Transport()}}))
	for _, r := range resources {
		save(t, d, r, "present")
		r.ID = everqual.ResourceID(string(r.ID)[:len(r.ID)-4] + "0000")
		save(t, d, r, "absent")
	}
}

func save(t *testing.T, d *awsresource.Describer, r everqual.Resource, name string) {
	t.Helper()
	_, _, raw := observe(t, d, r, clock(mototest.Epoch.Add(time.Hour)))
	dir := filepath.Join("testdata", strings.ToLower(strings.ReplaceAll(strings.TrimLeft(strings.TrimPrefix(r.Type, "AWS::"), ":"), "::", "-")))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".evidence.json"), append(raw, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// untagged are the types that have no tags.
var untagged = map[string]bool{
	"AWS::AutoScaling::LaunchConfiguration": true, "AWS::IAM::Group": true, "AWS::::Account": true, "AWS::KMS::Alias": true,
}

// TestMoto observes all types in a running AWS-compatible server: everything is
// read, twice gives the same digest, and a change or a deletion is seen.
func TestMoto(t *testing.T) {
	server := mototest.Start(t)
	resources := seed(t)
	collector := newKeyholder(t, server)
	d := open(t)
	sharing := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{
		Transport: fixture{http.DefaultTransport}, MaxAttempts: 2, MaxBackoff: time.Millisecond, Share: time.Minute,
	}))
	first := map[string]everqual.Observation{}
	byType := map[string]everqual.Resource{}
	for _, r := range resources {
		o, _, raw := observe(t, d, r, time.Now)
		if o.State != everqual.Present || len(o.Unread) != 0 || len(o.Attributes) < 3 || !untagged[r.Type] && o.Tags["System"] != "LIMS" {
			t.Errorf("observation is incomplete: %s", compact(o))
		}
		for _, secret := range []string{secretVariable, secretUserData, secretPassword, secretLogin, secretString, secretParameter} {
			if strings.Contains(string(raw)+compact(o), secret) {
				t.Errorf("%s: a secret survived", r.Type)
			}
		}
		if shared, _, _ := observe(t, sharing, r, time.Now); shared.Digest != o.Digest {
			t.Errorf("%s: a shared listing gives another digest:\n%s", r.Type, cmp.Diff(o, shared))
		}
		if again, _, _ := observe(t, open(t), r, time.Now); again.Digest != o.Digest {
			t.Errorf("%s: observing twice gives two digests", r.Type)
		}
		if d.Lists(r.Type) {
			checkListing(t, d, r)
		}
		first[r.Type], byType[r.Type] = o, r
	}
	if types := d.Types(); len(first) != len(types) {
		t.Errorf("%d of %d types were observed", len(first), len(types))
	}
	t.Run("least privilege", func(t *testing.T) { leastPrivilege(t, collector, resources, first) })
	change(t, byType)
	for kind, want := range map[string]everqual.State{
		"AWS::EC2::Instance": everqual.Deleted, "AWS::Lambda::Function": everqual.Deleted, "AWS::DynamoDB::Table": everqual.Deleted,
		"AWS::RDS::DBInstance": everqual.Present, "AWS::EC2::SecurityGroup": everqual.Present,
	} {
		o, _, _ := observe(t, d, byType[kind], time.Now)
		if o.State != want || o.Digest == first[kind].Digest || len(o.Unread) != 0 {
			t.Errorf("%s after the change: %s", kind, compact(o))
		}
	}
}

// checkListing finds the resource among those of its type, by the calls that
// the type declares.
func checkListing(t *testing.T, d *awsresource.Describer, r everqual.Resource) {
	t.Helper()
	recorder := collect.NewRecorder(time.Now)
	listed, err := d.List(collect.WithRecorder(context.Background(), recorder), r.Type, r.Account, r.Region)
	if err != nil || !slices.Contains(listed, r) {
		t.Errorf("%s is not in the listing of its type: %v %v", r.ID, listed, err)
	}
	made := map[string]bool{}
	for _, x := range recorder.Exchanges() {
		made[awsresource.Action(x.Service, x.Operation)] = true
	}
	delete(made, "sts:GetCallerIdentity")
	for _, a := range awsresource.ManyActions(r.Type) {
		made[a] = true
	}
	if got := slices.Sorted(maps.Keys(made)); !slices.Equal(got, d.ListActions(r.Type)) {
		t.Errorf("listing %s makes %v, it declares %v", r.Type, got, d.ListActions(r.Type))
	}
}

func change(t *testing.T, r map[string]everqual.Resource) {
	t.Helper()
	ctx := context.Background()
	cfg := must[aws.Config](t)(config.LoadDefaultConfig(ctx))
	must[*ec2.TerminateInstancesOutput](t)(ec2.NewFromConfig(cfg).TerminateInstances(ctx, &ec2.TerminateInstancesInput{
		InstanceIds: []string{r["AWS::EC2::Instance"].ID.Name()},
	}))
	must[*ec2.AuthorizeSecurityGroupIngressOutput](t)(ec2.NewFromConfig(cfg).AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: aws.String(r["AWS::EC2::SecurityGroup"].ID.Name()), IpProtocol: aws.String("tcp"),
		FromPort: aws.Int32(22), ToPort: aws.Int32(22), CidrIp: aws.String("0.0.0.0/0"),
	}))
	must[*lambda.DeleteFunctionOutput](t)(lambda.NewFromConfig(cfg).DeleteFunction(ctx, &lambda.DeleteFunctionInput{
		FunctionName: aws.String(r["AWS::Lambda::Function"].ID.Name()),
	}))
	must[*dynamodb.UpdateTableOutput](t)(dynamodb.NewFromConfig(cfg).UpdateTable(ctx, &dynamodb.UpdateTableInput{
		TableName: aws.String("lims-samples"), DeletionProtectionEnabled: aws.Bool(false),
	}))
	must[*dynamodb.DeleteTableOutput](t)(dynamodb.NewFromConfig(cfg).DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String("lims-samples")}))
	must[*rds.ModifyDBInstanceOutput](t)(rds.NewFromConfig(cfg).ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: aws.String("lims"), DeletionProtection: aws.Bool(false), ApplyImmediately: aws.Bool(true),
	}))
}
