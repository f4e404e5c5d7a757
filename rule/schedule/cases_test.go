package schedule_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/everqual/everqual/rule/schedule"
)

// TestCases runs expressions that the user guides allow or exclude, and times
// that were counted day by day with another library's zones.
func TestCases(t *testing.T) {
	f, err := os.Open("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dialects := map[string]schedule.Dialect{"rules": rules, "scheduler": scheduler}
	lines, ran := bufio.NewScanner(f), 0
	for ; lines.Scan(); ran++ {
		var c struct {
			API, Expr, Zone string
			Valid           bool
			From            time.Time
			Next            []time.Time
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		s, err := schedule.Parse(dialects[c.API], c.Expr)
		if (err == nil) != c.Valid {
			t.Errorf("%s %q: %v, want valid %v", c.API, c.Expr, err, c.Valid)
		}
		if err != nil || c.Next == nil {
			continue
		}
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Upcoming(c.From, zone, len(c.Next)); !slices.EqualFunc(got, c.Next, time.Time.Equal) {
			t.Errorf("%s in %s after %s: got %s, want %s", c.Expr, c.Zone, c.From, got, c.Next)
		}
	}
	if lines.Err() != nil || ran < 140 {
		t.Errorf("ran %d cases: %v", ran, lines.Err())
	}
}
