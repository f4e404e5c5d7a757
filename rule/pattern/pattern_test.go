package pattern_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/everqual/everqual/rule/pattern"
	"github.com/everqual/everqual/rule/syntax"
)

func TestPatternMatch(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		yes, no       []string
	}{
		{"exact values", `{"a":["x",1,null,true]}`,
			[]string{`{"a":"x"}`, `{"a":1}`, `{"a":1.0}`, `{"a":10e-1}`, `{"a":null}`, `{"a":true}`, `{"a":["y","x"]}`, `{"a":[[["x"]]]}`},
			[]string{`{}`, `{"a":"1"}`, `{"a":"X"}`, `{"a":"true"}`, `{"a":false}`, `{"a":""}`, `{"a":[]}`, `{"a":{}}`, `{"A":"x"}`, `{"b":{"a":"x"}}`}},
		{"escapes are decoded", `{"caf\u00e9":["a\/b\ud83d\ude00"]}`, []string{`{"café":"a/b😀"}`}, []string{`{"cafe":"a/b😀"}`}},
		{"dotted keys", `{"a":{"b.c":["x"]}}`, []string{`{"a":{"b":{"c":"x"}}}`, `{"a.b.c":"x"}`}, []string{`{"a":{"b":"x"}}`}},
		{"exactly is text", `{"ip":[{"exactly":"::1"}]}`, []string{`{"ip":"::1"}`}, []string{`{"ip":"0:0:0:0:0:0:0:1"}`}},
		{"last list of a path wins", `{"a":["x"],"a":["y"]}`, []string{`{"a":"y"}`}, []string{`{"a":"x"}`}},
		{"objects written twice merge", `{"d":{"a":["1"]},"d":{"b":["2"]}}`, []string{`{"d":{"a":"1","b":"2"}}`}, []string{`{"d":{"b":"2"}}`}},
		{"every value of an event key counts", `{"a":["1"]}`, []string{`{"a":"1","a":"2"}`, `{"a":"2","a":"1"}`}, []string{`{"a":"2","a":"3"}`}},
		{"numbers beyond a float are opaque", `{"n":[9007199254740993]}`, []string{`{"n":9007199254740993}`}, []string{`{"n":9007199254740992}`, `{"n":9007199254740993.0}`}},
		{"zero", `{"n":[0]}`, []string{`{"n":-0.0}`, `{"n":0e999}`}, []string{`{"n":1e-300}`}},
		{"prefix", `{"a":[{"prefix":"ab"}]}`, []string{`{"a":"ab"}`, `{"a":"abc"}`}, []string{`{"a":"xab"}`, `{"a":5}`}},
		{"prefix and suffix without case", `{"a":[{"prefix":{"equals-ignore-case":"Straße"}},{"suffix":{"equals-ignore-case":".PNG"}}]}`,
			[]string{`{"a":"STRASSEN"}`, `{"a":"x.pNg"}`}, []string{`{"a":"strasse"}`, `{"a":"png"}`}},
		{"equals-ignore-case", `{"a":[{"equals-ignore-case":"École σ"}]}`, []string{`{"a":"éCOLE Σ"}`}, []string{`{"a":"ecole σ"}`, `{"a":"École ς"}`}},
		{"wildcard", `{"a":[{"wildcard":"a*b*c"}]}`, []string{`{"a":"abc"}`, `{"a":"axbxbcc"}`}, []string{`{"a":"acb"}`, `{"a":"ab"}`, `{"a":"abcx"}`}},
		{"wildcard must not overlap", `{"a":[{"wildcard":"ab*ba"}]}`, []string{`{"a":"abba"}`}, []string{`{"a":"aba"}`}},
		{"wildcard escapes", `{"a":[{"wildcard":"\\**\\\\"}]}`, []string{`{"a":"*\\"}`, `{"a":"*x\\"}`}, []string{`{"a":"x\\"}`}},
		{"anything-but needs a value", `{"a":[{"anything-but":["x","y"]}]}`,
			[]string{`{"a":"z"}`, `{"a":""}`, `{"a":null}`, `{"a":7}`, `{"a":["x","z"]}`}, []string{`{"a":"x"}`, `{"a":["x","y"]}`, `{}`, `{"a":[]}`, `{"a":{"b":"z"}}`}},
		{"anything-but number", `{"a":[{"anything-but":123}]}`, []string{`{"a":124}`, `{"a":"123"}`}, []string{`{"a":123.0}`, `{"a":1.23e2}`}},
		{"anything-but forms", `{"a":[{"anything-but":{"prefix":["ab","cd"]}}],"b":[{"anything-but":{"wildcard":"*/lib/*"}}]}`,
			[]string{`{"a":"xab","b":"/usr"}`}, []string{`{"a":"cde","b":"/usr"}`, `{"a":"x","b":"/usr/lib/x"}`}},
		{"numeric range", `{"n":[{"numeric":[">",-1.5,"<=",5]}]}`, []string{`{"n":-1}`, `{"n":5.0}`, `{"n":[9,0]}`}, []string{`{"n":-1.5}`, `{"n":5.1}`, `{"n":"0"}`}},
		{"numeric equal", `{"n":[{"numeric":["=",3.018e2]}]}`, []string{`{"n":301.8}`}, []string{`{"n":301.81}`}},
		{"cidr v4", `{"ip":[{"cidr":"10.0.0.77/24"}]}`, []string{`{"ip":"10.0.0.255"}`, `{"ip":"::ffff:a00:1"}`}, []string{`{"ip":"10.0.1.0"}`, `{"ip":"a00::1"}`, `{"ip":"::ffff:10.0.0.1"}`, `{"ip":"cloudtrail.amazonaws.com"}`, `{"ip":10}`}},
		{"cidr v6", `{"ip":[{"cidr":"2001:db8::/64"}]}`, []string{`{"ip":"2001:0DB8::FFFF"}`}, []string{`{"ip":"2001:db8:0:1::"}`, `{"ip":"10.0.0.1"}`}},
		{"addresses are equal by value", `{"ip":["2001:db8::1","192.0.2.1"]}`, []string{`{"ip":"2001:0DB8:0:0:0:0:0:1"}`, `{"ip":"192.000.002.001"}`}, []string{`{"ip":"2001:db8::2"}`}},
		{"exists", `{"a":[{"exists":true}],"b":[{"exists":false}]}`, []string{`{"a":null}`, `{"a":"","b":{}}`, `{"a":[1],"b":[]}`}, []string{`{"a":{}}`, `{"a":1,"b":null}`, `{"b":1}`}},
		{"absent or a value", `{"a":["x",{"exists":false}]}`, []string{`{}`, `{"a":"x"}`, `{"a":{"b":1}}`}, []string{`{"a":"y"}`}},
		{"or", `{"s":["1"],"$or":[{"a":["x"]},{"b":{"$or":[{"c":["y"]},{"d":["z"]}]}}]}`,
			[]string{`{"s":"1","a":"x"}`, `{"s":"1","b":{"d":"z"}}`}, []string{`{"a":"x"}`, `{"s":"1","b":{"c":"z"}}`}},
		{"a branch overrides its surroundings", `{"a":["x"],"$or":[{"a":["y"]},{"b":["z"]}]}`, []string{`{"a":"y"}`, `{"a":"x","b":"z"}`}, []string{`{"a":"x"}`}},
		{"array elements are not mixed", `{"e":{"f":["Anna"],"l":["Jones"]}}`,
			[]string{`{"e":[{"f":"x"},{"f":"Anna","l":"Jones"}]}`, `{"e":{"f":["b","Anna"],"l":["Jones"]}}`}, []string{`{"e":[{"f":"Anna","l":"Smith"},{"f":"Peter","l":"Jones"}]}`, `{"e":[[{"f":"Anna"}],[{"l":"Jones"}]]}`}},
		{"sibling arrays combine", `{"x":{"a":["1"]},"y":{"b":["2"]}}`, []string{`{"x":[{"a":"0"},{"a":"1"}],"y":[{"b":"2"}]}`}, []string{`{"x":[{"a":"1"}],"y":[{"b":"3"}]}`}},
		{"absence is judged in the chosen element", `{"d":{"a":["x"],"b":[{"exists":false}]}}`,
			[]string{`{"d":[{"a":"x"},{"b":1}]}`, `{"d":{"a":"x"}}`}, []string{`{"d":[{"a":"x","b":1},{}]}`, `{"d":{"a":"x","b":1}}`}},
		{"absence before the choice is judged everywhere", `{"d":{"b":["x"],"a":[{"exists":false}]}}`,
			[]string{`{"d":[{"b":"x"}]}`}, []string{`{"d":[{"a":1},{"b":"x"}]}`, `{"d":[{"a":1,"b":"x"}]}`}},
		{"full case mapping", `{"a":[{"equals-ignore-case":"İᾳ"}]}`, []string{`{"a":"İᾳ"}`, `{"a":"i\u0307ΑΙ"}`}, []string{`{"a":"iᾳ"}`}},
		{"reserved names are fields outside $or", `{"a":{"exists":["x"]}}`, []string{`{"a":{"exists":"x"}}`}, []string{`{"a":"x"}`}},
		{"a rule of CloudTrail calls", `{"detail":{"eventName":[{"prefix":"PutBucket"}],"errorCode":[{"exists":false}],"readOnly":[false]}}`,
			[]string{`{"detail":{"eventName":"PutBucketPolicy","readOnly":false}}`}, []string{`{"detail":{"eventName":"PutBucketPolicy","readOnly":false,"errorCode":"AccessDenied"}}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := pattern.Parse([]byte(c.pattern))
			if err != nil {
				t.Fatal(err)
			}
			for i, event := range append(c.yes, c.no...) {
				want := i < len(c.yes)
				if got, err := p.Match([]byte(event)); err != nil || got != want {
					t.Errorf("%s on %s: got %v (%v), want %v", c.pattern, event, got, err, want)
				}
			}
		})
	}
}

func TestParsePatternErrors(t *testing.T) {
	for _, c := range []struct{ name, pattern, place, problem string }{
		{"no object", `[1]`, "1:1", "must be an object"},
		{"nothing", ``, "1:1", "there is no text"},
		{"comma after the last field", `{"a":["x"],}`, "1:12", "remove the comma before"},
		{"comma after the last value", `{"a":["x",]}`, "1:11", "remove the comma before"},
		{"capital True", `{"a":[True]}`, "1:7", "true is written in lower case"},
		{"one number and another", `{"a":[{"numeric":["=",5,6]}]}`, "1:25", "too many elements"},
		{"operator with a capital", `{"a":[{"Prefix":"x"}]}`, "1:8", "in lower case"},
		{"empty object", "{\n  \"a\": {}}", "2:8", "empty objects"},
		{"empty array", `{"é":[]}`, "1:6", "empty arrays"},
		{"bare value", `{"a":42}`, "1:6", "write [42]"},
		{"nested array", `{"a":[["x"]]}`, "1:7", "this is an array"},
		{"unknown operator", `{"a":[{"regex":"x"}]}`, "1:8", "unrecognized match type"},
		{"two operators", `{"a":[{"prefix":"x","suffix":"y"}]}`, "1:21", "only one key"},
		{"prefix of a number", `{"a":[{"prefix":1}]}`, "1:17", "must be a string"},
		{"wildcard run", `{"a":[{"wildcard":"a**b"}]}`, "1:19", "consecutive"},
		{"wildcard escape", `{"a":[{"wildcard":"a\\b"}]}`, "1:19", "invalid escape"},
		{"mixed anything-but", `{"a":[{"anything-but":["x",1]}]}`, "1:28", "mixed"},
		{"anything-but null", `{"a":[{"anything-but":null}]}`, "1:23", "anything-but"},
		{"anything-but numeric", `{"a":[{"anything-but":{"numeric":["=",1]}}]}`, "1:24", "unsupported"},
		{"anything-but empty prefix", `{"a":[{"anything-but":{"prefix":""}}]}`, "1:33", "empty prefix"},
		{"numeric inverted", `{"a":[{"numeric":[">",5,"<",5]}]}`, "1:25", "less than"},
		{"numeric upper first", `{"a":[{"numeric":["<",5,">",1]}]}`, "1:25", "too many elements"},
		{"numeric too precise", `{"a":[{"numeric":["=",9007199254740993]}]}`, "1:23", "cannot compare"},
		{"cidr of one address", `{"a":[{"cidr":"10.0.0.1/32"}]}`, "1:15", "below 32"},
		{"cidr address", `{"a":[{"cidr":"10.0.0.256/8"}]}`, "1:15", "invalid IP address"},
		{"exists of a string", `{"a":[{"exists":"true"}]}`, "1:17", "true or false"},
		{"or of one", `{"$or":[{"a":["x"]}]}`, "1:8", "at least two"},
		{"or reserved", `{"$or":[{"a":["x"]},{"prefix":["y"]}]}`, "1:22", "name of an operator"},
		{"or reserved deep", `{"$or":[{"a":["x"]},{"b":{"prefix":["y"]}}]}`, "1:27", "name of an operator"},
		{"text after it", `{"a":["x"]} {}`, "1:13", "text after the end"},
		{"unquoted key", `{'a':["x"]}`, "1:2", "double quotes"},
		{"control character", "{\"a\":[\"x\ty\"]}", "1:9", "control character"},
		{"bad number", `{"a":[01]}`, "1:7", "no JSON number"},
		{"open string", `{"a":["x`, "1:7", "no closing quote"},
		{"deep", strings.Repeat(`{"a":`, 300), "1:1001", "nested deeper"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := pattern.Parse([]byte(c.pattern))
			var e *syntax.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if got := fmt.Sprintf("%d:%d", e.Line, e.Column); got != c.place || !strings.Contains(e.Problem, c.problem) {
				t.Errorf("got %s %q, want %s %q", got, e.Problem, c.place, c.problem)
			}
		})
	}
}

func TestPatternLimits(t *testing.T) {
	branches := func(n int) string { return `[` + strings.Repeat(`{"a":[1]},`, n-1) + `{"a":[1]}]` }
	fields := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"k%d":[1],`, i)
		}
		return `{` + strings.TrimSuffix(b.String(), ",") + `}`
	}
	for _, c := range []struct {
		name, pattern string
		ok            bool
	}{
		{"1000 combinations", `{"$or":` + branches(10) + `,"x":{"$or":` + branches(100) + `}}`, true},
		{"1010 combinations", `{"$or":` + branches(10) + `,"x":{"$or":` + branches(101) + `}}`, false},
		{"256 fields", fields(256), true},
		{"257 fields", fields(257), false},
		{"64 KiB", `{"a":["` + strings.Repeat("x", 64<<10) + `"]}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := pattern.Parse([]byte(c.pattern)); (err == nil) != c.ok {
				t.Errorf("got error %v", err)
			}
		})
	}
}

