package rule

import (
	"unicode/utf8"

	"github.com/everqual/everqual/rule/syntax"
)

// Shared transformers, by their file names in rules/transformers. A match that
// names none has the one of its kind.
const (
	CloudTrailTransformer = "cloudtrail" // for matches with "events"
	ServiceTransformer    = "service"    // for matches with "touches"
)

// Limits of EventBridge on input transformers.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
const (
	maxPaths    = 100
	maxPath     = 256
	maxTemplate = 8192
)

// Transformer is the input transformer of one match: the name of a shared one,
// or its own paths and template, in the words of EventBridge's PutTargets.
type Transformer struct {
	Name          string // "" when it is its own
	InputPathsMap map[string]string
	InputTemplate string
}

// ParseTransformer reads {"InputPathsMap": {...}, "InputTemplate": "..."}. The
// error is an *syntax.Error. It checks the form and the limits; what a template
// makes of an event is not known here.
func ParseTransformer(b []byte) (Transformer, error) {
	n, err := syntax.Parse(b, maxFile)
	if err != nil {
		return Transformer{}, syntax.Located("", b, err)
	}
	t, err := ownTransformer(n)
	if err != nil {
		return Transformer{}, syntax.Located("", b, err)
	}
	return t, nil
}

func parseTransformer(n *syntax.Node, calls bool) (Transformer, error) {
	switch {
	case n == nil && calls:
		return Transformer{Name: CloudTrailTransformer}, nil
	case n == nil:
		return Transformer{Name: ServiceTransformer}, nil
	case n.Kind != syntax.Text:
		return ownTransformer(n)
	case n.Text != CloudTrailTransformer && n.Text != ServiceTransformer:
		return Transformer{}, syntax.Faultf(n.At, "there is no shared transformer %q; name %q or %q, or write one with InputPathsMap and InputTemplate", n.Text, CloudTrailTransformer, ServiceTransformer)
	}
	return Transformer{Name: n.Text}, nil
}

func ownTransformer(n *syntax.Node) (t Transformer, err error) {
	f, err := fieldsOf(n, "InputPathsMap", "InputTemplate")
	if err != nil {
		return t, err
	}
	t.InputPathsMap = map[string]string{}
	err = table(f["InputPathsMap"], "InputPathsMap", func(m *syntax.Member) error {
		if m.Value.Kind != syntax.Text || utf8.RuneCountInString(m.Value.Text) > maxPath {
			return syntax.Faultf(m.Value.At, "a path of an input transformer is a string of at most %d characters", maxPath)
		}
		t.InputPathsMap[m.Key] = m.Value.Text
		return nil
	})
	if err != nil {
		return t, err
	}
	if len(t.InputPathsMap) > maxPaths {
		return t, syntax.Faultf(f["InputPathsMap"].At, "%d paths; EventBridge takes %d", len(t.InputPathsMap), maxPaths)
	}
	if t.InputTemplate, err = f.text("InputTemplate"); err != nil {
		return t, err
	}
	if c := utf8.RuneCountInString(t.InputTemplate); c > maxTemplate {
		return t, syntax.Faultf(f["InputTemplate"].At, "the template has %d characters; EventBridge takes %d", c, maxTemplate)
	}
	return t, nil
}
