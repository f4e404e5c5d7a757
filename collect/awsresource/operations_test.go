package awsresource_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual/rules"
)

// eventSources are the names that CloudTrail gives services where they differ
// from those of their SDK packages; "" where no resource is described.
var eventSources = map[string]string{
	"applicationautoscaling": "application-autoscaling",
	"apigatewayv2":           "apigateway", "cloudwatch": "monitoring", "cloudwatchlogs": "logs", "configservice": "config",
	"databasemigrationservice": "dms", "efs": "elasticfilesystem", "elasticloadbalancingv2": "elasticloadbalancing",
	"emr": "elasticmapreduce", "eventbridge": "events", "opensearch": "es", "resourcegroupstaggingapi": "tagging",
	"sfn": "states", "auditmanager": "", "cloudcontrol": "", "inspector2": "", "sts": "",
	"s3control": "", // of it the two calls on the account are in the rule of s3
}

// reading is how the names of operations begin that change nothing.
var reading = regexp.MustCompile(`^(Get|List|Describe|Head|Search|Lookup|Scan|Query|BatchGet|BatchDescribe|Test|Simulate|Validate|` +
	`Estimate|Detect|Preview|Select|Check|Filter|Download|Poll|Receive|View|Discover|` +
	`GenerateCredentialReport|GenerateServiceLastAccessedDetails|GenerateOrganizationsAccessReport|StartReportCreation)`)

// TestRulesKnowEveryOperation compares the rules with the operations of the SDK:
// each that may change something is either mapped or known to touch nothing.
func TestRulesKnowEveryOperation(t *testing.T) {
	known := knownEvents(t)
	missing := map[string][]string{}
	compared := 0
	for _, dir := range strings.Fields(goList(t, "{{.Dir}}", services(t)...)) {
		name := filepath.Base(strings.Split(dir, "@")[0])
		source, differs := eventSources[name]
		if !differs {
			source = name
		}
		files, err := filepath.Glob(filepath.Join(dir, "api_op_*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no operations of %s in %s: %v", name, dir, err)
		}
		for _, f := range files {
			op := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "api_op_"), ".go")
			if source == "" || strings.HasSuffix(op, "_test") || reading.MatchString(op) {
				continue
			}
			if compared++; !known[source+".amazonaws.com"][op] {
				missing[source] = append(missing[source], op)
			}
		}
	}
	for _, source := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("the rules of %s name neither in events nor in others: %s", source, strings.Join(missing[source], " "))
	}
	if compared < 2000 {
		t.Errorf("only %d operations were compared", compared)
	}
}

func services(t *testing.T) (found []string) {
	for _, p := range strings.Fields(goList(t, `{{join .Imports " "}}`, ".")) {
		if strings.HasPrefix(p, "github.com/aws/aws-sdk-go-v2/service/") && strings.Count(p, "/") == 4 {
			found = append(found, p)
		}
	}
	return found
}

func goList(t *testing.T, format string, packages ...string) string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-f", format}, packages...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return string(out)
}

// knownEvents are the event names in all rule files, by event source.
func knownEvents(t *testing.T) map[string]map[string]bool {
	known := map[string]map[string]bool{}
	files, err := fs.Glob(rules.Files, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := fs.ReadFile(rules.Files, f)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Matches []struct {
				Pattern struct {
					Detail struct{ EventSource []string }
				}
				Events map[string]any
				Others []string
			}
		}
		if err := json.Unmarshal(b, &file); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for _, m := range file.Matches {
			for _, source := range m.Pattern.Detail.EventSource {
				if known[source] == nil {
					known[source] = map[string]bool{}
				}
				for _, name := range append(slices.Collect(maps.Keys(m.Events)), m.Others...) {
					known[source][name] = true
				}
			}
		}
	}
	return known
}
