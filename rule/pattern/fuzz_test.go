package pattern_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/everqual/everqual/rule/pattern"
	"github.com/everqual/everqual/rule/syntax"
)

var seeds = []string{
	`{"a":["x",1,null,true,{"prefix":"p"},{"suffix":{"equals-ignore-case":"ß"}},{"exists":false}]}`,
	`{"a":[{"anything-but":{"wildcard":["a*b","\\*"]}}],"$or":[{"b":[{"numeric":[">=",-1.5,"<",3e2]}]},{"c.d":[{"cidr":"2001:db8::/32"}]}]}`,
	`{"a":{"$or":[{"b":["x"]},{"b":["y"],"$or":[{"c":[1]},{"d":[2]}]}]},"a":{"e":["10.0.0.1"]}}`,
	`{"a":["\ud83d\ude00\ud83d\u00e9"],"":[{"equals-ignore-case":"Straße"}]}`,
	`{"a":[{"anything-but":[1,2e400]}]}`, `{"a":[01]}`, `{"a":{}}`, "",
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := pattern.Parse(b)
		if err == nil {
			if !json.Valid(b) {
				t.Fatalf("accepted a pattern that is no JSON: %q", b)
			}
			if _, err := p.Match([]byte(`{"a":["x",{"b":1}],"c":{"d":"::1"}}`)); err != nil {
				t.Fatal(err)
			}
			return
		}
		var e *syntax.Error
		if p != nil || !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || e.Line > strings.Count(string(b), "\n")+1 {
			t.Fatalf("%q: %v", b, err)
		}
	})
}

// Valid accepts the objects that encoding/json accepts, and no others.
func FuzzValid(f *testing.F) {
	for _, s := range append(seeds, `{"a":"\ud800","b":[[],{}],"a":-0.0e-1}`, "{\"a\":\"\xff\"}", `{"a":1} `, `{"a":.5}`) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		err := pattern.Valid(b)
		var object map[string]json.RawMessage
		want := json.Unmarshal(b, &object) == nil && object != nil
		if strings.Count(string(b), "[")+strings.Count(string(b), "{") > 200 {
			return // deeper than the limit
		}
		if (err == nil) != want {
			t.Fatalf("%q: got %v, encoding/json accepts: %v", b, err, want)
		}
	})
}

// FuzzMatch lets the matcher, with two more patterns beside the one at hand,
// and the reference decide on an event.
func FuzzMatch(f *testing.F) {
	for _, p := range seeds {
		f.Add([]byte(p), []byte(`{"a":[{"b":"x","c":[1,"::1"]},{"b":"y"}],"a":"10.0.0.1","c":{"d":"2001:db8::1"}}`))
	}
	f.Add([]byte(`{"a":{"b":["x"],"c":["y",{"exists":false}]}}`), []byte(`{"a":[{"b":"x","c":"z"},{"b":["x"],"c":[{}]}]}`))
	f.Add([]byte(`{"a.b":[{"wildcard":"*x*"},{"prefix":{"equals-ignore-case":"k"}}]}`), []byte(`{"a":{"b":"\u212axx"},"a.b":["Ka"]}`))
	f.Add([]byte(`{"n":[{"numeric":[">",0]},{"anything-but":5e-324}]}`), []byte(`{"n":[9007199254740993,-0.0,5e-324]}`))
	f.Add([]byte("{\"\xb9\xb9@\xb9\":[3]}"), []byte("{\"\xb9\xb9@\xb9\":[3]}"))
	beside := []*pattern.Pattern{mustParse(f, `{"a":[{"prefix":""},{"anything-but":"x"}]}`), mustParse(f, `{"a":{"b":[{"exists":true}]}}`)}
	f.Fuzz(func(t *testing.T, text, event []byte) {
		p, err := pattern.Parse(text)
		if err != nil || pattern.Valid(event) != nil {
			pattern.NewMatcher(beside...).Match(event, nil)
			return
		}
		want, ok := reference(text, event)
		if !ok {
			return
		}
		got, err := pattern.NewMatcher(append(beside, p)...).Match(event, nil)
		if err != nil {
			t.Fatalf("event %s: %v", event, err)
		}
		if found := len(got) > 0 && got[len(got)-1] == len(beside); found != want {
			t.Fatalf("pattern %s\nevent %s\ngot %v, want %v", text, event, found, want)
		}
	})
}

func mustParse(t testing.TB, text string) *pattern.Pattern {
	t.Helper()
	p, err := pattern.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}
