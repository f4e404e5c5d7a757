package pattern_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// root returns the folder that holds go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// shared returns the path of reference data that is kept outside the
// repository, and skips the test where it is absent.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	dir := os.Getenv("EVERQUAL_SHARED")
	if dir == "" {
		dir = filepath.Join(root(t), "..", "shared")
	}
	path := filepath.Join(append([]string{dir}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no reference data at %s; set EVERQUAL_SHARED to the folder that holds it", path)
	}
	return path
}

type patternCase struct {
	ID       string
	Pattern  string
	Event    string
	Match    bool
	Sensible *bool `json:"sensible_match"`
	Why      string
}

func patternCases(t testing.TB, file string) []patternCase {
	t.Helper()
	f, err := os.Open(shared(t, "data", "patterns", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []patternCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c patternCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("read %s: %v", file, err)
		}
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		t.Fatalf("%s holds no cases", file)
	}
	return cases
}