func TestParseEventErrors(t *testing.T) {
	for _, c := range []struct{ name, event, problem string }{
		{"list", `[]`, "line 1, column 1: an event must be an object, this is an array"},
		{"second line", "{\n\"a\": nul}", "line 2, column 6: no JSON value begins here"},
		{"cut", `{"a":`, "line 1, column 6: the JSON text ends too early"},
		{"escape", `{"a":"\x"}`, `line 1, column 7: \x is no JSON escape`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := pattern.ParseEvent([]byte(c.event))
			if err == nil || !strings.HasPrefix(err.Error(), c.problem) {
				t.Errorf("got %v, want %s", err, c.problem)
			}
		})
	}
}

// A search over array elements must not multiply with independent arrays.
func TestPatternManyArrays(t *testing.T) {
	var fields, event []string
	for i := range 12 {
		fields = append(fields, fmt.Sprintf(`"k%d":{"a":["x"],"b":["y"]}`, i))
		event = append(event, fmt.Sprintf(`"k%d":[%s{"b":"y"}]`, i, strings.Repeat(`{"a":"x"},`, 200)))
	}
	p, err := pattern.Parse([]byte(`{` + strings.Join(fields, ",") + `}`))
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := p.Match([]byte(`{` + strings.Join(event, ",") + `}`)); ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
}

