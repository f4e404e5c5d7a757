package specification_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/specification"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every file in testdata/problems has its problems beside it.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/problems/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no test files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parse := func() []specification.Problem { _, p := specification.Parse(filepath.Base(file), b); return p }
			if strings.HasPrefix(filepath.Base(file), "system") {
				parse = func() []specification.Problem {
					_, p := specification.ParseSystem(filepath.Base(file), b)
					return p
				}
			}
			var got strings.Builder
			for _, p := range parse() {
				got.WriteString(p.Error() + "\n")
			}
			golden := strings.TrimSuffix(file, ".json") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const small = `{
  "$schema": "specification.schema.json",
  "id": "LIMS-DB", "version": "1.2", "title": "LIMS database", "system": "LIMS",
  "effective": {"from": "2026-01-31", "until": "2027-01-31T12:00:00+02:00"},
  "approval": {"by": "Anna Berger", "role": "QA", "at": "2026-01-15"},
  "applies": {"type": "AWS::RDS::DBInstance", "tags": {"System": "LIMS", "Role": ["db", "replica"]}},
  "test_cases": [
    {"id": "DB-1", "title": "encrypted", "attribute": "StorageEncrypted", "expect": true, "risk": "high",
     "requirements": ["URS-1"], "controls": ["21 CFR 11.10(d)"]},
    {"id": "DB-2", "title": "backups", "attribute": "BackupRetentionPeriod", "expect": {"at_least": 7}, "quantifier": {"at_least": 2}, "empty": "FAIL"}
  ]
}`

func TestParse(t *testing.T) {
	got, problems := specification.Parse("lims-db.json", []byte(small))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := everqual.Specification{
		ID: "LIMS-DB", Version: "1.2", Title: "LIMS database", System: "LIMS",
		Effective: everqual.Period{From: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), Until: time.Date(2027, 1, 31, 10, 0, 0, 0, time.UTC)},
		Approval:  everqual.Approval{By: "Anna Berger", Role: "QA", At: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)},
		Applies: everqual.Selector{
			Types: everqual.Values{"AWS::RDS::DBInstance"},
			Tags:  map[string]everqual.Values{"System": {"LIMS"}, "Role": {"db", "replica"}},
		},
		TestCases: []everqual.TestCase{
			{
				ID: "DB-1", Title: "encrypted", Attribute: "StorageEncrypted", Risk: "high",
				Expect:       everqual.Expectation{Operator: "equals", Operand: true},
				Requirements: []string{"URS-1"}, Controls: []string{"21 CFR 11.10(d)"},
			},
			{
				ID: "DB-2", Title: "backups", Attribute: "BackupRetentionPeriod",
				Expect:     everqual.Expectation{Operator: "at_least", Operand: 7.0},
				Quantifier: everqual.Quantifier{Kind: "at_least", N: 2}, Empty: everqual.Fail,
			},
		},
		Digest: everqual.DigestOf([]byte(small)), Source: []byte(small), Path: "lims-db.json",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseTakesAByteOrderMark(t *testing.T) {
	b := []byte("\xef\xbb\xbf" + small)
	s, problems := specification.Parse("x.json", b)
	if len(problems) > 0 || s.Digest != everqual.DigestOf(b) {
		t.Error(s.Digest, problems)
	}
}

func TestBounds(t *testing.T) {
	tests := []struct {
		name, text, want string
	}{
		{"too large", strings.Repeat(" ", specification.MaxSize+1), "x.json: the file has 4194305 bytes, more than the 4194304 allowed; split it into several specifications"},
		{"too deep", `{"description":` + strings.Repeat("[", 5000), "x.json:1:79: nested deeper than 64 levels"},
		{"empty", " \n ", "x.json:2:2: the file is empty"},
		{"invalid UTF-8", "{\n  \"title\": \"K\xfchl\"}", `x.json:2:14: invalid UTF-8: byte 0xfc; save the file as UTF-8`},
		{"columns are characters", `{"ä": "ö", "ä": 1}`, `x.json:1:12: the key "ä" is there twice`},
		{"large number", `{"id": 1e999}`, "x.json:1:8: the number 1e999 is too large"},
		{"not closed", `{"id": "x`, "x.json:1:8: a text that is not closed"},
		{"trailing text", `{} {}`, "x.json:1:4: more text after the end of the JSON value"},
		{"comment", "{\n// why\n}", "x.json:2:1: '/' instead of a key in double quotes; JSON has no comments"},
		{"comma", "{\"id\": \"x\",\n}", "x.json:1:11: a comma before '}'; remove it"},
		{"bad escape", `{"id": "\d"}`, `x.json:1:8: a text with an escape that JSON does not know; a backslash is written \\`},
		{"line break", "{\"id\": \"a\nb\"}", `x.json:1:10: a text that is not closed on its line, or with a raw control character; a line break is written \n`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, problems := specification.Parse("x.json", []byte(test.text))
			if !slices.ContainsFunc(problems, func(p specification.Problem) bool { return p.Error() == test.want }) {
				t.Errorf("got %v\nwant %s", problems, test.want)
			}
		})
	}
}

func TestManyProblemsAreBounded(t *testing.T) {
	_, problems := specification.Parse("x.json", []byte(`{"id": [`+strings.Repeat(`{"a":1,"a":1},`, 50000)+`0]}`))
	if len(problems) != 1001 {
		t.Errorf("%d problems", len(problems))
	}
}

// The schemas share one selector, and are what Parse validates against.
func TestSchemas(t *testing.T) {
	var a, b struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(specification.Schema(), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(specification.SystemSchema(), &b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a.Defs["selector"], b.Defs["selector"]); diff != "" {
		t.Error(diff)
	}
	described(t, "", a.Defs)
}

// described wants a description or a reference for every property.
func described(t *testing.T, path string, v any) {
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	if properties, ok := m["properties"].(map[string]any); ok {
		for k, p := range properties {
			p := p.(map[string]any)
			if p["description"] == nil && p["$ref"] == nil {
				t.Errorf("%s/%s has no description", path, k)
			}
		}
	}
	for k, inner := range m {
		described(t, path+"/"+k, inner)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	files, _ := filepath.Glob("testdata/problems/*.json")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, problems := specification.Parse("x.json", b)
		lines := strings.Count(string(b), "\n") + 1
		for _, p := range problems {
			if p.Line > lines || p.Message == "" || p.Line > 0 && p.Column < 1 {
				t.Fatalf("%+v in %d lines", p, lines)
			}
		}
		if len(problems) == 0 && (s.ID == "" || len(s.TestCases) == 0 || !json.Valid(s.Source[max(0, strings.IndexByte(string(s.Source), '{')):])) {
			t.Fatalf("accepted %q as %+v", b, s)
		}
		specification.ParseSystem("system.json", b)
	})
}
