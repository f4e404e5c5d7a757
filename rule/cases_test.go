package rule_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/intake"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rule/pattern"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// ruleCase is one line of rules/testdata/<rule>.jsonl: an event, and what the
// rule file makes of it. docs/rules.md describes the keys.
type ruleCase struct {
	ID         string              `json:"id"`
	Pattern    *int                `json:"pattern"`
	Match      bool                `json:"match"`
	Rule       string              `json:"rule"`
	Resources  []everqual.Resource `json:"resources"`
	Unresolved string              `json:"unresolved"`
	Event      json.RawMessage     `json:"event"`

	file string // the rule's id
}

// ruleCases reads the cases of all rule files.
func ruleCases(t testing.TB) (cases []ruleCase) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "rules", "testdata", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			c := ruleCase{file: strings.TrimSuffix(filepath.Base(file), ".jsonl")}
			d := json.NewDecoder(bytes.NewReader(line))
			d.DisallowUnknownFields()
			if err := d.Decode(&c); err != nil {
				t.Fatalf("%s: %v\n%s", file, err, line)
			}
			if c.ID == "" || seen[c.ID] || c.Resources == nil || c.Event == nil {
				t.Fatalf("%s: the case %q is incomplete or there twice", file, c.ID)
			}
			seen[c.ID] = true
			cases = append(cases, c)
		}
	}
	return cases
}

// TestShippedCases runs every case through intake and the shipped rules. A
// match entry that no case hits fails, so that none is shipped without one.
func TestShippedCases(t *testing.T) {
	set := shipped(t)
	hits := map[string][]int{}
	for _, c := range ruleCases(t) {
		t.Run(c.ID, func(t *testing.T) { checkCase(t, set, c, hits) })
	}
	for _, r := range set.Rules() {
		for i, n := range hits[r.ID] {
			if n == 0 {
				t.Errorf("rules/%s.json: no case in rules/testdata/%s.jsonl hits the match %d, %s", r.ID, r.ID, i, r.Patterns[i])
			}
		}
		if hits[r.ID] == nil {
			t.Errorf("rules/%s.json has no matching case in rules/testdata/%s.jsonl", r.ID, r.ID)
		}
	}
}

func checkCase(t *testing.T, set *rule.Set, c ruleCase, hits map[string][]int) {
	e, err := intake.FromEnvelope(c.Event, everqual.Place{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := set.Match(e)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.Resources, got.Resources, cmpopts.EquateEmpty()); got.Rule != c.Rule || diff != "" {
		t.Errorf("rule %q, want %q; resources (-want +got):\n%s", got.Rule, c.Rule, diff)
	}
	if (c.Unresolved == "") != (got.Unresolved == "") || !strings.Contains(got.Unresolved, c.Unresolved) {
		t.Errorf("unresolved %q, want %q", got.Unresolved, c.Unresolved)
	}
	if !c.Match {
		if c.Pattern != nil || c.Rule != "" || len(c.Resources) > 0 || c.Unresolved != "" {
			t.Errorf("a case that does not match has no rule, no resources and no pattern")
		}
		return
	}
	if c.Rule != c.file || len(c.Resources) == 0 && c.Unresolved == "" || c.Pattern == nil {
		t.Fatalf("a case that matches names rule %q, a pattern, and resources or what is unresolved", c.file)
	}
	rules := set.Rules()
	r := rules[slices.IndexFunc(rules, func(r rule.Rule) bool { return r.ID == c.Rule })]
	if hits[r.ID] == nil {
		hits[r.ID] = make([]int, len(r.Patterns))
	}
	selecting := selected(t, r, c.Event)
	if len(selecting) == 0 || selecting[0] != *c.Pattern {
		t.Fatalf("selected by the patterns %v, want %d first", selecting, *c.Pattern)
	}
	hits[r.ID][*c.Pattern]++
}

// selected are the indexes of the rule's patterns that select the event.
func selected(t *testing.T, r rule.Rule, event []byte) []int {
	t.Helper()
	patterns := make([]*pattern.Pattern, len(r.Patterns))
	for i, text := range r.Patterns {
		p, err := pattern.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		patterns[i] = p
	}
	found, err := pattern.NewMatcher(patterns...).Match(event, nil)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestReferenceExamples holds the five examples that must work as shipped.
func TestReferenceExamples(t *testing.T) {
	want := map[string]string{
		"reference/instance-type-change":    "AWS::EC2::Instance",
		"reference/deletion-protection-off": "AWS::RDS::DBCluster",
		"reference/parameter-changed":       "AWS::SSM::Parameter",
		"reference/rule-non-compliant":      "AWS::S3::Bucket",
		"reference/finding-imported":        "AWS::EC2::SecurityGroup",
	}
	got := map[string]string{}
	for _, c := range ruleCases(t) {
		if strings.HasPrefix(c.ID, "reference/") && c.Match && len(c.Resources) == 1 && c.Unresolved == "" {
			got[c.ID] = c.Resources[0].Type
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("examples (-want +got):\n%s", diff)
	}
}