// A hostile event costs seconds at the most, and is never answered by a guess.
func TestPatternHostileLists(t *testing.T) {
	for _, c := range []struct {
		name, pattern, event string
		match, hard          bool
	}{
		{"two fields of a long list", `{"d":{"a":["x"],"b":["y"]}}`, `{"d":[` + strings.Repeat(`{"a":"x"},{"b":"y"},`, 50_000) + `{}]}`, false, false},
		{"the last element", `{"d":{"a":["x"],"b":["y"]}}`, `{"d":[` + strings.Repeat(`{"a":"x"},{"b":"y"},`, 50_000) + `{"a":"x","b":"y"}]}`, true, false},
		{"absence in no element", `{"d":{"a":["x"],"b":[{"exists":false}]}}`, `{"d":[` + strings.Repeat(`{"a":"x","b":"y"},`, 100_000) + `{}]}`, false, true},
		{"absence in a thousand", `{"d":{"a":["x"],"b":[{"exists":false}]}}`, `{"d":[` + strings.Repeat(`{"a":"x","b":"y"},`, 1_000) + `{}]}`, false, false},
		{"deep lists", `{"d":{"a":["x"],"b":["y"]}}`, `{"d":` + strings.Repeat(`[`, 150) + strings.Repeat(`{"a":"x"},`, 10_000) + `{"b":"y"}` + strings.Repeat(`]`, 150) + `}`, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := pattern.Parse([]byte(c.pattern))
			if err != nil {
				t.Fatal(err)
			}
			got, err := pattern.NewMatcher(p).Match([]byte(c.event), nil)
			if (err != nil) != c.hard || (len(got) > 0) != c.match {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
