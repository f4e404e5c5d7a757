package transform_test

import (
	"strings"
	"testing"

	"github.com/everqual/everqual/rule/transform"
)

func TestSelect(t *testing.T) {
	for _, c := range []struct{ name, path, want string }{
		{"string", "$.detail.state", `"running"`},
		{"object", "$.detail.object", `{"k":"v","n":{"m":[1]}}`},
		{"list", "$.detail.list", `["a","b"]`},
		{"number", "$.detail.cpu", `1.50`},
		{"null is there", "$.detail.none", `null`},
		{"hyphens", "$.detail.instance-id", `"i-0123"`},
		{"underscore", "$.detail.under_score", `"u"`},
		{"slash", "$.detail.a/b", `"slash"`},
		{"digit first", "$.detail.1st", `"digit"`},
		{"first element", "$.detail.list[0]", `"a"`},
		{"below an element", "$.detail.items[0].tags[1].k", `2`},
		{"last of a key written twice", "$.detail.twice", `2`},
		{"all elements", "$.detail.list[*]", `["a","b"]`},
		{"all elements, dotted", "$.detail.list.*", `["a","b"]`},
		{"all members", "$.detail.object.*", `["v",{"m":[1]}]`},
		{"below all elements", "$.detail.items[*].id", `["x","z"]`},
		{"two wildcards", "$.detail.items[*].tags[*].k", `[1,2]`},
		{"nothing below all elements", "$.detail.items[*].no", `[]`},
		{"all of an empty list", "$.detail.nothing[*]", `[]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := transform.Select(c.path, []byte(event)); err != nil || string(got) != c.want {
				t.Errorf("%s gives %s, %v; wanted %s", c.path, got, err, c.want)
			}
		})
	}
	if got, err := transform.Select("$", []byte(` {"a" : [ 1 ]} `)); err != nil || string(got) != `{"a":[1]}` {
		t.Errorf("the whole event: %s, %v", got, err)
	}
}

func TestSelectNothing(t *testing.T) {
	for _, path := range []string{"$.detail.State", "$.detail.state.x", "$.detail.list[2]", "$.detail.object[0]", "$.detail.list.0",
		"$.detail.dots.in.x", "$.no[*]", "$.detail.state[*]", "$.detail.none.x"} {
		if got, err := transform.Select(path, []byte(event)); err == nil || !strings.Contains(err.Error(), "nothing in the event is at "+path) {
			t.Errorf("%s gives %s, %v", path, got, err)
		}
	}
}

func TestPathFaults(t *testing.T) {
	for _, c := range []struct{ name, path, want string }{
		{"empty", "", `column 1: a path begins with "$"`},
		{"no dollar", "detail.state", `column 1: a path begins with "$"`},
		{"no dot", "$detail", `column 2: "d" cannot stand here`},
		{"dot at the end", "$.detail.", `column 10: a name is missing`},
		{"descent", "$..state", `column 2: EventBridge has no ".."`},
		{"dot before a bracket", "$.a.[0]", "column 4: remove the dot"},
		{"space", "$.detail.Current Usage", `column 17: " " cannot stand here`},
		{"colon", "$.tags.aws:x", `column 11: ":" cannot stand here`},
		{"letter beyond ASCII", "$.é", `column 3: "é" cannot stand in a name`},
		{"star within a name", "$.a*", `column 4: "*" cannot stand here`},
		{"name in brackets", "$.detail['state']", "column 10: EventBridge takes no names in brackets; write .name"},
		{"negative index", "$.a[-1]", `column 5: "-1" is no element; only [n]`},
		{"slice", "$.a[0:2]", "column 5: EventBridge has no slices"},
		{"union", "$.a[0,1]", "column 5: EventBridge has no unions"},
		{"filter", "$.a[?(@.x)]", "column 5: EventBridge has no filters"},
		{"empty brackets", "$.a[]", "column 5: the brackets are empty"},
		{"open bracket", "$.a[0", "column 4: the bracket is not closed"},
		{"huge index", "$.a[99999999999]", `is no element`},
		{"too long", "$." + strings.Repeat("a", 255), "longer than 256 characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := transform.Parse(map[string]string{"good": "$.a", "bad": c.path}, `"<good>"`)
			if err == nil || !strings.Contains(err.Error(), `path of "bad"`) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, wanted %q", c.path, err, c.want)
			}
			if _, err := transform.Select(c.path, []byte(event)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("select %s: got %v, wanted %q", c.path, err, c.want)
			}
		})
	}
	if _, err := transform.Select("$."+strings.Repeat("a", 254), []byte(event)); err == nil || strings.Contains(err.Error(), "longer") {
		t.Errorf("256 characters are allowed: %v", err)
	}
}
