package transform

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/everqual/everqual/rule/syntax"
)

// The predefined placeholders.
const (
	ruleARN       = "aws.events.rule-arn"
	ruleName      = "aws.events.rule-name"
	ingestionTime = "aws.events.event.ingestion-time"
	envelope      = "aws.events.event"
	wholeEvent    = "aws.events.event.json"
)

// predefined tells of each predefined placeholder whether it is JSON.
var predefined = map[string]bool{ruleARN: false, ruleName: false, ingestionTime: false, envelope: true, wholeEvent: true}

func predefinedNames() string {
	return "<" + strings.Join(slices.Sorted(maps.Keys(predefined)), ">, <") + ">"
}

// value returns what a placeholder stands for, nil when the event has nothing
// there. It must not be changed.
func (f *filling) value(name string) *syntax.Node {
	switch name {
	case ruleARN:
		return text(f.v.RuleARN)
	case ruleName:
		return text(f.v.RuleName)
	case ingestionTime:
		if f.v.IngestionTime.IsZero() {
			return step{name: "time"}.of(f.event)
		}
		return text(f.v.IngestionTime.UTC().Format(time.RFC3339Nano))
	case envelope:
		return withoutDetail(f.event)
	case wholeEvent:
		return f.event
	}
	return f.t.paths[name].of(f.event)
}

func text(s string) *syntax.Node {
	return &syntax.Node{Kind: syntax.Text, Text: strings.ToValidUTF8(s, "\uFFFD")}
}

// envelopeKeys are the keys in the order in which AWS delivers them.
var envelopeKeys = []string{"id", "account", "detail-type", "time", "source", "region", "resources", "version"}

// withoutDetail is the event as AWS delivers it for <aws.events.event>: without
// detail, and with detail-type spelt detailType. Keys that AWS does not know
// come last.
func withoutDetail(event *syntax.Node) *syntax.Node {
	if event.Kind != syntax.Object {
		return event
	}
	n := &syntax.Node{Kind: syntax.Object}
	for _, key := range envelopeKeys {
		v := step{name: key}.of(event)
		if v == nil {
			continue
		}
		if key == "detail-type" {
			key = "detailType"
		}
		n.Members = append(n.Members, syntax.Member{Key: key, Value: *v})
	}
	for _, m := range event.Members {
		if m.Key != "detail" && !slices.Contains(envelopeKeys, m.Key) {
			n.Members = append(n.Members, m)
		}
	}
	return n
}
