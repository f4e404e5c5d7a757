package rule_test

import (
	"context"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/intake"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rule/transform"
	"github.com/everqual/everqual/rules"
	"github.com/google/go-cmp/cmp"
)

// transformers are the shared input transformers by name.
func transformers(t *testing.T) map[string]*transform.Transformer {
	t.Helper()
	out := map[string]*transform.Transformer{}
	for _, name := range []string{rule.CloudTrailTransformer, rule.ServiceTransformer} {
		b, err := rules.Files.ReadFile("transformers/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		text, err := rule.ParseTransformer(b)
		if err != nil {
			t.Fatal(err)
		}
		if out[name], err = transform.Parse(text.InputPathsMap, text.InputTemplate); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return out
}

// sameEvent sends an envelope through a transformer, as AWS fills it and as we
// do: the message must be the event that its envelope is.
func sameEvent(t *testing.T, what string, tr *transform.Transformer, envelope []byte) {
	t.Helper()
	want, err := intake.FromEnvelope(envelope, everqual.Place{})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, strict := range []bool{false, true} {
		message, err := tr.Apply(envelope, transform.Variables{Strict: strict})
		if err != nil {
			t.Errorf("%s, strict %t: %v", what, strict, err)
			continue
		}
		got, err := intake.Parse(message, everqual.Place{})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s, strict %t: %v, event (-of the envelope +of the message):\n%s\n%s", what, strict, err, diff, message)
		}
	}
}

// TestShippedCasesAsMessages sends every case through the transformer of the
// match that selects it.
func TestShippedCasesAsMessages(t *testing.T) {
	byName := transformers(t)
	byRule := map[string]rule.Rule{}
	for _, r := range shipped(t).Rules() {
		byRule[r.ID] = r
	}
	used := map[string]int{}
	for _, c := range ruleCases(t) {
		if !c.Match {
			continue
		}
		name := byRule[c.Rule].Transformers[*c.Pattern].Name
		used[name]++
		sameEvent(t, c.ID, byName[name], c.Event)
	}
	if used[rule.CloudTrailTransformer] < 30 || used[rule.ServiceTransformer] < 30 {
		t.Errorf("cases by transformer: %v", used)
	}
}

// TestRealEventsAsMessages does it with the mutating events of real accounts.
func TestRealEventsAsMessages(t *testing.T) {
	byName := transformers(t)
	used := map[string]int{}
	var reader intake.Reader
	for _, dir := range []string{"events", "cloudtrail/invictus"} {
		for item := range reader.Walk(context.Background(), shared(t, "data", dir), nil) {
			if item.Err != nil {
				t.Fatal(item.Err)
			}
			if item.Event.ReadOnly {
				continue
			}
			name := rule.CloudTrailTransformer
			if item.Event.Actor == (everqual.Actor{}) {
				name = rule.ServiceTransformer
			}
			used[name]++
			sameEvent(t, item.Event.ID, byName[name], item.Event.Envelope)
		}
	}
	if used[rule.CloudTrailTransformer] < 570 || used[rule.ServiceTransformer] < 5 {
		t.Errorf("events by transformer: %v", used)
	}
}
