package awsresource_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/google/go-cmp/cmp"
)

func TestTree(t *testing.T) {
	at := time.Date(2026, 11, 2, 9, 0, 0, 5e8, time.FixedZone("CET", 3600))
	got := awsresource.Tree(ec2types.Volume{
		VolumeId: aws.String("vol-1"), Size: aws.Int32(8), Encrypted: aws.Bool(false), CreateTime: &at, VolumeType: "gp3",
		Tags: []ec2types.Tag{{Key: aws.String("Role"), Value: aws.String("")}}, Attachments: []ec2types.VolumeAttachment{},
	})
	want := map[string]any{
		"VolumeId": "vol-1", "Size": 8.0, "Encrypted": false, "CreateTime": "2026-11-02T08:00:00.5Z", "VolumeType": "gp3",
		"Tags": []any{map[string]any{"Key": "Role", "Value": ""}}, "Attachments": []any{},
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Error(diff)
	}
	big := awsresource.Tree(dynamodbtypes.TableDescription{ItemCount: aws.Int64(1<<53 + 1), TableSizeBytes: aws.Int64(1 << 53)})
	if diff := cmp.Diff(any(map[string]any{"ItemCount": "9007199254740993", "TableSizeBytes": 9007199254740992.0}), big); diff != "" {
		t.Error(diff)
	}
	odd := awsresource.Tree(map[string]any{"a": nil, "b": []byte("x"), "c": map[string]string{"d": ""}, "e": []ec2types.VolumeType{""}})
	if diff := cmp.Diff(any(map[string]any{"a": nil, "b": "eA==", "c": map[string]any{"d": ""}, "e": []any{""}}), odd); diff != "" {
		t.Error(diff)
	}
}

// Documents that mean the same to AWS become the same.
func TestPolicy(t *testing.T) {
	want := `{"Statement":[{"Action":["a:B","a:C"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}},"Effect":"Deny","Principal":{"AWS":["*"]},"Resource":["*"],"Sid":"A"},{"Effect":"Allow","Sid":"B"}],"Version":"2012-10-17"}`
	for name, document := range map[string]string{
		"lists":    `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["a:B","a:C"],"Resource":["*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}},{"Sid":"B","Effect":"Allow"}]}`,
		"order":    `{"Statement":[{"Sid":"B","Effect":"Allow"},{"Sid":"A","Effect":"Deny","Principal":{"AWS":"*"},"Action":["a:C","a:B"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}],"Version":"2012-10-17"}`,
		"booleans": `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Deny","Principal":{"AWS":"*"},"Action":["a:C","a:B"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":false}}},{"Sid":"B","Effect":"Allow"}]}`,
		"encoded":  `%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Sid%22%3A%22B%22%2C%22Effect%22%3A%22Allow%22%7D%2C%7B%22Sid%22%3A%22A%22%2C%22Effect%22%3A%22Deny%22%2C%22Principal%22%3A%7B%22AWS%22%3A%22%2A%22%7D%2C%22Action%22%3A%5B%22a%3AC%22%2C%22a%3AB%22%5D%2C%22Resource%22%3A%22%2A%22%2C%22Condition%22%3A%7B%22Bool%22%3A%7B%22aws%3ASecureTransport%22%3A%22false%22%7D%7D%7D%5D%7D`,
	} {
		got, err := json.Marshal(awsresource.Policy(document))
		if err != nil || string(got) != want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, want)
		}
	}
	for _, text := range []string{"", "no JSON", "%7B%zz", "[1]", "null", `{"Statement":`} {
		if got := awsresource.Policy(text); got != text {
			t.Errorf("%q became %v", text, got)
		}
	}
	if got := awsresource.Policy(nil); got != nil {
		t.Errorf("nothing became %v", got)
	}
}

func TestVolatileAttributesAreLeftOut(t *testing.T) {
	for kind, text := range map[string]string{
		"AWS::RDS::DBInstance":  `{"Engine":"x","LatestRestorableTime":"t","PercentProgress":"1"}`,
		"AWS::IAM::Role":        `{"Engine":"x","RoleLastUsed":{"Region":"r"}}`,
		"AWS::EC2::Subnet":      `{"Engine":"x","AvailableIpAddressCount":1}`,
		"AWS::Lambda::Function": `{"Engine":"x","RevisionId":"r"}`,
		"AWS::DynamoDB::Table":  `{"Engine":"x","ItemCount":1,"TableSizeBytes":2}`,
	} {
		got := awsresource.Normalise(kind, parsed(t, text))
		if diff := cmp.Diff(everqual.Attributes{"Engine": "x"}, got); diff != "" {
			t.Errorf("%s:\n%s", kind, diff)
		}
	}
	nested := awsresource.Normalise("AWS::DynamoDB::Table", parsed(t, `{"GlobalSecondaryIndexes":[{"IndexName":"b","ItemCount":1},{"IndexName":"a","ItemCount":2}],
		"ContinuousBackups":{"PointInTimeRecoveryDescription":{"LatestRestorableDateTime":"t","PointInTimeRecoveryStatus":"ENABLED"}}}`))
	want := parsed(t, `{"GlobalSecondaryIndexes":[{"IndexName":"a"},{"IndexName":"b"}],"ContinuousBackups":{"PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED"}}}`)
	if diff := cmp.Diff(want, nested); diff != "" {
		t.Error(diff)
	}
}

