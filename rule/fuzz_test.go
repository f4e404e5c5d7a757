package rule_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rules"
)

var patternSeeds = []string{
	`{"a":["x",1,null,true,{"prefix":"p"},{"suffix":{"equals-ignore-case":"ß"}},{"exists":false}]}`,
	`{"a":[{"anything-but":{"wildcard":["a*b","\\*"]}}],"$or":[{"b":[{"numeric":[">=",-1.5,"<",3e2]}]},{"c.d":[{"cidr":"2001:db8::/32"}]}]}`,
	`{"a":{"$or":[{"b":["x"]},{"b":["y"],"$or":[{"c":[1]},{"d":[2]}]}]},"a":{"e":["10.0.0.1"]}}`,
	`{"a":["\ud83d\ude00\ud83d\u00e9"],"":[{"equals-ignore-case":"Straße"}]}`,
	`{"a":[{"anything-but":[1,2e400]}]}`, `{"a":[01]}`, `{"a":{}}`, "",
}

func FuzzParsePattern(f *testing.F) {
	for _, s := range patternSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := rule.ParsePattern(b)
		if err == nil {
			if !json.Valid(b) {
				t.Fatalf("accepted a pattern that is no JSON: %q", b)
			}
			if _, err := p.Match([]byte(`{"a":["x",{"b":1}],"c":{"d":"::1"}}`)); err != nil {
				t.Fatal(err)
			}
			return
		}
		var e *rule.Error
		if p != nil || !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || e.Line > strings.Count(string(b), "\n")+1 {
			t.Fatalf("%q: %v", b, err)
		}
	})
}

// ParseEvent accepts the objects that encoding/json accepts, and no others.
func FuzzParseEvent(f *testing.F) {
	for _, s := range append(patternSeeds, `{"a":"\ud800","b":[[],{}],"a":-0.0e-1}`, "{\"a\":\"\xff\"}", `{"a":1} `, `{"a":.5}`) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := rule.ParseEvent(b)
		var object map[string]any
		want := json.Unmarshal(b, &object) == nil && object != nil
		if strings.Count(string(b), "[")+strings.Count(string(b), "{") > 200 || json.Valid(b) && hugeNumber(b) {
			return // deeper than the limit, or beyond what Unmarshal can hold
		}
		if (err == nil) != want {
			t.Fatalf("%q: got %v, encoding/json accepts: %v", b, err, want)
		}
	})
}

func hugeNumber(b []byte) bool {
	var v any
	var e *json.UnmarshalTypeError
	return errors.As(json.Unmarshal(b, &v), &e)
}

func FuzzMatch(f *testing.F) {
	for _, p := range patternSeeds {
		f.Add([]byte(p), []byte(`{"a":[{"b":"x","c":[1,"::1"]},{"b":"y"}],"a":"10.0.0.1","c":{"d":"2001:db8::1"}}`))
	}
	f.Fuzz(func(t *testing.T, pattern, event []byte) {
		p, err := rule.ParsePattern(pattern)
		if err != nil {
			return
		}
		e, err := rule.ParseEvent(event)
		if err != nil {
			return
		}
		got, err := p.Match(event)
		if err != nil || got != p.MatchEvent(e) {
			t.Fatalf("Match %v (%v) and MatchEvent differ", got, err)
		}
	})
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(thing))
	for _, name := range []string{"iam.json", "lambda.json", "tagging.json", "config.json"} {
		b, err := rules.Files.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := rule.Load(fstest.MapFS{"thing.json": {Data: b}})
		var e *rule.Error
		if err != nil && (!errors.As(err, &e) || e.File != "thing.json" || e.Line < 1) {
			t.Fatalf("%q: %v", b, err)
		}
	})
}

func FuzzSetMatch(f *testing.F) {
	set := shipped(f)
	f.Add([]byte(`{"source":"aws.ec2","detail-type":"AWS API Call via CloudTrail","account":"111122223333","region":"eu-west-1","detail":{"eventSource":"ec2.amazonaws.com","eventName":"CreateTags","requestParameters":{"resourcesSet":{"items":[{"resourceId":"i-12345678"},{"resourceId":{"content":"vol-12345678"}}]}}}}`))
	f.Add([]byte(`{"source":"aws.config","detail-type":"Config Configuration Item Change","detail":{"configurationItem":{"ARN":"arn:aws:s3:::x-y"}}}`))
	f.Add([]byte(`{"source":"aws.lambda","detail-type":"AWS API Call via CloudTrail","detail":{"eventSource":"lambda.amazonaws.com","eventName":"20150331","resources":[{"ARN":[]}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := set.Match(everqual.ChangeEvent{Envelope: b})
		if err != nil {
			return
		}
		if m.Rule == "" && (len(m.Resources) > 0 || m.Unresolved != "") || m.Rule != "" && len(m.Resources) == 0 && m.Unresolved == "" {
			t.Fatalf("%q: half a match %+v", b, m)
		}
		for _, r := range m.Resources {
			if _, ok := r.ID.Parts(); !ok || r.Type == "" || r.Account == "" || r.Region == "" {
				t.Fatalf("%q: incomplete resource %+v", b, r)
			}
		}
	})
}
