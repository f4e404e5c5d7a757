package rule

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/everqual/everqual/rule/pattern"
)

// EventRule is a rule of EventBridge: on a bus, it chooses what a rule file
// chooses here, and sends it on as one message.
type EventRule struct {
	Name        string           `json:"name"`
	Description string           `json:"description"`
	Pattern     json.RawMessage  `json:"event_pattern"`
	Transformer InputTransformer `json:"input_transformer"`
	// Rule is the rule file's id.
	Rule string `json:"-"`
}

// InputTransformer is what a target makes of an event.
type InputTransformer struct {
	Paths    map[string]string `json:"paths"`
	Template string            `json:"template"`
}

// Limits of EventBridge on a rule, in characters.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
const (
	maxRuleName    = 64
	maxDescription = 512
)

// EventRules renders every rule file as EventBridge rules: one, unless its
// matches have several input transformers, or their patterns are too long for
// one rule. shared are the shared transformers by name.
func (s *Set) EventRules(shared map[string]Transformer) (all []EventRule, err error) {
	for _, r := range s.rules {
		parts, err := r.eventRules(shared)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.ID, err)
		}
		all = append(all, parts...)
	}
	return all, nil
}

func (r *Rule) eventRules(shared map[string]Transformer) (all []EventRule, err error) {
	for _, p := range r.together() {
		t := p.transformer
		if t.Name != "" {
			var ok bool
			if t, ok = shared[t.Name]; !ok {
				return nil, fmt.Errorf("there is no shared transformer %q", p.transformer.Name)
			}
		}
		all = append(all, EventRule{Pattern: either(p.patterns), Transformer: InputTransformer{t.InputPathsMap, t.InputTemplate}, Rule: r.ID})
	}
	for i := range all {
		all[i].Name, all[i].Description = "everqual-"+r.ID, r.Title
		if i > 0 { // the first keeps its name when others come
			all[i].Name += fmt.Sprintf("-%d", i+1)
		}
		if len(all) > 1 {
			all[i].Description += fmt.Sprintf(" (part %d of %d)", i+1, len(all))
		}
		if len(all[i].Name) > maxRuleName || utf8.RuneCountInString(all[i].Description) > maxDescription {
			return nil, fmt.Errorf("the name %q or the title is longer than EventBridge takes: shorten id or title", all[i].Name)
		}
	}
	return all, nil
}

// portion are patterns that fit into one rule.
type portion struct {
	transformer Transformer
	patterns    []string
}

// together puts the matches with the same transformer into as few portions as
// their lengths allow, in their order.
func (r *Rule) together() (all []*portion) {
	for i, text := range r.Patterns {
		var home *portion
		for _, p := range all {
			if same(p.transformer, r.Transformers[i]) && fits(append(p.patterns[:len(p.patterns):len(p.patterns)], text)) {
				home = p
				break
			}
		}
		if home == nil {
			home = &portion{transformer: r.Transformers[i]}
			all = append(all, home)
		}
		home.patterns = append(home.patterns, text)
	}
	return all
}

func same(a, b Transformer) bool {
	return a.Name == b.Name && a.InputTemplate == b.InputTemplate && fmt.Sprint(a.InputPathsMap) == fmt.Sprint(b.InputPathsMap)
}

// fits tells whether EventBridge takes a pattern that selects what one of these
// does. Tools that deploy it may escape < > & in it, which counts.
func fits(patterns []string) bool {
	text := either(patterns)
	escaped, err := json.Marshal(text)
	if err != nil || utf8.RuneCount(escaped) > maxQuota {
		return false
	}
	_, err = pattern.Parse(text)
	return err == nil
}

// either selects what one of the patterns does.
func either(patterns []string) json.RawMessage {
	if len(patterns) == 1 {
		return json.RawMessage(patterns[0])
	}
	return json.RawMessage(`{"$or":[` + strings.Join(patterns, ",") + `]}`)
}
