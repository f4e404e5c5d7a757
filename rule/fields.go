package rule

import (
	"regexp"
	resyntax "regexp/syntax"
	"slices"
	"strings"
	"sync"

	"github.com/everqual/everqual/rule/syntax"
)

// fields are the members of an object in a rule file.
type fields map[string]*syntax.Node

// fieldsOf reads an object that has the named members and no others. A name
// that ends in "?" may be left out.
func fieldsOf(n *syntax.Node, names ...string) (fields, error) {
	if n.Kind != syntax.Object {
		return nil, syntax.Faultf(n.At, "expected an object with %s, this is %s", strings.Join(names, ", "), n.Kind)
	}
	f := fields{}
	for i := range n.Members {
		m := &n.Members[i]
		if !slices.Contains(names, m.Key) && !slices.Contains(names, m.Key+"?") {
			return nil, syntax.Faultf(m.At, "unknown key %q; the keys here are %s", m.Key, strings.ReplaceAll(strings.Join(names, ", "), "?", " (optional)"))
		}
		if f[m.Key] != nil {
			return nil, syntax.Faultf(m.At, "the key %q is written twice", m.Key)
		}
		f[m.Key] = &m.Value
	}
	for _, name := range names {
		if f[name] == nil && !strings.HasSuffix(name, "?") {
			return nil, syntax.Faultf(n.At, "the key %q is missing", name)
		}
	}
	return f, nil
}

// table calls each for the members of an object with free, distinct keys.
func table(n *syntax.Node, what string, each func(m *syntax.Member) error) error {
	if n.Kind != syntax.Object {
		return syntax.Faultf(n.At, "%s must be an object, this is %s", what, n.Kind)
	}
	seen := map[string]bool{}
	for i := range n.Members {
		m := &n.Members[i]
		if seen[m.Key] {
			return syntax.Faultf(m.At, "%q is written twice in %s", m.Key, what)
		}
		seen[m.Key] = true
		if err := each(m); err != nil {
			return err
		}
	}
	return nil
}

// list calls each for the elements of an array that must not be empty.
func list(n *syntax.Node, what string, each func(item *syntax.Node) error) error {
	if n.Kind != syntax.Array || len(n.Items) == 0 {
		return syntax.Faultf(n.At, "%s must be a list with at least one element", what)
	}
	for i := range n.Items {
		if err := each(&n.Items[i]); err != nil {
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
	case n.Kind != syntax.Text || n.Text == "":
		return "", syntax.Faultf(n.At, "%q must be a string that is not empty", name)
	}
	return n.Text, nil
}

func (f fields) boolean(name string) (bool, error) {
	n := f[name]
	switch {
	case n == nil:
		return false, nil
	case n.Kind != syntax.Boolean:
		return false, syntax.Faultf(n.At, "%q must be true or false, this is %s", name, n.Kind)
	}
	return n.Text == "true", nil
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
	parsed, err := resyntax.Parse(s, resyntax.Perl) // alone first: "a)(b" is only well-formed inside a group
	if err == nil {
		_, err = resyntax.Parse(whole, resyntax.Perl)
	}
	if err != nil {
		return nil, syntax.Faultf(f[name].At, "bad regular expression %q: %v", s, err)
	}
	for _, group := range parsed.CapNames() {
		if group != "" && group != "id" && group != "account" && group != "region" {
			return nil, syntax.Faultf(f[name].At, "unknown group %q in %q; the groups are id, account and region", group, s)
		}
	}
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(whole) }), nil
}
