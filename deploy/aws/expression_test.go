package aws_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// pathFields exist in JSONPath only; Step Functions refuses them in JSONata.
var pathFields = []string{"InputPath", "OutputPath", "ResultPath", "ResultSelector", "Parameters", "ItemsPath", "TimestampPath", "SecondsPath", "ErrorPath", "CausePath", "Variable"}

// functions are those of JSONata that the machines call.
var functions = []string{"count", "exists", "length", "merge", "sift", "string", "substring", "substringAfter"}

var (
	variable = regexp.MustCompile(`\$([A-Za-z][A-Za-z0-9]*)`)
	bound    = regexp.MustCompile(`function\(([^)]*)\)`)
	quoted   = regexp.MustCompile(`'[^']*'`)
)

// expressions checks every text of a state, but not of the machines within, which
// are checked with their own variables.
func (c *checker) expressions(name string, v any, variables map[string]bool) {
	switch v := v.(type) {
	case string:
		c.expression(name, v, variables)
	case []any:
		for _, e := range v {
			c.expressions(name, e, variables)
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if k == "ItemProcessor" || k == "Branches" {
				continue
			}
			if strings.HasSuffix(k, ".$") || slices.Contains(pathFields, k) {
				c.say(name, "%s belongs to JSONPath, and this is JSONata", k)
			}
			if k != "Comment" {
				c.expressions(name, v[k], variables)
			}
		}
	}
}

func (c *checker) expression(name, text string, variables map[string]bool) {
	inner, begins := strings.CutPrefix(text, "{%")
	inner, ends := strings.CutSuffix(inner, "%}")
	switch {
	case begins != ends:
		c.say(name, "%q begins or ends as an expression, but not both", text)
		return
	case !begins && strings.HasPrefix(text, "$"):
		c.say(name, "%q is a path, and this is JSONata", text)
		return
	case !begins:
		return
	}
	inner = quoted.ReplaceAllString(inner, "''")
	for _, pair := range []string{"()", "[]", "{}"} {
		if strings.Count(inner, pair[:1]) != strings.Count(inner, pair[1:]) {
			c.say(name, "%q opens and closes %s unevenly", text, pair)
		}
	}
	own := map[string]bool{"states": true}
	for _, m := range bound.FindAllStringSubmatch(inner, -1) {
		for _, v := range variable.FindAllStringSubmatch(m[1], -1) {
			own[v[1]] = true
		}
	}
	for _, m := range variable.FindAllStringSubmatchIndex(inner, -1) {
		v, called := inner[m[2]:m[3]], strings.HasPrefix(inner[m[1]:], "(")
		if called && !slices.Contains(functions, v) || !called && !own[v] && !variables[v] {
			c.say(name, "%q: there is no $%s", text, v)
		}
	}
}
