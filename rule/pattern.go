package rule

import (
	"maps"
	"slices"
	"strings"
)

const (
	maxCombinations = 1000 // of $or branches; above it AWS answers InvalidEventPatternException
	maxFields       = 256  // in one combination
)

// Pattern is a compiled EventBridge event pattern. It is safe for concurrent
// use.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
type Pattern struct {
	alternatives []conjunction // one is enough
	paths        map[string]bool
}

// conjunction is one combination of $or branches: every field must hold. It
// is sorted by path.
type conjunction []field

// field is the list of match values at one dotted path: one is enough.
type field struct {
	path   string
	values []test
	absent bool // {"exists": false} is one of them
}

// ParsePattern compiles an event pattern. The error is an *Error with the line
// and column of the fault.
func ParsePattern(b []byte) (*Pattern, error) {
	n, err := parseJSON(b, maxPattern)
	if err != nil {
		return nil, located("", b, err)
	}
	p, err := compilePattern(n)
	return p, located("", b, err)
}

func compilePattern(n *node) (*Pattern, error) {
	if n.kind != object {
		return nil, faultf(n.at, "an event pattern must be an object, this is %s", n.kind)
	}
	drafts, err := compileObject(n, "", []draft{{}}, false)
	if err != nil {
		return nil, err
	}
	p := &Pattern{paths: map[string]bool{}}
	for _, d := range drafts {
		c := make(conjunction, 0, len(d))
		for _, path := range slices.Sorted(maps.Keys(d)) {
			c = append(c, d[path])
			p.want(path)
		}
		p.alternatives = append(p.alternatives, c)
	}
	return p, nil
}

// want notes that the pattern reads the path, and so all objects on the way.
func (p *Pattern) want(path string) {
	for i, c := range path {
		if c == '.' {
			p.paths[path[:i]] = true
		}
	}
	p.paths[path] = true
}

// draft is a conjunction in the making. A path written twice keeps the last
// list of values, within an object as between $or branches and their
// surroundings.
type draft map[string]field

// compileObject adds the fields of n to every draft. Paths are joined with
// dots, so {"a":{"b":[1]}} and {"a.b":[1]} are the same pattern.
func compileObject(n *node, prefix string, drafts []draft, branch bool) ([]draft, error) {
	if len(n.members) == 0 {
		return nil, faultf(n.at, "empty objects are not allowed; name a field, or leave the object out")
	}
	for i := range n.members {
		m := &n.members[i]
		if branch && reserved[m.key] {
			return nil, faultf(m.at, "%q is the name of an operator and cannot be a field directly inside $or", m.key)
		}
		var err error
		switch path := prefix + m.key; {
		case m.key == "$or":
			drafts, err = compileOr(&m.value, prefix, drafts)
		case m.value.kind == object:
			drafts, err = compileObject(&m.value, path+".", drafts, false)
		case m.value.kind == array:
			err = compileField(&m.value, path, drafts)
		default:
			err = faultf(m.value.at, "%q must be an object or an array; write [%s]", m.key, quoted(&m.value))
		}
		if err != nil {
			return nil, err
		}
	}
	return drafts, nil
}

func quoted(n *node) string {
	if n.kind == text {
		return `"` + n.text + `"`
	}
	return n.text
}

func compileField(n *node, path string, drafts []draft) error {
	f := field{path: path}
	for i := range n.items {
		t, err := compileValue(&n.items[i])
		if err != nil {
			return err
		}
		if t == missing {
			f.absent = true
			continue
		}
		f.values = append(f.values, t)
	}
	if len(n.items) == 0 {
		return faultf(n.at, "empty arrays are not allowed; list a value, or leave %q out", path)
	}
	for _, d := range drafts {
		if d[path] = f; len(d) > maxFields {
			return faultf(n.at, "more than %d fields", maxFields)
		}
	}
	return nil
}

// compileOr multiplies the drafts by the branches of one $or.
func compileOr(n *node, prefix string, drafts []draft) ([]draft, error) {
	if n.kind != array || len(n.items) < 2 {
		return nil, faultf(n.at, "$or needs an array of at least two objects")
	}
	var all []draft
	for i := range n.items {
		item := &n.items[i]
		if item.kind != object {
			return nil, faultf(item.at, "only objects are allowed in $or, this is %s", item.kind)
		}
		if len(all)+len(drafts) > maxCombinations {
			return nil, faultf(n.at, "the $or lists multiply to more than %d combinations; split the pattern", maxCombinations)
		}
		own := make([]draft, len(drafts))
		for k, d := range drafts {
			own[k] = maps.Clone(d)
		}
		own, err := compileObject(item, prefix, own, true)
		if err != nil {
			return nil, err
		}
		all = append(all, own...)
	}
	if len(all) > maxCombinations {
		return nil, faultf(n.at, "the $or lists multiply to more than %d combinations; split the pattern", maxCombinations)
	}
	return all, nil
}

// reserved are the names that AWS keeps for operators inside $or.
var reserved = names(`exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr
	= < <= > >= regex not-wildcard not-equals-ignore-case date-after date-on-or-after date-before
	date-on-or-before in-date-range ip-address-in-range ip-address-not-in-range`)

func names(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}
