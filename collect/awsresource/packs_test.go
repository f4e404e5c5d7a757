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
	"time"

	"github.com/everqual/everqual"
)

// needed says by which attributes of a type a rule of AWS Config can be judged.
type needed struct {
	Rule, Type string
	Attributes []string
	// Attach names what has to be attached for it.
	Attach string
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
		if n.Attach != "" { // it looks the same on every type
			o, _, _ = observe(t, attaching(t, found(), n.Attach), oneVolume, time.Now)
		}
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

// Every rule of the two packs is in the table.
func TestPacksAreCovered(t *testing.T) {
	root := os.Getenv("EVERQUAL_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	known := map[string]bool{}
	for _, n := range neededByRules(t) {
		known[n.Rule] = true
	}
	rules, missing := map[string]bool{}, []string{}
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
			rules[row[1]] = true
		}
	}
	for rule := range rules {
		if !known[rule] {
			missing = append(missing, rule)
		}
	}
	slices.Sort(missing)
	if len(rules) != 152 || len(missing) > 0 {
		t.Errorf("%d rules, not in the table: %v", len(rules), missing)
	}
}
