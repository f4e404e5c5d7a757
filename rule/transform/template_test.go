package transform_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/everqual/everqual/rule/syntax"
	"github.com/everqual/everqual/rule/transform"
)

func TestTemplateFaults(t *testing.T) {
	for _, c := range []struct{ name, template, want string }{
		{"empty", "", "0 characters"},
		{"blanks only", " \n ", "line 2, column 2: plain text"},
		{"too long", `"` + strings.Repeat("é", transform.MaxTemplate-1) + `"`, "8193 characters"},
		{"no UTF-8", "\"a\xff\"", "column 3: not written in UTF-8"},
		{"plain text", `instance <id> is up`, "column 1: plain text, of which AWS delivers nothing"},
		{"placeholder alone", `<id>`, "plain text"},
		{"unknown placeholder", `"x <nobody>"`, `line 1, column 4: placeholder <nobody> has no path; add "nobody"`},
		{"unknown placeholder on line 3", "{\n\"é\":\n\"é <nobody>\"}", "line 3, column 4: placeholder <nobody>"},
		{"unknown predefined", `"<aws.events.rule>"`, "<aws.events.rule> is no predefined variable; these are <aws.events.event>,"},
		{"other case", `"<ID>"`, "placeholder <ID> has no path"},
		{"empty placeholder", `"<>"`, "<> is no placeholder"},
		{"comparison", `"a < b and c > d"`, "< b and c > is no placeholder"},
		{"placeholder not closed", `{"a": <id }`, "column 7: the placeholder has no closing >"},
		{"event in a string", `"<aws.events.event>"`, "<aws.events.event> is JSON and cannot stand in a string"},
		{"whole event in a string of JSON", `{"a": "<aws.events.event.json>"}`, "column 8: <aws.events.event.json> is JSON"},
		{"key", `{<id>: 1}`, "column 2: <id> cannot be an object key"},
		{"part of a key", `{"x": <id>, "a <id>": 1}`, "column 16: <id> cannot be an object key"},
		{"key of an inner object", `{"x": [<id>, {"y": <id>, "<state>": 1}]}`, "<state> cannot be an object key"},
		{"two values", `{"a": <id><state>}`, `column 11: expected ","`},
		{"number and value", `{"a": 1<id>}`, `expected ","`},
		{"JSON not closed", `{"a": <id>`, "expected"},
		{"text after JSON", `{"a": 1} x`, "column 10: text after the end"},
		{"single quotes", `{'a': 1}`, "double quotes"},
		{"string not closed", `"a <id>`, "column 1: the string has no closing quote"},
		{"second string not closed", "\"a\"\n \"b", "line 2, column 2: the string has no closing quote"},
		{"bad escape", "\"a\"\n\"b\\d\"", `line 2, column 3: \d is no JSON escape`},
		{"placeholder after a backslash", `"\<id>"`, `\< is no JSON escape`},
		{"line break in a string", "\"a\nb\"", "control character"},
		{"two strings on a line", `"a" "b"`, "column 5: text after the closing quote"},
		{"quote in a string", `"say "hi""`, "column 7: text after the closing quote"},
		{"text between strings", "\"a\"\nb\n\"c\"", "line 2, column 1: text outside of the quotes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := transform.Parse(paths, c.template)
			if err == nil || !strings.Contains(err.Error(), "template: line ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q: got %v, wanted %q", c.template, err, c.want)
			}
			var place *syntax.Error
			if !errors.As(err, &place) {
				t.Errorf("%v has no place", err)
			}
		})
	}
}

func TestTemplateLength(t *testing.T) {
	if _, err := transform.Parse(nil, `"`+strings.Repeat("é", transform.MaxTemplate-2)+`"`); err != nil {
		t.Errorf("%d characters are allowed: %v", transform.MaxTemplate, err)
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"", "1 to 256 characters"}, {strings.Repeat("a", 257), "1 to 256 characters"}, {"a.b", "letters, digits"}, {"é", "letters, digits"},
		{"a b", "letters, digits"}, {"AWS.x", "reserved"}, {"aws.events.rule-arn", "reserved"},
	} {
		if _, err := transform.Parse(map[string]string{c.name: "$.a"}, `"x"`); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, wanted %q", c.name, err, c.want)
		}
	}
	for _, name := range []string{"a", "AWS", "-_", strings.Repeat("9", 256)} {
		if _, err := transform.Parse(map[string]string{name: "$.a"}, `"<`+name+`>"`); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestSameFault: a map has no order, its errors must have one.
func TestSameFault(t *testing.T) {
	for range 20 {
		_, err := transform.Parse(map[string]string{"c": "x", "b": "y", "d": "z"}, `"x"`)
		if err == nil || !strings.Contains(err.Error(), `path of "b"`) {
			t.Fatalf("got %v", err)
		}
	}
}

func TestPathCount(t *testing.T) {
	many := map[string]string{}
	for i := range transform.MaxPaths {
		many[fmt.Sprint(i)] = "$.a"
	}
	if _, err := transform.Parse(many, `"<7>"`); err != nil {
		t.Errorf("100 paths: %v", err)
	}
	many["x"] = "$"
	if _, err := transform.Parse(many, `"<7>"`); err == nil || !strings.Contains(err.Error(), "101 paths") {
		t.Errorf("101 paths: %v", err)
	}
}
