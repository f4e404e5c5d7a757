package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/assess"
	"github.com/everqual/everqual/specification"
)

// Each resource type has an example specification, and the recorded resource of
// the type passes every test case of it.
func TestExampleOfEveryType(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{"types", "lims"} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join("..", "..", "specs", folder))); err != nil {
			t.Fatal(err)
		}
	}
	library, problems := specification.Load(os.DirFS(dir), "specs")
	for _, p := range problems {
		t.Error(p.Error())
	}
	files, err := filepath.Glob("../../collect/awsresource/testdata/*/present.observation.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded observations: %v", err)
	}
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var o everqual.Observation
		if err := json.Unmarshal(b, &o); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		examples := 0
		for _, s := range library.Specifications() {
			if !slices.Contains(s.Applies.Types, o.Resource.Type) {
				continue
			}
			examples++
			for _, v := range assess.Assess(o, s, at).Verdicts {
				if v.Outcome != everqual.Pass && filepath.Base(filepath.Dir(s.Path)) == "types" {
					t.Errorf("%s of %s: %s, expected %v, actual %v: %s", v.TestCase, o.Resource.Type, v.Outcome, v.Expected, v.Actual, v.Reason)
				}
			}
		}
		if examples == 0 {
			t.Errorf("%s has no example", o.Resource.Type)
		}
	}
}
