package specification_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/specification"
	"github.com/google/go-cmp/cmp"
)

func text(id, version, rest string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(`{"id":"` + id + `","version":"` + version + `","title":"t","system":"LIMS",` + rest +
		`"applies":{"type":"AWS::EC2::Instance","tags":{"Role":"app"}},"test_cases":[{"id":"T-1","title":"t","attribute":"A","expect":true}]}`)}
}

var system = &fstest.MapFile{Data: []byte(`{"id":"LIMS","title":"LIMS","scope":{"tags":{"System":"LIMS"}}}`)}

func TestLoad(t *testing.T) {
	library, problems := specification.Load(fstest.MapFS{
		"lims/system.json":       system,
		"lims/app/app-1.9.json":  text("APP", "1.9", ""),
		"lims/app/app-1.10.json": text("APP", "1.10", ""),
		"lims/copy.json":         text("APP", "1.10", ""), // the same bytes
		"lims/.git/x":            {Data: []byte("?")},
		"lims/.hidden.json":      {Data: []byte("?")},
	}, "specs")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if s := library.Systems(); len(s) != 1 || s[0].ID != "LIMS" {
		t.Error(s)
	}
	if diff := cmp.Diff([]string{"APP 1.9", "APP 1.10"}, called(library.Specifications())); diff != "" {
		t.Error(diff)
	}
}

// The account itself has no service in its type.
func TestTheAccountIsAType(t *testing.T) {
	account := text("ACC", "1", "")
	account.Data = []byte(strings.Replace(string(account.Data), "AWS::EC2::Instance", "AWS::::Account", 1))
	if _, problems := specification.Load(fstest.MapFS{"system.json": system, "a.json": account}, ""); len(problems) > 0 {
		t.Error(problems)
	}
}

func called(list []everqual.Specification) (names []string) {
	for _, s := range list {
		names = append(names, s.ID+" "+s.Version)
	}
	return names
}

func TestSelectTakesTheHighestVersionInForce(t *testing.T) {
	library, problems := specification.Load(fstest.MapFS{
		"system.json": system,
		"a.json":      text("APP", "1.9", ""),
		"b.json":      text("APP", "1.10", `"effective":{"from":"2026-02-01","until":"2026-03-01"},`),
		"c.json":      text("APP", "2.0", `"effective":{"from":"2026-06-01T10:00:00Z"},`),
		"d.json":      text("BASE", "1", `"effective":{"until":"2026-02-01"},`),
	}, "")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	app := everqual.Observation{Resource: everqual.Resource{Type: "AWS::EC2::Instance"}, Tags: map[string]string{"Role": "app", "System": "LIMS"}}
	tests := []struct {
		at   string
		want []string
	}{
		{"2026-01-15T00:00:00Z", []string{"APP 1.9", "BASE 1"}},
		{"2026-02-01T00:00:00Z", []string{"APP 1.10"}},
		{"2026-02-28T23:59:59Z", []string{"APP 1.10"}},
		{"2026-03-01T00:00:00Z", []string{"APP 1.9"}},
		{"2026-06-01T09:59:59Z", []string{"APP 1.9"}},
		{"2026-06-01T10:00:00Z", []string{"APP 2.0"}},
	}
	for _, test := range tests {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, called(library.Select(app, at))); diff != "" {
			t.Errorf("%s: %s", test.at, diff)
		}
	}
	db := app
	db.Tags = map[string]string{"Role": "db"}
	if got := library.Select(db, time.Now()); len(got) > 0 {
		t.Error("selected by another role:", called(got))
	}
	if scope := library.Systems()[0].Scope; len(library.Systems()) != 1 || !scope.Selects(app) || scope.Selects(db) {
		t.Error("wrong scope")
	}
}

func TestLoadProblems(t *testing.T) {
	_, problems := specification.Load(fstest.MapFS{
		"system.json":    system,
		"b/system.json":  system,
		"c/system.json":  {Data: []byte(`{"id":"LIMS2"}`)},
		"app-1.json":     text("APP", "1.0", ""),
		"app-2.json":     text("APP", "1", `"description":"changed",`),
		"bad.json":       {Data: []byte(`{`)},
		"unknown.json":   {Data: []byte(strings.Replace(string(text("X", "1", "").Data), `"LIMS"`, `"LISM"`, 1))},
		"notes.jsn":      {Data: []byte("notes")},
		"big/large.json": {Data: make([]byte, specification.MaxSize+9)},
	}, "specs")
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	want := []string{
		"specs/app-2.json: version 1 of APP differs from the one in specs/app-1.json; give a changed specification a new version",
		"specs/bad.json:1:2: the file ends where a key in double quotes should be",
		"specs/big/large.json: the file has 4194305 bytes, more than the 4194304 allowed; split it into several specifications",
		`specs/c/system.json:1:1: the file lacks the key "scope"`,
		`specs/c/system.json:1:1: the file lacks the key "title"`,
		"specs/notes.jsn: is neither system.json nor a specification (.json); move it away, or let its name begin with a dot",
		`specs/system.json: the system "LIMS" is already defined in specs/b/system.json`,
		`specs/unknown.json:1:46: the system "LISM" is not defined by any system.json; did you mean "LIMS"?`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadPaths(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, f *fstest.MapFile) string {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		return full
	}
	app := write("lims/app.json", text("APP", "1", ""))
	if _, problems := specification.LoadPaths(app); len(problems) > 0 {
		t.Error("a single file needs no system:", problems)
	}
	if _, problems := specification.LoadPaths(dir); len(problems) != 1 || problems[0].Path != filepath.ToSlash(app) {
		t.Error("a folder needs its systems:", problems)
	}
	write("lims/system.json", system)
	library, problems := specification.LoadPaths(dir)
	if len(problems) > 0 || len(library.Specifications()) != 1 || library.Specifications()[0].Path != filepath.ToSlash(app) {
		t.Error(library, problems)
	}
	_, problems = specification.LoadPaths(filepath.Join(dir, "nowhere"))
	if len(problems) != 1 || !strings.HasSuffix(problems[0].Error(), "nowhere: cannot be read: no such file or directory") {
		t.Error(problems)
	}
}

// denied is a folder tree of which one folder may not be read.
type denied struct{ fstest.MapFS }

func (d denied) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "secret" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.MapFS.ReadDir(name)
}

func TestLoadGoesOnAfterAFolderThatIsClosed(t *testing.T) {
	library, problems := specification.Load(denied{fstest.MapFS{
		"system.json": system, "secret/a.json": text("A", "1", ""), "z.json": text("Z", "1", ""),
	}}, "specs")
	if len(problems) != 1 || problems[0].Error() != "specs/secret: cannot be read: permission denied" {
		t.Error(problems)
	}
	if len(library.Specifications()) != 1 {
		t.Error("the rest was not read")
	}
}

func TestNilLibraryIsEmpty(t *testing.T) {
	var library *specification.Library
	if len(library.Select(everqual.Observation{}, time.Now()))+len(library.Systems())+len(library.Specifications()) != 0 {
		t.Error("not empty")
	}
}
