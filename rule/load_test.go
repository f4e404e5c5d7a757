package rule_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rule/syntax"
)

// thing is a valid rule file, one part a line.
const thing = `{"id": "thing",
"title": "Things",
"service": "thing.amazonaws.com",
"resources": {"AWS::Thing::Box": {"arn": "arn:{partition}:thing:{region}:{account}:box/{id}", "id": "box-[0-9]+"}},
"matches": [
{"pattern": {"source": ["aws.thing"], "detail-type": ["Thing Change"]},
"touches": [{"type": "AWS::Thing::Box", "path": "box.id"}]}
]}`

func manyPaths(n int) string {
	paths := make([]string, n)
	for i := range paths {
		paths[i] = fmt.Sprintf(`"p%d": "$.p"`, i)
	}
	return strings.Join(paths, ", ")
}

func TestLoadErrors(t *testing.T) {
	for _, c := range []struct{ name, old, new, place, problem string }{
		{"syntax", `"title": "Things",`, `"title": "Things"`, "3:1", `expected ","`},
		{"unknown key", `"title"`, `"titel"`, "2:1", `unknown key "titel"`},
		{"key twice", `"title": "Things",`, `"title": "Things", "title": "x",`, "2:20", "written twice"},
		{"missing key", `"title": "Things",`, ``, "1:1", `"title" is missing`},
		{"empty title", `"Things"`, `""`, "2:10", "not empty"},
		{"bad id", `"id": "thing"`, `"id": "Thing"`, "1:8", "bad id"},
		{"id of another file", `"id": "thing"`, `"id": "things"`, "1:1", "must be the file name"},
		{"type name", `AWS::Thing::Box": {`, `Box": {`, "4:15", "no CloudFormation type"},
		{"template without id", `box/{id}`, `box/`, "4:42", "bad ARN template"},
		{"template placeholder", `{region}`, `{zone}`, "4:42", "bad ARN template"},
		{"template placeholder twice", `{region}`, `{account}`, "4:42", "bad ARN template"},
		{"regular expression", `box-[0-9]+`, `box-[0-9+`, "4:101", "bad regular expression"},
		{"unbalanced expression", `box-[0-9]+`, `a)(b`, "4:101", "bad regular expression"},
		{"huge expression", `box-[0-9]+`, `(((a{100}){100}){100}){100}`, "4:101", "bad regular expression"},
		{"group", `box-[0-9]+`, `(?P<name>.)`, "4:101", `unknown group "name"`},
		{"lowercase", `"id": "box-[0-9]+"`, `"id": "box", "lowercase": 1`, "4:121", "must be true or false"},
		{"no matches", "[\n{\"pattern\"", "[], \"x\": [\n{\"pattern\"", "5:16", `unknown key "x"`},
		{"pattern", `["aws.thing"]`, `"aws.thing"`, "6:24", "must be an object or an array"},
		{"pattern without source", `"source": ["aws.thing"], `, ``, "6:1", `"source" and "detail-type" as exact strings`},
		{"pattern with any source", `["aws.thing"]`, `[{"prefix":"aws."}]`, "6:1", `exact strings`},
		{"pattern too long", `["Thing Change"]`, `["` + strings.Repeat("x", 2048) + `"]`, "6:13", "EventBridge takes 2048"},
		{"events and touches", `"touches"`, `"events": {}, "touches"`, "6:1", "either"},
		{"events of a list", `"touches"`, `"events"`, "7:11", "events must be an object"},
		{"no extraction", `[{"type": "AWS::Thing::Box", "path": "box.id"}]`, `[]`, "7:12", "at least one element"},
		{"type of another file", `"type": "AWS::Thing::Box"`, `"type": "AWS::Thing::Bag"`, "7:22", "not among the resources"},
		{"path", `"box.id"`, `"box..id"`, "7:49", "bad path"},
		{"path of brackets", `"box.id"`, `"box[0].id"`, "7:49", "bad path"},
		{"path of a number", `"box.id"`, `7`, "7:49", "must be a string"},
		{"template without id and account", `{account}:box/{id}", "id": "box-[0-9]+"`, `:box", "id": "(?P<account>.+)"`, "4:42", "bad ARN template"},
		{"template without id or group", `box/{id}", "id": "box-[0-9]+"`, `box", "id": "[0-9]+"`, "4:42", "bad ARN template"},
		{"no template", `"arn": "arn:{partition}:thing:{region}:{account}:box/{id}", `, ``, "4:15", `"arn" is missing`},
		{"borrowed and described", `"id": "box-[0-9]+"`, `"from": "other"`, "4:15", `"from" has no other keys`},
		{"borrowed of no file", `{"arn": "arn:{partition}:thing:{region}:{account}:box/{id}", "id": "box-[0-9]+"}`, `{"from": "other"}`, "4:15", `"other" does not describe AWS::Thing::Box`},
		{"borrowed of itself", `{"arn": "arn:{partition}:thing:{region}:{account}:box/{id}", "id": "box-[0-9]+"}`, `{"from": "thing"}`, "4:15", `"thing" does not describe AWS::Thing::Box`},
		{"type and type_path", `"type": "AWS::Thing::Box"`, `"type": "AWS::Thing::Box", "type_path": "t"`, "7:13", `either "type" or "type_path"`},
		{"bad type_path", `"type": "AWS::Thing::Box"`, `"type_path": "t..u"`, "7:27", "bad path"},
		{"bad account", `"touches"`, `"account": "[]", "touches"`, "7:12", "bad path"},
		{"bad region", `"touches"`, `"region": 1, "touches"`, "7:11", "must be a string"},
		{"unknown transformer", `"touches"`, `"transformer": "mine", "touches"`, "7:16", `no shared transformer "mine"`},
		{"transformer without template", `"touches"`, `"transformer": {"InputPathsMap": {}}, "touches"`, "7:16", `"InputTemplate" is missing`},
		{"transformer path", `"touches"`, `"transformer": {"InputPathsMap": {"a": 1}, "InputTemplate": "{}"}, "touches"`, "7:40", "a path of an input transformer"},
		{"transformer path too long", `"touches"`, `"transformer": {"InputPathsMap": {"a": "$.` + strings.Repeat("x", 256) + `"}, "InputTemplate": "{}"}, "touches"`, "7:16", "longer than 256"},
		{"transformer paths", `"touches"`, `"transformer": {"InputPathsMap": {` + manyPaths(101) + `}, "InputTemplate": "{}"}, "touches"`, "7:16", "101 paths"},
		{"transformer template", `"touches"`, `"transformer": {"InputPathsMap": {}, "InputTemplate": "` + strings.Repeat("x", 8193) + `"}, "touches"`, "7:16", "8193 characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(thing, c.old, c.new, 1)
			if text == thing {
				t.Fatal("the case changes nothing")
			}
			_, err := rule.Load(fstest.MapFS{"thing.json": {Data: []byte(text)}})
			var e *syntax.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if got := fmt.Sprintf("%d:%d", e.Line, e.Column); e.File != "thing.json" || got != c.place || !strings.Contains(e.Problem, c.problem) {
				t.Errorf("got %v, want %s %s", err, c.place, c.problem)
			}
		})
	}
}

