package tfstate_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/everqual/everqual/collect/tfstate"
	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	const arn = "arn:aws:rds:eu-central-1:111122223333:db:lims"
	for name, c := range map[string]struct {
		text string
		want []tfstate.Entry
	}{
		"version 4": {`{"version":4,"resources":[
			{"mode":"managed","type":"aws_db_instance","name":"lims","instances":[{"attributes":{"arn":"` + arn + `","password":"hunter2"}}]},
			{"mode":"data","type":"aws_ami","name":"base","instances":[{"attributes":{"arn":"` + arn + `"}}]},
			{"mode":"managed","type":"random_id","name":"x","instances":[{"attributes":{}}]},
			{"mode":"managed","type":"aws_s3_bucket_policy","name":"p","instances":[{"attributes":{"bucket":"lims-raw-data"}}]},
			{"module":"module.net","mode":"managed","type":"aws_route","name":"out","instances":[{"index_key":"a","attributes":{}},{"index_key":1,"attributes":{"arn":7}}]},
			{"mode":"managed","type":"aws_vpc","name":"v","instances":[{"deposed":"0a","attributes":{"arn":""}}]}]}`,
			[]tfstate.Entry{
				{Address: "aws_db_instance.lims", ARN: arn}, {Address: "aws_s3_bucket_policy.p", Type: "AWS::S3::Bucket", ID: "lims-raw-data"}, {Address: "aws_vpc.v (deposed 0a)"},
				{Address: `module.net.aws_route.out["a"]`}, {Address: "module.net.aws_route.out[1]"},
			}},
		"version 3": {`{"version":3,"modules":[{"path":["root"],"resources":{
			"aws_db_instance.lims":{"type":"aws_db_instance","primary":{"attributes":{"arn":"` + arn + `"}}},
			"data.aws_ami.base":{"type":"aws_ami","primary":{"attributes":{}}},
			"aws_eip.gone":{"type":"aws_eip"}}},
			{"path":["root","net"],"resources":{"aws_route.out.0":{"type":"aws_route","primary":{"attributes":{}}}}}]}`,
			[]tfstate.Entry{{Address: "aws_db_instance.lims", ARN: arn}, {Address: "module.net.aws_route.out.0"}}},
		"empty": {`{"version":4,"resources":[]}`, nil},
	} {
		got, err := tfstate.Read(strings.NewReader(c.text))
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"version":4,`:             "unexpected EOF",
		`{"version":4 "resources"}`: "no JSON",
		`{"version":2}`:             "version is 2",
		`[]`:                        "no Terraform state",
		`{"version":"hunter2"}`:     "version is of the wrong kind",
		`{"format_version":"1.0","values":{"a":1}}`: "terraform state pull",
	} {
		_, err := tfstate.Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Real state files are read without an error, and most entries name a resource.
func TestRealStates(t *testing.T) {
	root := os.Getenv("EVERQUAL_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	entries, arns, files := 0, 0, 0
	_ = filepath.WalkDir(filepath.Join(root, "data", "tfstate"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".tfstate") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		found, err := tfstate.Read(f)
		if err != nil {
			t.Logf("%s: %v", path, err)
			return nil
		}
		files++
		for _, e := range found {
			if entries++; e.ARN != "" || e.ID != "" {
				arns++
			}
		}
		return nil
	})
	if files == 0 {
		t.Skip("SKIPPED: there are no state files here; name their folder with EVERQUAL_SHARED")
	}
	t.Logf("%d files, %d entries, %d name a resource", files, entries, arns)
	if arns*10 < entries*7 {
		t.Errorf("only %d of %d entries name a resource", arns, entries)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"version":4,"resources":[{"mode":"managed","type":"aws_vpc","name":"v","instances":[{"index_key":{},"attributes":{"arn":"arn:aws:ec2:r:1:vpc/v"}}]}]}`)
	f.Add(`{"version":3,"modules":[{"path":[],"resources":{"a":{"type":"aws_vpc","primary":{"attributes":{"arn":null}}}}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := tfstate.Read(strings.NewReader(text))
		for _, e := range entries {
			if _, ok := e.ARN.Parts(); err == nil && e.ARN != "" && !ok {
				t.Errorf("%q is no ARN", e.ARN)
			}
		}
	})
}
