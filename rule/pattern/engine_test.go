package pattern_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/everqual/everqual/rule/pattern"
)

// TestPatternEngine runs cases whose answers AWS's open engine (event-ruler
// 2.0.1) gives too, but for four of its errors that docs/rules.md lists: text
// after the end, "$or" with an object, and an IPv4 address in "::/0".
func TestPatternEngine(t *testing.T) {
	f, err := os.Open("testdata/engine.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, ran := bufio.NewScanner(f), 0
	for ; lines.Scan(); ran++ {
		var c struct {
			ID, Pattern, Event string
			Match              bool
			Valid              *bool
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		p, err := pattern.Parse([]byte(c.Pattern))
		if refused := c.Valid != nil; refused || err != nil {
			if refused != (err != nil) {
				t.Errorf("%s: %s: got error %v", c.ID, c.Pattern, err)
			}
			continue
		}
		if got, err := p.Match([]byte(c.Event)); got != c.Match || err != nil {
			t.Errorf("%s: %s on %s: got %v, %v", c.ID, c.Pattern, c.Event, got, err)
		}
	}
	if lines.Err() != nil || ran < 400 {
		t.Errorf("ran %d cases: %v", ran, lines.Err())
	}
}
