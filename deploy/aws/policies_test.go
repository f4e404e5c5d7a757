package aws_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual/collect/awsresource"
)

type policy struct {
	Version   string
	Statement []struct {
		Sid, Effect      string
		Action, Resource any
	}
}

var (
	listPlace = regexp.MustCompile(`(: )\$\{[a-z_()]+\}`) // not within quotes: a list
	place     = regexp.MustCompile(`\$\{[a-z_]+\}`)
	directive = regexp.MustCompile(`(?m)^%\{.*\n`)
)

// readPolicy reads a policy with something in the place of what Terraform fills in.
func readPolicy(t *testing.T, file string, p any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := directive.ReplaceAllString(string(b), "")
	text = place.ReplaceAllString(listPlace.ReplaceAllString(text, `$1["x"]`), "x")
	if err := json.Unmarshal([]byte(text), p); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// texts are one text or several.
func texts(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			all = append(all, e.(string))
		}
	}
	return all
}

// everywhere are the statements that have to allow something on all resources:
// of a key the resource is the key itself, the others take no resource.
var everywhere = map[string][]string{
	"key-data.json": {"Account", "Deliver", "Logs"}, "execution.json": {"Image"}, "function-schedule.json": {"ListMembers"},
	"machine-collect.json": {"Logs"}, "machine-qualify.json": {"Logs"},
}

// TestPoliciesAreNarrow allows no action in general, and none on everything but
// where AWS takes no resource.
func TestPoliciesAreNarrow(t *testing.T) {
	files, err := filepath.Glob("policies/*.json")
	if err != nil || len(files) < 19 {
		t.Fatalf("policies: %v, %v", files, err)
	}
	for _, f := range files {
		name := filepath.Base(f)
		var p policy
		readPolicy(t, f, &p)
		for _, s := range p.Statement {
			all := slices.Contains(texts(s.Resource), "*")
			if all && !slices.Contains(everywhere[name], s.Sid) {
				t.Errorf("%s: %s allows on every resource", name, s.Sid)
			}
			for _, a := range texts(s.Action) {
				wide := strings.HasSuffix(a, "*") && name != "key-data.json"
				if s.Effect == "Allow" && wide || !strings.Contains(a, ":") {
					t.Errorf("%s: %s allows %s", name, s.Sid, a)
				}
			}
		}
	}
}

// TestRecordsStay: no function may take a record out of the ledger. What deletes
// or writes many items at once is bound to keys that are no records.
func TestRecordsStay(t *testing.T) {
	for _, f := range append(must(filepath.Glob("policies/function-*.json")), "policies/worker.json", "policies/operator.json") {
		var p struct {
			Statement []struct {
				Action    []string
				Condition map[string]map[string][]string
			}
		}
		readPolicy(t, f, &p)
		for _, s := range p.Statement {
			if !slices.ContainsFunc(s.Action, func(a string) bool {
				return slices.Contains([]string{"dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem"}, a)
			}) {
				continue
			}
			var keys []string
			for _, c := range s.Condition {
				keys = append(keys, c["dynamodb:LeadingKeys"]...)
			}
			if len(keys) == 0 || slices.ContainsFunc(keys, func(k string) bool {
				return strings.HasPrefix(k, "record") || strings.HasPrefix(k, "key#") || strings.HasPrefix(k, "head") || strings.HasPrefix(k, "*")
			}) {
				t.Errorf("%s: %v reaches records by %v", f, s.Action, keys)
			}
		}
	}
}

func must(files []string, err error) []string {
	if err != nil {
		panic(err)
	}
	return files
}

// maxPolicy is how long a managed policy may be, white space aside.
const maxPolicy = 6144

// TestCollect: what the collector roles may is what the collectors need, in
// Terraform and in CloudFormation.
func TestCollect(t *testing.T) {
	want, err := awsresource.CollectPolicy(nil, true)
	if err != nil {
		t.Fatal(err)
	}
	stackset, err := os.ReadFile("stackset/member.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got awsresource.IAMPolicy
	for _, f := range must(filepath.Glob("policies/collect/*.json")) {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var part awsresource.IAMPolicy
		if err := json.Unmarshal(b, &part); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		short, _ := json.Marshal(part)
		if len(short) > maxPolicy {
			t.Errorf("%s has %d characters, and IAM takes %d", f, len(short), maxPolicy)
		}
		indented := "        " + strings.ReplaceAll(strings.TrimSpace(string(b)), "\n", "\n        ")
		if !strings.Contains(string(stackset), "      PolicyDocument:\n"+indented+"\n") {
			t.Errorf("stackset/member.yaml does not hold %s as it is", f)
		}
		got.Version = part.Version
		got.Statement = append(got.Statement, part.Statement...)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("policies/collect is not what the collectors need: write it anew with 'everqual iam-policy --collect --list --out'")
	}
}
