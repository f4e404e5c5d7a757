package schedule_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/everqual/everqual/rule/schedule"
)

// shared returns the path of reference data that is kept outside the
// repository, and skips the test where it is absent.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	dir := os.Getenv("EVERQUAL_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(append([]string{dir}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no reference data at %s; set EVERQUAL_SHARED to the folder that holds it", path)
	}
	return path
}

// TestRecordedCases: what AWS accepted and refused.
func TestRecordedCases(t *testing.T) {
	f, err := os.Open(shared(t, "data", "patterns", "schedule_cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dialects := map[string]schedule.Dialect{"events.PutRule": rules, "scheduler.CreateSchedule": scheduler}
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); n++ {
		var c struct {
			ID, API, Expr string
			Valid         bool
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		d, known := dialects[c.API]
		if !known {
			t.Fatalf("%s: no dialect for %q", c.ID, c.API)
		}
		if _, err := schedule.Parse(d, c.Expr); (err == nil) != c.Valid {
			t.Errorf("%s: %s %q: %v, want valid %v", c.ID, c.API, c.Expr, err, c.Valid)
		}
	}
	if n == 0 {
		t.Fatal("no cases")
	}
}
