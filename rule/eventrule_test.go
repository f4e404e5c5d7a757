package rule_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/intake"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rule/pattern"
	"github.com/everqual/everqual/rules"
)

func sharedTransformers(t testing.TB) map[string]rule.Transformer {
	t.Helper()
	out := map[string]rule.Transformer{}
	for _, name := range []string{rule.CloudTrailTransformer, rule.ServiceTransformer} {
		b, err := rules.Files.ReadFile("transformers/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if out[name], err = rule.ParseTransformer(b); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func eventRules(t testing.TB, set *rule.Set) []rule.EventRule {
	t.Helper()
	all, err := set.EventRules(sharedTransformers(t))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// choice says which rule files' EventBridge rules select an event.
type choice struct {
	rules   []rule.EventRule
	matcher *pattern.Matcher
}

func newChoice(t testing.TB, all []rule.EventRule) choice {
	t.Helper()
	c := choice{rules: all}
	var patterns []*pattern.Pattern
	for _, r := range all {
		p, err := pattern.Parse(r.Pattern)
		if err != nil {
			t.Fatalf("%s: %v", r.Name, err)
		}
		patterns = append(patterns, p)
	}
	c.matcher = pattern.NewMatcher(patterns...)
	return c
}

func (c choice) of(t testing.TB, event []byte) map[string]bool {
	t.Helper()
	found, err := c.matcher.Match(event, nil)
	if err != nil {
		t.Fatal(err)
	}
	chosen := map[string]bool{}
	for _, i := range found {
		chosen[c.rules[i].Rule] = true
	}
	return chosen
}

// variants are an event and what becomes of it when it says of itself that it
// changes nothing, or that it failed, in every way in which it can.
func variants(t *testing.T, event json.RawMessage) []json.RawMessage {
	t.Helper()
	all := []json.RawMessage{event}
	for _, change := range []struct {
		key    string
		values []any
	}{
		{"readOnly", []any{true, false, "true", "false", nil, "", "missing"}},
		{"errorCode", []any{"AccessDenied", "", nil, "missing"}},
	} {
		for _, v := range change.values {
			var e map[string]any
			if err := json.Unmarshal(event, &e); err != nil {
				t.Fatal(err)
			}
			detail, ok := e["detail"].(map[string]any)
			if !ok {
				continue
			}
			if detail[change.key] = v; v == "missing" {
				delete(detail, change.key)
			}
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b)
		}
	}
	return all
}

// TestEventRulesAreTheRuleFiles: an EventBridge rule selects an event exactly
// when its rule file does, and nothing is left out in which the corridor finds a
// resource.
func TestEventRulesAreTheRuleFiles(t *testing.T) {
	set := shipped(t)
	chosen := newChoice(t, eventRules(t, set))
	seen := 0
	for _, c := range ruleCases(t) {
		for i, event := range variants(t, c.Event) {
			got := chosen.of(t, event)
			for _, r := range set.Rules() {
				if want := len(selected(t, r, event)) > 0; got[r.ID] != want {
					t.Errorf("%s, variant %d: the rules of %s select it: %t, their file: %t", c.ID, i, r.ID, got[r.ID], want)
				}
			}
			e, err := intake.FromEnvelope(event, everqual.Place{})
			if err != nil {
				t.Fatal(err)
			}
			m, err := set.Match(e)
			if err != nil {
				t.Fatal(err)
			}
			if accepted := !e.ReadOnly && e.ErrorCode == "" && m.Touched(); accepted {
				seen++
				if !got[m.Rule] {
					t.Errorf("%s, variant %d: the corridor accepts it, and no rule of %s sends it", c.ID, i, m.Rule)
				}
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d events that the corridor accepts: the test proves little", seen)
	}
}

func TestEventRulesWithinLimits(t *testing.T) {
	names := map[string]bool{}
	all := eventRules(t, shipped(t))
	for _, r := range all {
		escaped, err := json.Marshal(r.Pattern)
		if err != nil || len(escaped) > 2048 || names[r.Name] || len(r.Name) > 64 || len(r.Description) > 512 {
			t.Errorf("%s: %d characters, %v", r.Name, len(escaped), err)
		}
		names[r.Name] = true
		if len(r.Transformer.Template) > 8192 || len(r.Transformer.Paths) > 100 || len(r.Transformer.Paths) == 0 {
			t.Errorf("%s has the transformer %+v", r.Name, r.Transformer)
		}
	}
	if len(all) > 100 {
		t.Errorf("%d rules; some regions take 100 on a bus", len(all))
	}
}

// TestEventRulesAreSplit has a rule file whose patterns do not fit into one rule.
func TestEventRulesAreSplit(t *testing.T) {
	match := func(source, filler string) string {
		return fmt.Sprintf(`{"pattern": {"source": [%q], "detail-type": ["X"], "detail": {"state": [%q]}}, "touches": [{"path": "arn"}]}`, source, filler)
	}
	long := strings.Repeat("x", 1200)
	file := fmt.Sprintf(`{"id": "x", "title": "X", "service": "aws.x", "resources": {}, "matches": [%s, %s, %s]}`,
		match("aws.a", long), match("aws.b", long), match("aws.c", "short"))
	set, err := rule.Load(fstest.MapFS{"x.json": {Data: []byte(file)}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	all := eventRules(t, set)
	for _, r := range all {
		got = append(got, r.Name+": "+r.Description)
	}
	if want := "everqual-x: X (part 1 of 2), everqual-x-2: X (part 2 of 2)"; strings.Join(got, ", ") != want {
		t.Errorf("rules are %q, want %q", got, want)
	}
	chosen := newChoice(t, all)
	for source, filler := range map[string]string{"aws.a": long, "aws.b": long, "aws.c": "short"} {
		event := fmt.Sprintf(`{"source": %q, "detail-type": "X", "detail": {"state": %q}}`, source, filler)
		if !chosen.of(t, []byte(event))["x"] || chosen.of(t, []byte(strings.ReplaceAll(event, filler, "other")))["x"] {
			t.Errorf("%s is not selected as in the file", source)
		}
	}
}
