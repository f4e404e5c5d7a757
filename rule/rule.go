package rule

import (
	"bytes"
	"encoding/json"
	"regexp"
	"unicode/utf8"

	"github.com/everqual/everqual/rule/pattern"
	"github.com/everqual/everqual/rule/syntax"
)

// maxQuota is how many characters EventBridge allows in an event pattern
// unless the quota is raised: every shipped pattern must be usable there.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
const maxQuota = 2048

const maxFile = 4 << 20 // bytes of one rule file

// Rule is one rule file: the events of one service and the resources that they
// touch. docs/rules.md describes the format.
type Rule struct {
	ID      string // "ec2"
	Title   string
	Service string // CloudTrail's eventSource, or the envelope's source
	// Patterns are the event patterns as compact JSON, ready for EventBridge.
	Patterns []string
	// Transformers make the change event's message from what a pattern of the
	// same index selects.
	Transformers []Transformer

	types   []*resourceType
	matches []*match
}

// match is one way in which events of the service arrive.
type match struct {
	rule    *Rule
	pattern *pattern.Pattern
	at      int
	// events gives the extractions by eventName; touches gives those of
	// envelopes that have no eventName.
	events  map[string][]extraction
	touches []extraction
	// others are the events that touch no resource described here.
	others map[string]bool
}

// extraction takes resource ids from one place of an event, or one id that form
// puts together from several. Without a type the id itself tells it, or what the
// event has at typeAt.
type extraction struct {
	path            path
	form            form
	kind            *resourceType
	typeAt          path
	account, region path // of the match: where the event says whose resource it is
}

var ruleID = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

// parseRule reads one rule file.
func parseRule(b []byte) (*Rule, error) {
	n, err := syntax.Parse(b, maxFile)
	if err != nil {
		return nil, err
	}
	f, err := fieldsOf(n, "id", "title", "service", "resources", "matches")
	if err != nil {
		return nil, err
	}
	r := &Rule{}
	for name, to := range map[string]*string{"id": &r.ID, "title": &r.Title, "service": &r.Service} {
		if *to, err = f.text(name); err != nil {
			return nil, err
		}
	}
	if !ruleID.MatchString(r.ID) {
		return nil, syntax.Faultf(f["id"].At, "bad id %q; use lower-case letters, digits and hyphens", r.ID)
	}
	err = table(f["resources"], "resources", func(m *syntax.Member) error {
		t, err := parseResourceType(m)
		r.types = append(r.types, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, list(f["matches"], "matches", func(item *syntax.Node) error { return r.addMatch(item, b) })
}

func (r *Rule) addMatch(n *syntax.Node, b []byte) error {
	f, err := fieldsOf(n, "pattern", "events?", "others?", "touches?", "account?", "region?", "transformer?")
	if err != nil {
		return err
	}
	var whose extraction
	for name, to := range map[string]*path{"account": &whose.account, "region": &whose.region} {
		if f[name] == nil {
			continue
		}
		if *to, err = parsePath(f[name]); err != nil {
			return err
		}
	}
	t, err := parseTransformer(f["transformer"], f["events"] != nil)
	if err != nil {
		return err
	}
	m := &match{rule: r, at: n.At}
	if m.pattern, err = pattern.Compile(f["pattern"], b); err != nil {
		return err
	}
	source, err := compact(f["pattern"], b)
	if err != nil {
		return err
	}
	r.Patterns = append(r.Patterns, source)
	r.Transformers = append(r.Transformers, t)
	r.matches = append(r.matches, m)
	switch {
	case (f["events"] == nil) == (f["touches"] == nil):
		return syntax.Faultf(n.At, `a match has either "events" (by eventName) or "touches"`)
	case f["touches"] != nil:
		m.touches, err = r.extractions(f["touches"], whose)
		return err
	}
	m.events = map[string][]extraction{}
	err = table(f["events"], "events", func(e *syntax.Member) error {
		m.events[e.Key], err = r.extractions(&e.Value, whose)
		return err
	})
	if err != nil || f["others"] == nil {
		return err
	}
	m.others = map[string]bool{}
	return list(f["others"], "others", func(n *syntax.Node) error {
		switch {
		case n.Kind != syntax.Text || n.Text == "":
			return syntax.Faultf(n.At, "others are names of events, this is %s", n.Kind)
		case m.events[n.Text] != nil || m.others[n.Text]:
			return syntax.Faultf(n.At, "the event %s is already in this match", n.Text)
		}
		m.others[n.Text] = true
		return nil
	})
}

// compact returns the text of a pattern without white space.
func compact(n *syntax.Node, b []byte) (string, error) {
	var out bytes.Buffer
	if err := json.Compact(&out, b[n.At:n.End]); err != nil {
		return "", syntax.Faultf(n.At, "compact the pattern: %v", err)
	}
	if c := utf8.RuneCount(out.Bytes()); c > maxQuota {
		return "", syntax.Faultf(n.At, "the pattern has %d characters without white space and EventBridge takes %d; split it", c, maxQuota)
	}
	return out.String(), nil
}

func (r *Rule) extractions(n *syntax.Node, whose extraction) (out []extraction, err error) {
	err = list(n, "the extractions", func(item *syntax.Node) error {
		f, err := fieldsOf(item, "path?", "form?", "type?", "type_path?")
		if err != nil {
			return err
		}
		x := whose
		if f["type_path"] != nil {
			if f["type"] != nil {
				return syntax.Faultf(item.At, `a place has either "type" or "type_path"`)
			}
			if x.typeAt, err = parsePath(f["type_path"]); err != nil {
				return err
			}
		}
		switch {
		case (f["path"] == nil) == (f["form"] == nil):
			return syntax.Faultf(item.At, `a place has either "path" or "form"`)
		case f["form"] != nil:
			x.form, err = parseForm(f["form"])
		default:
			x.path, err = parsePath(f["path"])
		}
		if err != nil {
			return err
		}
		name, err := f.text("type")
		if err != nil {
			return err
		}
		if x.kind = r.typeNamed(name); x.kind == nil && name != "" {
			return syntax.Faultf(f["type"].At, "the type %q is not among the resources of this file", name)
		}
		out = append(out, x)
		return nil
	})
	return out, err
}

func (r *Rule) typeNamed(name string) *resourceType {
	for _, t := range r.types {
		if t.name == name {
			return t
		}
	}
	return nil
}
