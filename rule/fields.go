package rule

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// fields are the members of an object in a rule file.
type fields map[string]*node

// fieldsOf reads an object that has the named members and no others. A name
// that ends in "?" may be left out.
func fieldsOf(n *node, names ...string) (fields, error) {
	if n.kind != object {
		return nil, faultf(n.at, "expected an object with %s, this is %s", strings.Join(names, ", "), n.kind)
	}
	f := fields{}
	for i := range n.members {
		m := &n.members[i]
		if !slices.Contains(names, m.key) && !slices.Contains(names, m.key+"?") {
			return nil, faultf(m.at, "unknown key %q; the keys here are %s", m.key, strings.ReplaceAll(strings.Join(names, ", "), "?", " (optional)"))
		}
		if f[m.key] != nil {
			return nil, faultf(m.at, "the key %q is written twice", m.key)
		}
		f[m.key] = &m.value
	}
	for _, name := range names {
		if f[name] == nil && !strings.HasSuffix(name, "?") {
			return nil, faultf(n.at, "the key %q is missing", name)
		}
	}
	return f, nil
}

// table calls each for the members of an object with free, distinct keys.
func table(n *node, what string, each func(m *member) error) error {
	if n.kind != object {
		return faultf(n.at, "%s must be an object, this is %s", what, n.kind)
	}
	seen := map[string]bool{}
	for i := range n.members {
		m := &n.members[i]
		if seen[m.key] {
			return faultf(m.at, "%q is written twice in %s", m.key, what)
		}
		seen[m.key] = true
		if err := each(m); err != nil {
			return err
		}
	}
	return nil
}

// list calls each for the elements of an array that must not be empty.
func list(n *node, what string, each func(item *node) error) error {
	if n.kind != array || len(n.items) == 0 {
		return faultf(n.at, "%s must be a list with at least one element", what)
	}
	for i := range n.items {
		if err := each(&n.items[i]); err != nil {
			return err
		}
	}
	return nil
}

// text returns a string that is not empty, "" when the key is absent.
func (f fields) text(name string) (string, error) {
	n := f[name]
	switch {
	case n == nil:
		return "", nil
	case n.kind != text || n.text == "":
		return "", faultf(n.at, "%q must be a string that is not empty", name)
	}
	return n.text, nil
}

func (f fields) boolean(name string) (bool, error) {
	n := f[name]
	switch {
	case n == nil:
		return false, nil
	case n.kind != boolean:
		return false, faultf(n.at, "%q must be true or false, this is %s", name, n.kind)
	}
	return n.text == "true", nil
}

// expression checks a regular expression that must match a whole id, any id
// when the key is absent, and returns its compilation for later.
func (f fields) expression(name string) (func() *regexp.Regexp, error) {
	s, err := f.text(name)
	if err != nil {
		return nil, err
	}
	if s == "" {
		s = ".+"
	}
	whole := "^(?:" + s + ")$"
	parsed, err := syntax.Parse(s, syntax.Perl) // alone first: "a)(b" is only well-formed inside a group
	if err == nil {
		_, err = syntax.Parse(whole, syntax.Perl)
	}
	if err != nil {
		return nil, faultf(f[name].at, "bad regular expression %q: %v", s, err)
	}
	for _, group := range parsed.CapNames() {
		if group != "" && group != "id" && group != "account" && group != "region" {
			return nil, faultf(f[name].at, "unknown group %q in %q; the groups are id, account and region", group, s)
		}
	}
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(whole) }), nil
}
