package pattern_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/everqual/everqual/rule/pattern"
)

func TestLint(t *testing.T) {
	for _, c := range []struct{ name, pattern, place, message string }{
		{"nothing", `{"source":["aws.ec2"],"detail":{"eventName":[{"prefix":"Run"}]}}`, "", ""},
		{"two anything-buts", `{"detail":{"a":[{"anything-but":"x"},{"anything-but":{"prefix":"y"}}]}}`, "1:38", "nearly every value matches"},
		{"one anything-but with a list", `{"detail":{"a":[{"anything-but":["x","y"]}]}}`, "", ""},
		{"excluded and listed", `{"detail":{"a":[{"anything-but":"x"},"x"]}}`, "1:38", "excluded and listed"},
		{"exists both ways", `{"detail":{"a":[{"exists":true},{"exists":false}]}}`, "1:33", "says nothing"},
		{"any prefix", `{"detail":{"a":[{"prefix":""}]}}`, "1:17", "every string"},
		{"any wildcard", `{"detail":{"a":[{"wildcard":"*"}]}}`, "1:17", "every string"},
		{"listed twice", `{"detail":{"a":["x","y","x"]}}`, "1:25", "listed twice"},
		{"field at the top", `{"eventName":["RunInstances"]}`, "1:14", "can never match"},
		{"number where a string is", `{"account":[111122223333]}`, "1:13", "always a string"},
		{"exists on detail", `{"detail":[{"exists":true}]}`, "1:12", "never matches"},
		{"no object", `{"detail":{"tlsDetails":[{"exists":false}]}}`, "1:26", "always matches"},
		{"object or null", `{"detail":{"responseElements":[{"exists":true}]}}`, "1:32", "matches null only"},
		{"object, not null", `{"detail":{"requestParameters":[{"exists":false}]}}`, "1:33", "whatever is not null"},
		{"null for an object", `{"detail":{"responseElements":[null]}}`, "", ""},
		{"text for an object", `{"detail":{"userIdentity":[{"prefix":"Root"}]}}`, "1:28", "never matches it"},
		{"exists in a field of its own", `{"detail":{"a":[{"exists":true}],"a.b":["x"]}}`, "1:16", "as a value and as an object"},
		{"what every event has", `{"source":[{"exists":true}]}`, "1:12", "always matches"},
		{"what every event has, denied", `{"account":[{"exists":false}]}`, "1:13", "never matches"},
		{"excluded number where a string is", `{"account":[{"anything-but":[111122223333]}]}`, "1:13", "lets every event in"},
		{"excluded and listed number", `{"detail":{"a":[{"anything-but":[1,2]},2.0]}}`, "1:40", "excluded and listed"},
		{"excluded and listed prefix", `{"detail":{"a":[{"anything-but":{"prefix":"x"}},{"prefix":"x"}]}}`, "1:49", "excluded and listed"},
		{"number beyond the documented range", `{"detail":{"a":[{"numeric":["<",-5000000001]}]}}`, "1:17", "from -5.0e9 to 5.0e9"},
		{"greatest documented number", `{"detail":{"a":[{"numeric":["<=",5.0e9]},5000000001]}}`, "", ""},
		{"another number", `{"detail":{"a":[{"anything-but":[1,2]},3]}}`, "", ""},
		{"exists beside values", `{"detail":{"a":["x",{"exists":true}]}}`, "1:21", "no effect"},
		{"a value, or none", `{"detail":{"a":["x",{"exists":false}]}}`, "", ""},
		{"object and value", `{"detail":{"a":["x"],"a.b":["y"]}}`, "1:16", "as a value and as an object"},
		{"written twice", `{"source":["aws.ec2"],` + "\n" + `"source":["aws.s3"]}`, "1:11", "written again later"},
		{"branch overrides", `{"source":["aws.ec2"],"$or":[{"source":["aws.s3"]},{"detail":{"a":["x"]}}]}`, "1:11", "written again later"},
		{"too complex", `{"detail":{"a":[{"wildcard":"*:*:*:*:*:event-bus/*"}]}}`, "1:16", `"detail.a" have a complexity of 11`},
		{"too long", `{"detail":{"a":["` + strings.Repeat("x", 2048) + `"]}}`, "1:1", "2069 characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems := mustParse(t, c.pattern).Lint()
			if c.place == "" {
				if len(problems) > 0 {
					t.Errorf("got %v", problems)
				}
				return
			}
			if len(problems) == 0 {
				t.Fatal("no problem found")
			}
			p := problems[0]
			if got := fmt.Sprintf("%d:%d", p.Line, p.Column); got != c.place || !strings.Contains(p.Message, c.message) || p.Hint == "" {
				t.Errorf("got %v, want %s %s", problems, c.place, c.message)
			}
		})
	}
}