func TestLoadFolder(t *testing.T) {
	calls := func(id string) *fstest.MapFile {
		text := strings.Replace(thing, `"thing"`, `"`+id+`"`, 1)
		return &fstest.MapFile{Data: []byte(strings.NewReplacer(`"touches": [`, `"events": {"OpenBox": [`, `"box.id"}]`, `"box.id"}]}`).Replace(text))}
	}
	for _, c := range []struct {
		name   string
		folder fstest.MapFS
		want   string // "" when it loads
	}{
		{"one file", fstest.MapFS{"thing.json": {Data: []byte(thing)}, "README.md": {}}, ""},
		{"no file", fstest.MapFS{"README.md": {}}, "no rule files"},
		{"two rules for one event", fstest.MapFS{"a.json": calls("a"), "b.json": calls("b")}, `b.json:6:1: OpenBox of aws.thing is already in the rule "a"`},
		{"every fault is reported", fstest.MapFS{"a.json": {Data: []byte(`{`)}, "b.json": {Data: []byte(`[]`)}}, "b.json:1:1: expected an object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := rule.Load(c.folder)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// The example of the guide must work, or nobody can follow it.
func TestGuideExample(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join(root(t), "docs", "rules.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(guide), "```json\n")
	example, _, _ = strings.Cut(example, "```")
	set, err := rule.Load(fstest.MapFS{"scheduler.json": {Data: []byte(example)}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := set.Match(call(t, "scheduler", "CreateScheduleGroup", `{"name":"nightly"}`, `{"scheduleGroupArn":"arn:aws:scheduler:eu-central-1:111122223333:schedule-group/nightly"}`))
	if err != nil || m.Rule != "scheduler" || len(m.Resources) != 1 || m.Resources[0].ID != "arn:aws:scheduler:eu-central-1:111122223333:schedule-group/nightly" {
		t.Errorf("got %+v, %v", m, err)
	}
}

// TestOwnTransformer reads a transformer that a match brings itself.
func TestOwnTransformer(t *testing.T) {
	text := strings.Replace(thing, `"touches"`, `"transformer": {"InputPathsMap": {`+manyPaths(100)+`}, "InputTemplate": "{\"a\":<p1>}"}, "touches"`, 1)
	set, err := rule.Load(fstest.MapFS{"thing.json": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	got := set.Rules()[0].Transformers
	if len(got) != 1 || got[0].Name != "" || len(got[0].InputPathsMap) != 100 || got[0].InputPathsMap["p99"] != "$.p" || got[0].InputTemplate != `{"a":<p1>}` {
		t.Errorf("got %+v", got)
	}
}

// TestBorrowedType names a resource by a native id that another file describes.
func TestBorrowedType(t *testing.T) {
	finder := `{"id": "finder", "title": "Finds boxes", "service": "aws.finder",
		"resources": {"AWS::Thing::Box": {"from": "thing"}},
		"matches": [{"pattern": {"source": ["aws.finder"], "detail-type": ["Found"]}, "touches": [{"path": "id"}]}]}`
	for _, files := range []fstest.MapFS{
		{"finder.json": {Data: []byte(finder)}, "thing.json": {Data: []byte(thing)}},
		{"finder.json": {Data: []byte(strings.Replace(finder, `"from": "thing"`, `"from": "zthing"`, 1))}, "zthing.json": {Data: []byte(strings.Replace(thing, `"id": "thing"`, `"id": "zthing"`, 1))}},
	} {
		set, err := rule.Load(files)
		if err != nil {
			t.Fatal(err)
		}
		m, err := set.Match(everqual.ChangeEvent{Envelope: []byte(`{"source":"aws.finder","detail-type":"Found","account":"111122223333","region":"eu-central-1","detail":{"id":"box-7"}}`)})
		if err != nil || m.Rule != "finder" || len(m.Resources) != 1 || m.Resources[0].ID != "arn:aws:thing:eu-central-1:111122223333:box/box-7" {
			t.Errorf("got %+v, %v", m, err)
		}
	}
}
