package awsresource_test

import (
	"encoding/csv"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
)

// needed says by which attributes of a type a rule of AWS Config can be judged.
type needed struct {
	Rule, Type string
	Attributes []string
}

func neededByRules(t *testing.T) (all []needed) {
	t.Helper()
	files, err := filepath.Glob("testdata/rules/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no table of rules: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var some []needed
		if err := json.Unmarshal(b, &some); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, some...)
	}
	return all
}

// Every attribute that a rule looks at is in the recorded observation of its type.
func TestRulesHaveTheirAttributes(t *testing.T) {
	present := map[string]everqual.Observation{}
	for _, e := range recordings(t) {
		if o := replay(t, e); o.State == everqual.Present && len(o.Unread) == 0 {
			present[o.Resource.Type] = o
		}
	}
	rules := map[string]bool{}
	for _, n := range neededByRules(t) {
		rules[n.Rule] = true
		o, ok := present[n.Type]
		if !ok || len(n.Attributes) == 0 {
			t.Errorf("%s: nothing shows %s", n.Rule, n.Type)
			continue
		}
		for _, path := range n.Attributes {
			if !there(map[string]any(o.Attributes), pathSteps.FindAllString(path, -1)) {
				t.Errorf("%s: %s has no %s", n.Rule, n.Type, path)
			}
		}
	}
	t.Logf("%d rules", len(rules))
}

// pathSteps are the steps of the expressions in the table: names, also in quotes,
// every member, and every element, also of those that a filter selects.
var pathSteps = regexp.MustCompile(`"[^"]+"|\[[^\]]*\]|[^.\["]+`)

// there tells whether the path leads somewhere, if only to a null; what is below an
// empty list or a null counts as being there.
func there(v any, path []string) bool {
	if len(path) == 0 || v == nil {
		return true
	}
	below := func(e any) bool { return there(e, path[1:]) }
	switch x := v.(type) {
	case map[string]any:
		if path[0] == "*" {
			return len(x) == 0 || slices.ContainsFunc(slices.Collect(maps.Values(x)), below)
		}
		inner, ok := x[strings.Trim(path[0], `"`)]
		return ok && there(inner, path[1:])
	case []any:
		return path[0][0] == '[' && (len(x) == 0 || slices.ContainsFunc(x, below))
	}
	return false
}

// alias are the names under which the packs have types of other names.
var alias = map[string]string{
	"AWS::Elasticsearch::Domain": "AWS::OpenSearchService::Domain", "AWS::OpenSearch::Domain": "AWS::OpenSearchService::Domain",
	"AWS::IAM::Policy": "AWS::IAM::ManagedPolicy",
}

// unsaid are rules whose attribute is left out when nothing is configured, where an
// explicit null should say so.
var unsaid = []string{
	"CLOUD_TRAIL_ENCRYPTION_ENABLED", "CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED", "LAMBDA_INSIDE_VPC", "LAMBDA_VPC_MULTI_AZ_CHECK",
}

// Every rule of the two packs whose type has a collector is in the table.
func TestPacksAreCovered(t *testing.T) {
	root := os.Getenv("EVERQUAL_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	known := map[string]bool{}
	for _, n := range neededByRules(t) {
		known[n.Rule] = true
	}
	types := awsresource.OpenReplay(nil).Types()
	rules, missing := map[string]string{}, []string{}
	for _, pack := range []string{"fda_21cfr_part11_rules_map.csv", "gxp_eu_annex11_rules_map.csv"} {
		f, err := os.Open(filepath.Join(root, "data", "packs", pack))
		if err != nil {
			t.Skip("SKIPPED: the packs are not here; name the folder of the reference data with EVERQUAL_SHARED")
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			rules[row[1]] = row[2]
		}
	}
	for rule, of := range rules {
		for _, kind := range strings.Split(of, "|") {
			if other := alias[kind]; other != "" {
				kind = other
			}
			if !known[rule] && slices.Contains(types, kind) && !strings.Contains(rule, "BACKUP_PLAN") && !slices.Contains(unsaid, rule) {
				t.Errorf("%s (%s) is not in the table", rule, kind)
			}
		}
		if !known[rule] {
			missing = append(missing, rule)
		}
	}
	slices.Sort(missing)
	t.Logf("%d of %d rules are in the table; not yet: %v", len(rules)-len(missing), len(rules), missing)
}
