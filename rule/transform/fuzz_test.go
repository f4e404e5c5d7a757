package transform_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/everqual/everqual/rule/transform"
)

// FuzzTransformer: whatever is accepted gives valid JSON, the same each time.
func FuzzTransformer(f *testing.F) {
	for _, s := range []string{`{"a": <v>, "b": "x <v> \" <w>"}`, "\"<v>\"\n \"<w>\"", `[<aws.events.event>, <aws.events.event.json>]`,
		`{"a < b": ["<aws.events.rule-arn>"]}`, `"\u00e9\n<v>"`} {
		f.Add("$.a.b[0]", s, `{"a": {"b": ["\"\\\n"]}}`)
		f.Add("$.a[*].b-c", s, `{"a": [{"b-c": {"\"": null}}]}`)
		f.Add("$", s, "\"\xff\\ud800\"")
	}
	f.Fuzz(func(t *testing.T, path, template, event string) {
		tr, err := transform.Parse(map[string]string{"v": path, "w": "$.a"}, template)
		if err != nil {
			return
		}
		v := transform.Variables{RuleARN: path, RuleName: "\"\\\xff"}
		out, err := tr.Apply([]byte(event), v)
		if err != nil {
			return
		}
		if again, _ := tr.Apply([]byte(event), v); !bytes.Equal(out, again) {
			t.Fatalf("first %q, then %q", out, again)
		}
		checkValid(t, template, out)
		v.Strict = true
		if strict, err := tr.Apply([]byte(event), v); err == nil {
			checkValid(t, template, strict)
		}
	})
}

func checkValid(t *testing.T, template string, out []byte) {
	t.Helper()
	if !strings.HasPrefix(strings.TrimSpace(template), `"`) {
		if !json.Valid(out) {
			t.Fatalf("%q gives %q", template, out)
		}
		return
	}
	for line := range bytes.Lines(out) {
		var s string
		if len(bytes.TrimSpace(line)) > 0 && json.Unmarshal(line, &s) != nil {
			t.Fatalf("%q gives the line %q", template, line)
		}
	}
}

func BenchmarkApply(b *testing.B) {
	tr, err := transform.Parse(paths, `{"id": <id>, "text": "instance <id> is <state>", "object": <object>, "all": <aws.events.event>}`)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tr.Apply([]byte(event), variables()); err != nil {
			b.Fatal(err)
		}
	}
}
