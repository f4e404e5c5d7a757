// Package transform reshapes an event as the input transformer of an EventBridge
// target does: paths pick values out of the event, a template arranges them. It
// knows no rules and no delivery.
package transform

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/everqual/everqual/rule/syntax"
)

// Limits. Those of paths and templates are EventBridge's.
const (
	MaxPaths    = 100
	MaxName     = 256
	MaxPath     = 256  // characters
	MaxTemplate = 8192 // characters
	MaxEvent    = 16 << 20
	MaxOutput   = 16 << 20
)

// Variables are what the predefined placeholders stand for.
type Variables struct {
	RuleARN  string
	RuleName string
	// IngestionTime is when the bus received the event; without it the event's
	// own time stands in.
	IngestionTime time.Time
	// Strict inserts values as AWS does, without escaping them. A result that
	// breaks by that is an error.
	Strict bool
}

// Transformer is one checked template with its paths. It may be used from
// several goroutines.
type Transformer struct {
	paths map[string]path
	parts []part
	lines bool // quoted strings, not one JSON value
}

// Parse checks an InputPathsMap and an InputTemplate. Faults carry a
// *syntax.Error with their place in the path or template.
func Parse(paths map[string]string, template string) (*Transformer, error) {
	if len(paths) > MaxPaths {
		return nil, fmt.Errorf("%d paths; at most %d are allowed", len(paths), MaxPaths)
	}
	t := &Transformer{paths: make(map[string]path, len(paths))}
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		if err := checkName(name); err != nil {
			return nil, err
		}
		p, err := parsePath(paths[name])
		if err != nil {
			return nil, fmt.Errorf("path of %q, %s: %w", name, paths[name], err)
		}
		t.paths[name] = p
	}
	if err := t.parseTemplate(template); err != nil {
		return nil, fmt.Errorf("template: %w", syntax.Located("", []byte(template), err))
	}
	return t, nil
}

func checkName(name string) error {
	switch {
	case len(name) >= 4 && strings.EqualFold(name[:4], "AWS."):
		return fmt.Errorf("path name %q: names that begin with AWS. are reserved; choose another", name)
	case name == "" || utf8.RuneCountInString(name) > MaxName:
		return fmt.Errorf("path name %q: a name has 1 to %d characters", name, MaxName)
	case strings.IndexFunc(name, func(c rune) bool { return !letter(c) && c != '-' && c != '_' }) >= 0:
		return fmt.Errorf("path name %q: write letters, digits, - and _ only", name)
	}
	return nil
}

// letter tells whether c is an ASCII letter or digit.
func letter(c rune) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// Apply fills the template from one event. Without Strict the result of a JSON
// template is always valid JSON, and that of a string template one JSON string
// on each line.
func (t *Transformer) Apply(event []byte, v Variables) ([]byte, error) {
	root, err := parseEvent(event)
	if err != nil {
		return nil, err
	}
	f := &filling{t: t, event: root, v: v, small: map[place]string{}}
	if err := f.fill(); err != nil {
		return nil, err
	}
	if v.Strict {
		return f.asDelivered()
	}
	return f.out, nil
}

// Select returns the JSON at one path, as a target's InputPath does alone.
func Select(at string, event []byte) ([]byte, error) {
	p, err := parsePath(at)
	if err != nil {
		return nil, fmt.Errorf("path %s: %w", at, err)
	}
	root, err := parseEvent(event)
	if err != nil {
		return nil, err
	}
	n := p.of(root)
	if n == nil {
		return nil, fmt.Errorf("nothing in the event is at %s", at)
	}
	return appendJSON(nil, n), nil
}

func parseEvent(event []byte) (*syntax.Node, error) {
	n, err := syntax.Parse(event, MaxEvent)
	if err != nil {
		return nil, fmt.Errorf("event: %w", syntax.Located("", event, err))
	}
	return n, nil
}