// The scores of AWS's open engine, which fit AWS's answers to real patterns:
// 9 and less was taken, 11 and more refused.
func TestComplexity(t *testing.T) {
	each := func(format string, texts ...string) string {
		var values []string
		for _, text := range texts {
			values = append(values, fmt.Sprintf(`{"wildcard":%q}`, strings.ReplaceAll(format, "?", text)))
		}
		return `{"detail":{"a":[` + strings.Join(values, ",") + `]}}`
	}
	but := func(list string) string { return `{"detail":{"a":[{"anything-but":{"wildcard":` + list + `}}]}}` }
	for _, c := range []struct {
		name, pattern string
		want          int
	}{
		{"no wildcard", `{"a":["x"]}`, 0},
		{"no asterisk", each("abc?", ""), 1},
		{"at the end", each("arn:*", ""), 2},
		{"many asterisks", each("*a*b*c*d*e*", ""), 7},
		{"repeated text", each("*aaaaaaaaaa", ""), 11},
		{"colons", each("*:*:*:*:*:event-bus/*", ""), 11},
		{"three of a list", each("*:stack/?/*", "X", "Y", "Z"), 9},
		{"four of a list", each("*:stack/?/*", "X", "Y", "Z", "W"), 12},
		{"ends alike", each("*?*", "a", "b", "c", "d"), 12},
		{"suffixes", each("*?", "x", "y"), 4},
		{"beginnings of each other", each("?*", "a", "ab", "abc"), 6},
		{"beginnings apart", each("arn:aws:?:*x*y", "s3", "ec2", "rds", "ssm", "iam"), 5},
		{"one beginning", each("a*?", "x", "y", "z"), 6},
		{"an anything-but counts shared beginnings once", but(`["*:stack/X/*","*:stack/Y/*","*:stack/Z/*","*:stack/W/*"]`), 9},
		{"two anything-buts", `{"a":[{"anything-but":{"wildcard":"*x*"}},{"anything-but":{"wildcard":"*y*"}}]}`, 6},
		{"branches on one field", `{"$or":[{"a":[{"wildcard":"*x*"}]},{"a":[{"wildcard":"*y*"}]}]}`, 6},
		{"branches on two fields", `{"$or":[{"a":[{"wildcard":"*x*"}]},{"b":[{"wildcard":"*y*"}]}]}`, 3},
		{"branches that differ before it", `{"$or":[{"a":["1"],"b":[{"wildcard":"*x*"}]},{"a":["2"],"b":[{"wildcard":"*y*"}]}]}`, 3},
	} {
		if got := mustParse(t, c.pattern).Complexity(); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
	if n := mustParse(t, `{"$or":[{"a":[1]},{"b":[1]}],"x":{"$or":[{"a":[1]},{"b":[1]},{"c":[1]}]}}`).Combinations(); n != 6 {
		t.Errorf("got %d combinations", n)
	}
}

// A pattern of the greatest size is scored in seconds at the most.
func TestComplexityOfLongWildcards(t *testing.T) {
	var many []string
	for i := range 2_500 {
		many = append(many, fmt.Sprintf(`{"wildcard":"%04d*x"}`, i))
	}
	if got := mustParse(t, `{"a":[`+strings.Join(many, ",")+`]}`).Complexity(); got != 2_500 {
		t.Errorf("got %d", got) // one place for each before the first character
	}
	long := strings.Repeat("a", 60_000)
	if got := mustParse(t, `{"a":[{"wildcard":"*`+long+`"}]}`).Complexity(); got != 60_001 {
		t.Errorf("got %d", got)
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct{ name, values, event, why string }{
		{"found", `["x"]`, `{"detail":{"a":"x"}}`, `"x" satisfies "x"`},
		{"case", `["Stopped"]`, `{"detail":{"a":"stopped"}}`, "upper and lower case only"},
		{"white space", `["x"]`, `{"detail":{"a":" x"}}`, "white space only"},
		{"boolean for a string", `["true"]`, `{"detail":{"a":true}}`, "true is a boolean"},
		{"string for a number", `[300]`, `{"detail":{"a":"300"}}`, "compared with values without quotes"},
		{"prefix of a number", `[{"prefix":"3"}]`, `{"detail":{"a":300}}`, "looks at strings only"},
		{"excluded", `[{"anything-but":"x"}]`, `{"detail":{"a":"x"}}`, "one of the excluded"},
		{"missing", `["x"]`, `{"detail":{"b":"x"}}`, `there is no "a"`},
		{"nearly there", `["x"]`, `{"detail":{"A":"x"}}`, `but "A"`},
		{"parent missing", `["x"]`, `{"source":"x"}`, `there is no "detail"`},
		{"object", `[{"exists":true}]`, `{"detail":{"a":{"b":1}}}`, "an object is there"},
		{"empty list", `[{"exists":true}]`, `{"detail":{"a":[]}}`, "an empty list is there"},
		{"absent as wanted", `[{"exists":false}]`, `{"detail":{}}`, "wants it"},
		{"there against the wish", `[{"exists":false}]`, `{"detail":{"a":null}}`, "the field is there"},
		{"many", `["x"]`, `{"detail":{"a":["p","q","r","s","t"]}}`, "and 2 more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustParse(t, `{"detail":{"a":`+c.values+`}}`)
			e, err := p.Explain([]byte(c.event))
			if err != nil {
				t.Fatal(err)
			}
			match, _ := p.Match([]byte(c.event))
			one := e.Attempts[0].Conditions[0]
			if e.Match != match || one.Holds != match || one.Path != "detail.a" || one.Wanted != c.values || one.Line != 1 || one.Column != 16 || !strings.Contains(one.Why, c.why) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestExplainTogether(t *testing.T) {
	p := mustParse(t, `{"r":{"type":["bucket"],"name":["raw"]}}`)
	e, err := p.Explain([]byte(`{"r":[{"type":"bucket","name":"x"},{"type":"key","name":"raw"}]}`))
	if err != nil || e.Match || !e.Attempts[0].Apart {
		t.Errorf("got %+v, %v", e, err)
	}
	p = mustParse(t, `{"$or":[{"a":["x"],"b":["x"]},{"a":["x"],"b":["y"]}]}`)
	e, err = p.Explain([]byte(`{"a":"x","b":"y"}`))
	if err != nil || !e.Match || len(e.Attempts) != 2 || !e.Attempts[0].Holds {
		t.Errorf("the combination that holds comes first: %+v, %v", e, err)
	}
	if _, err := p.Explain([]byte(`{"a":`)); err == nil {
		t.Error("a broken event was explained")
	}
}

// A matcher that is replaced while it works answers from the old bank or the
// new one.
func TestReplace(t *testing.T) {
	old := []*pattern.Pattern{mustParse(t, `{"a":["x"]}`)}
	other := []*pattern.Pattern{mustParse(t, `{"a":["y"]}`), mustParse(t, `{"a":["x"]}`), mustParse(t, `{"b":[{"exists":false}]}`)}
	m := pattern.NewMatcher(old...)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 2000 {
			if i%2 == 0 {
				m.Replace(other...)
			} else {
				m.Replace(old...)
			}
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		found, err := m.Match([]byte(`{"a":"x"}`), nil)
		if s := fmt.Sprint(found); err != nil || s != "[0]" && s != "[1 2]" {
			t.Fatalf("got %s, %v", s, err)
		}
	}
}

func TestMatchAppends(t *testing.T) {
	m := pattern.NewMatcher(mustParse(t, `{"a":["x"]}`))
	found, err := m.Match([]byte(`{"a":"x"}`), []int{7})
	if fmt.Sprint(found) != "[7 0]" || err != nil {
		t.Errorf("got %v, %v", found, err)
	}
	for _, broken := range []string{``, `[]`, `{"a":"x"`, `{"a":x}`, `{"a":"x"} {}`, `{"a" "x"}`, `{"a":"\q"}`, `{"b":[}`, strings.Repeat(`{"a":[`, 300)} {
		if found, err := m.Match([]byte(broken), nil); err == nil {
			t.Errorf("%s: got %v", broken, found)
		}
	}
}

// What a matcher remembers of an event under one bank says nothing under the
// next, also when that has more fields and fewer conditions.
func TestReplaceForgets(t *testing.T) {
	var many []*pattern.Pattern
	for i := range 9 {
		many = append(many, mustParse(t, fmt.Sprintf(`{"a":["x%d"]}`, i)))
	}
	m := pattern.NewMatcher(many...)
	// The third event of either bank is the first that its pattern 1 meets.
	third := func(event string) {
		t.Helper()
		for _, e := range []string{`{}`, `{}`, event} {
			found, err := m.Match([]byte(e), nil)
			if err != nil || e == event && fmt.Sprint(found) != "[1]" {
				t.Errorf("got %v, %v", found, err)
			}
		}
	}
	third(`{"a":"x1"}`)
	m.Replace(mustParse(t, `{"b":["x"]}`), mustParse(t, `{"b":["y"],"c":["z"]}`))
	third(`{"b":"y","c":"z"}`)
}
