package awshome

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/everqual/everqual"
)

// Rule is a rule that should be on the bus of the deployment.
type Rule struct {
	Name, Pattern string
	Paths         map[string]string // of the input transformer
	Template      string
}

// rules holds the rules on the bus against those that should be there.
func (w *ward) rules(ctx context.Context, want []Rule) []everqual.Check {
	client := eventbridge.NewFromConfig(w.cfg)
	there, err := w.onBus(ctx, client)
	if err != nil {
		return []everqual.Check{unasked("event rules", "events:ListRules", err)}
	}
	const again = "deploy the rules again: 'everqual deploy rules' prints them"
	on := len(there)
	var missing, off, changed, extra []string
	var found []Rule
	for _, r := range want {
		is, ok := there[r.Name]
		delete(there, r.Name)
		switch {
		case !ok:
			missing = append(missing, r.Name)
			continue
		case is.State == types.RuleStateDisabled:
			off = append(off, r.Name)
		case !sameJSON(aws.ToString(is.EventPattern), r.Pattern):
			changed = append(changed, r.Name)
		}
		found = append(found, r)
	}
	for name := range there {
		if strings.HasPrefix(name, "everqual-") {
			extra = append(extra, name)
		}
	}
	return append([]everqual.Check{
		several("event rules", len(want), missing, "are there", "missing", everqual.CheckFail, again),
		several("event rules enabled", len(found), off, "are", "disabled", everqual.CheckFail, "enable them: their changes are not seen"),
		several("event patterns", len(found), changed, "are those of this version", "differ", everqual.CheckFail, again),
		several("event rules left over", on, extra, "belong to a rule file", "belong to none", everqual.CheckWarn, "remove them, or use the rule files that they were made of"),
	}, w.targets(ctx, client, found)...)
}

// several is a check of so many things, of which some may be wrong. Of none nothing is
// known.
func several(name string, of int, wrong []string, fine, is string, result everqual.CheckResult, do string) everqual.Check {
	switch {
	case of == 0:
		return everqual.Check{Name: name, Result: everqual.NotChecked, Seen: "there is nothing to look at", Do: "deploy what is missing, and ask again"}
	case len(wrong) == 0:
		return everqual.OK(name, "all %d %s", of, fine)
	}
	return everqual.Check{Name: name, Result: result, Seen: fmt.Sprintf("%d of %d %s: %s", len(wrong), of, is, some(wrong)), Do: do}
}

func (w *ward) onBus(ctx context.Context, client *eventbridge.Client) (map[string]types.Rule, error) {
	there := map[string]types.Rule{}
	for next := (*string)(nil); ; {
		out, err := client.ListRules(ctx, &eventbridge.ListRulesInput{EventBusName: &w.name, NextToken: next})
		if err != nil {
			return nil, err
		}
		for _, r := range out.Rules {
			there[aws.ToString(r.Name)] = r
		}
		if next = out.NextToken; next == nil {
			return there, nil
		}
	}
}

// targets checks where the rules send what they choose, and what they make of it.
func (w *ward) targets(ctx context.Context, client *eventbridge.Client, rules []Rule) []everqual.Check {
	const name = "event targets"
	intake := w.arn("sqs", w.name+"-intake")
	elsewhere, other, mute := make([]bool, len(rules)), make([]bool, len(rules)), make([]bool, len(rules))
	err := together(ctx, len(rules), func(ctx context.Context, i int) error {
		out, err := client.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: &rules[i].Name, EventBusName: &w.name})
		if err != nil {
			return err
		}
		at := slices.IndexFunc(out.Targets, func(t types.Target) bool { return aws.ToString(t.Arn) == intake })
		if elsewhere[i] = at < 0; elsewhere[i] {
			return nil
		}
		other[i] = !transforms(out.Targets[at].InputTransformer, rules[i])
		mute[i] = out.Targets[at].DeadLetterConfig == nil
		return nil
	})
	if err != nil {
		return []everqual.Check{unasked(name, "events:ListTargetsByRule", err)}
	}
	named := func(wrong []bool) (names []string) {
		for i, is := range wrong {
			if is {
				names = append(names, rules[i].Name)
			}
		}
		return names
	}
	const again = "deploy the rules again: 'everqual deploy rules' prints them"
	return []everqual.Check{
		several(name, len(rules), named(elsewhere), "send to "+intake, "send elsewhere", everqual.CheckFail, again),
		several("event transformers", len(rules), named(other), "are those of this version", "differ", everqual.CheckFail, again),
		several("event dead letters", len(rules), named(mute), "have a dead-letter queue", "have none", everqual.CheckWarn, "give their targets one: what cannot be delivered is lost"),
	}
}

func transforms(t *types.InputTransformer, want Rule) bool {
	if t == nil {
		return want.Template == ""
	}
	return aws.ToString(t.InputTemplate) == want.Template && maps.Equal(t.InputPathsMap, want.Paths)
}

// sameJSON compares what two texts say, not how.
func sameJSON(a, b string) bool {
	one, err := canonical(a)
	two, err2 := canonical(b)
	return err == nil && err2 == nil && bytes.Equal(one, two)
}

func canonical(text string) ([]byte, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v) // puts names in order
}