func parsed(t testing.TB, text string) everqual.Attributes {
	t.Helper()
	var a everqual.Attributes
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// checkNormalise proves what must hold for any attributes: no crash, twice is
// as once, and shuffling the sets changes nothing.
func checkNormalise(t testing.TB, kind string, text []byte, random *rand.Rand) {
	t.Helper()
	var a, b, c everqual.Attributes
	if json.Unmarshal(text, &a) != nil || a == nil {
		return
	}
	_ = json.Unmarshal(text, &b)
	once := canonical(t, awsresource.Normalise(kind, a))
	_ = json.Unmarshal([]byte(once), &c)
	if twice := canonical(t, awsresource.Normalise(kind, c)); twice != once {
		t.Fatalf("%s: normalising twice changes it:\n%s\n%s", kind, once, twice)
	}
	_, sets, _, _ := awsresource.PathsOf(kind)
	for _, path := range sets {
		shuffle(map[string]any(b), strings.Split(strings.ReplaceAll(path, "[]", ".[]"), "."), random)
	}
	if shuffled := canonical(t, awsresource.Normalise(kind, b)); shuffled != once {
		t.Fatalf("%s: another order gives something else:\n%s\n%s", kind, once, shuffled)
	}
}

func canonical(t testing.TB, v any) string {
	t.Helper()
	b, err := collect.Canonical(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func shuffle(v any, path []string, random *rand.Rand) {
	switch x := v.(type) {
	case map[string]any:
		if len(path) > 0 {
			shuffle(x[path[0]], path[1:], random)
		}
	case []any:
		if len(path) == 0 {
			random.Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
		} else if path[0] == "[]" {
			for _, inner := range x {
				shuffle(inner, path[1:], random)
			}
		}
	}
}

// replies of AWS itself: which list of which operation holds which type.
var realReplies = map[string]struct{ kind, list string }{
	"ec2.DescribeInstances": {"AWS::EC2::Instance", "Reservations.Instances"}, "ec2.DescribeVolumes": {"AWS::EC2::Volume", "Volumes"},
	"ec2.DescribeSecurityGroups": {"AWS::EC2::SecurityGroup", "SecurityGroups"}, "ec2.DescribeVpcs": {"AWS::EC2::VPC", "Vpcs"},
	"ec2.DescribeSubnets": {"AWS::EC2::Subnet", "Subnets"}, "rds.DescribeDBInstances": {"AWS::RDS::DBInstance", "DBInstances"},
	"rds.DescribeDBClusters": {"AWS::RDS::DBCluster", "DBClusters"}, "kms.DescribeKey": {"AWS::KMS::Key", "KeyMetadata"},
	"iam.GetRole": {"AWS::IAM::Role", "Role"}, "lambda.GetFunctionConfiguration": {"AWS::Lambda::Function", ""},
	"dynamodb.DescribeTable": {"AWS::DynamoDB::Table", "Table"}, "cloudtrail.DescribeTrails": {"AWS::CloudTrail::Trail", "trailList"},
	"s3.GetBucketLifecycleConfiguration": {"AWS::S3::Bucket", ""}, "s3.GetBucketPolicy": {"AWS::S3::Bucket", ""},
}

func TestRealRepliesAreNormalised(t *testing.T) {
	root := os.Getenv("EVERQUAL_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	dir := filepath.Join(root, "data", "aws-replies")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("SKIPPED: there are no recorded AWS replies here; name their folder with EVERQUAL_SHARED")
	}
	random, seen := rand.New(rand.NewPCG(1, 2)), map[string]int{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		name, _, _ := strings.Cut(filepath.Base(path), "_")
		r, ok := realReplies[name]
		if err != nil || !ok {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var reply struct{ Data any }
		if json.Unmarshal(b, &reply) != nil {
			return nil
		}
		for _, e := range elements(reply.Data, strings.FieldsFunc(r.list, func(c rune) bool { return c == '.' })) {
			text, err := json.Marshal(e)
			if err != nil {
				return err
			}
			checkNormalise(t, r.kind, text, random)
			seen[r.kind]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("normalised %v", seen)
	if len(seen) < 12 {
		t.Errorf("only %v were found", slices.Sorted(maps.Keys(seen)))
	}
}

func elements(v any, path []string) []any {
	switch x := v.(type) {
	case []any:
		var all []any
		for _, e := range x {
			all = append(all, elements(e, path)...)
		}
		return all
	case map[string]any:
		if len(path) > 0 {
			return elements(x[path[0]], path[1:])
		}
		return []any{x}
	}
	return nil
}

func FuzzNormalise(f *testing.F) {
	f.Add(0, []byte(`{"Tags":[{"Key":"b"},{"Key":"a"}],"SecurityGroups":[{"IpPermissions":[{"IpRanges":[{"CidrIp":"x"},{}]},null]}]}`))
	f.Add(5, []byte(`{"Policy":"{\"Statement\":[{\"Action\":\"a\",\"Condition\":{\"B\":{\"c\":[true,\"x\"]}}},1]}","Tags":null}`))
	f.Add(9, []byte(`{"AssumeRolePolicyDocument":"%7B%22Statement%22%3A%5B%5D%7D","InlinePolicies":[{"PolicyDocument":"x"},[]]}`))
	f.Add(12, []byte(`{"GlobalSecondaryIndexes":{"a":1},"ContinuousBackups":[]}`))
	types := awsresource.OpenReplay(nil).Types()
	f.Fuzz(func(t *testing.T, n int, text []byte) {
		checkNormalise(t, types[((n%len(types))+len(types))%len(types)], text, rand.New(rand.NewPCG(1, 2)))
	})
}
