package pattern

import (
	"maps"
	"slices"

	"github.com/everqual/everqual/rule/syntax"
)

// Limits of EventBridge, and of this package where EventBridge names none.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
const (
	maxPattern      = 64 << 10 // bytes; the quota of EventBridge is MaxCharacters
	maxCombinations = 1000     // of $or branches; above it AWS answers InvalidEventPatternException
	maxFields       = 256      // in one combination
)

// Pattern is one event pattern. It is safe for concurrent use.
type Pattern struct {
	text         []byte // that of Compile; the pattern is text[at:end]
	at, end      int
	alternatives []conjunction // one is enough
	overridden   []*field      // lists that a later one of the same path replaced
}

// conjunction is one combination of $or branches: every field must hold. It
// is sorted by path.
type conjunction []*field

// field is the list of match values at one dotted path: one is enough.
type field struct {
	path   string
	at     int    // byte offset of the list
	source string // the list as it is written
	values []value
	absent bool // {"exists": false} is one of them
}

// value is one element of a field's list.
type value struct {
	test   test
	at     int
	source string
}

// Parse reads an event pattern. The error is a *syntax.Error with the line and
// column of the fault.
func Parse(b []byte) (*Pattern, error) {
	n, err := syntax.Parse(b, maxPattern)
	if err != nil {
		return nil, syntax.Located("", b, err)
	}
	p, err := Compile(n, b)
	return p, syntax.Located("", b, err)
}

// Compile makes a pattern of a part of a larger text. An error is a fault in
// that text.
func Compile(n *syntax.Node, text []byte) (*Pattern, error) {
	if n.Kind != syntax.Object {
		return nil, syntax.Faultf(n.At, "an event pattern must be an object, this is %s", n.Kind)
	}
	c := &compiler{text: text}
	drafts, err := c.object(n, "", []draft{{}}, false)
	if err != nil {
		return nil, err
	}
	p := &Pattern{text: text, at: n.At, end: n.End, overridden: c.overridden}
	for _, d := range drafts {
		one := make(conjunction, 0, len(d))
		for _, path := range slices.Sorted(maps.Keys(d)) {
			one = append(one, d[path])
		}
		p.alternatives = append(p.alternatives, one)
	}
	return p, nil
}

// Combinations is how many combinations of $or branches there are, 1 without
// $or. EventBridge refuses more than 1,000.
func (p *Pattern) Combinations() int { return len(p.alternatives) }

// Exact returns the strings that the field at path is compared with in some
// combination; ok is false where a combination has any other comparison there,
// or none.
func (p *Pattern) Exact(path string) (out []string, ok bool) {
	for _, c := range p.alternatives {
		i := slices.IndexFunc(c, func(f *field) bool { return f.path == path })
		if i < 0 || c[i].absent {
			return nil, false
		}
		for _, v := range c[i].values {
			e, ok := v.test.(equal)
			if !ok {
				return nil, false
			}
			if !slices.Contains(out, e.text) {
				out = append(out, e.text)
			}
		}
	}
	return out, true
}

// draft is a conjunction in the making. A path written twice keeps the last
// list of values, within an object as between $or branches and their
// surroundings.
type draft map[string]*field

// compiler turns the objects of one text into drafts.
type compiler struct {
	text       []byte
	overridden []*field
}

// object adds the fields of n to every draft. Paths are joined with dots, so
// {"a":{"b":[1]}} and {"a.b":[1]} are the same pattern.
func (c *compiler) object(n *syntax.Node, prefix string, drafts []draft, branch bool) ([]draft, error) {
	if len(n.Members) == 0 {
		return nil, syntax.Faultf(n.At, "empty objects are not allowed; name a field, or leave the object out")
	}
	for i := range n.Members {
		m := &n.Members[i]
		if branch && reserved[m.Key] {
			return nil, syntax.Faultf(m.At, "%q is the name of an operator and cannot be a field inside $or; write it outside", m.Key)
		}
		var err error
		switch path := prefix + m.Key; {
		case m.Key == "$or":
			drafts, err = c.or(&m.Value, prefix, drafts)
		case m.Value.Kind == syntax.Object:
			drafts, err = c.object(&m.Value, path+".", drafts, branch)
		case m.Value.Kind == syntax.Array:
			err = c.field(&m.Value, path, drafts)
		default:
			err = syntax.Faultf(m.Value.At, "%q must be an object or an array; write [%s]", m.Key, c.source(&m.Value))
		}
		if err != nil {
			return nil, err
		}
	}
	return drafts, nil
}

func (c *compiler) source(n *syntax.Node) string { return string(c.text[n.At:n.End]) }

func (c *compiler) field(n *syntax.Node, path string, drafts []draft) error {
	f := &field{path: path, at: n.At, source: c.source(n)}
	for i := range n.Items {
		item := &n.Items[i]
		t, err := c.value(item)
		if err != nil {
			return err
		}
		f.absent = f.absent || t == missing
		f.values = append(f.values, value{t, item.At, c.source(item)})
	}
	if len(n.Items) == 0 {
		return syntax.Faultf(n.At, "empty arrays are not allowed; list a value, or leave %q out", path)
	}
	for _, d := range drafts {
		if old := d[path]; old != nil && !slices.Contains(c.overridden, old) {
			c.overridden = append(c.overridden, old)
		}
		if d[path] = f; len(d) > maxFields {
			return syntax.Faultf(n.At, "more than %d fields; split the pattern", maxFields)
		}
	}
	return nil
}

// or multiplies the drafts by the branches of one $or.
func (c *compiler) or(n *syntax.Node, prefix string, drafts []draft) ([]draft, error) {
	if n.Kind != syntax.Array || len(n.Items) < 2 {
		return nil, syntax.Faultf(n.At, "$or needs an array of at least two objects")
	}
	var all []draft
	for i := range n.Items {
		item := &n.Items[i]
		if item.Kind != syntax.Object {
			return nil, syntax.Faultf(item.At, "only objects are allowed in $or, this is %s", item.Kind)
		}
		if len(all)+len(drafts) > maxCombinations {
			return nil, tooMany(n)
		}
		own := make([]draft, len(drafts))
		for k, d := range drafts {
			own[k] = maps.Clone(d)
		}
		own, err := c.object(item, prefix, own, true)
		if err != nil {
			return nil, err
		}
		all = append(all, own...)
	}
	if len(all) > maxCombinations {
		return nil, tooMany(n)
	}
	return all, nil
}

func tooMany(n *syntax.Node) error {
	return syntax.Faultf(n.At, "the $or lists multiply to more than %d combinations; split the pattern", maxCombinations)
}

// reserved are the names that AWS keeps for operators inside $or.
var reserved = map[string]bool{
	"exactly": true, "equals-ignore-case": true, "prefix": true, "suffix": true, "anything-but": true,
	"exists": true, "wildcard": true, "numeric": true, "cidr": true, "=": true, "<": true, "<=": true,
	">": true, ">=": true, "regex": true, "not-wildcard": true, "not-equals-ignore-case": true,
	"date-after": true, "date-on-or-after": true, "date-before": true, "date-on-or-before": true,
	"in-date-range": true, "ip-address-in-range": true, "ip-address-not-in-range": true,
}
