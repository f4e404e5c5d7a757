package rule

import (
	"github.com/everqual/everqual/rule/syntax"
	"github.com/everqual/everqual/rule/transform"
)

// Shared transformers, by their file names in rules/transformers. A match that
// names none has the one of its kind.
const (
	CloudTrailTransformer = "cloudtrail" // for matches with "events"
	ServiceTransformer    = "service"    // for matches with "touches"
)

// Transformer is the input transformer of one match: the name of a shared one,
// or its own paths and template, in the words of EventBridge's PutTargets.
type Transformer struct {
	Name          string // "" when it is its own
	InputPathsMap map[string]string
	InputTemplate string
}

// ParseTransformer reads {"InputPathsMap": {...}, "InputTemplate": "..."}. The
// error is a *syntax.Error.
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
		if m.Value.Kind != syntax.Text {
			return syntax.Faultf(m.Value.At, "a path of an input transformer is a string, this is %s", m.Value.Kind)
		}
		t.InputPathsMap[m.Key] = m.Value.Text
		return nil
	})
	if err != nil {
		return t, err
	}
	if t.InputTemplate, err = f.text("InputTemplate"); err != nil {
		return t, err
	}
	if _, err := transform.Parse(t.InputPathsMap, t.InputTemplate); err != nil {
		return t, syntax.Faultf(n.At, "the input transformer: %v", err)
	}
	return t, nil
}
