package transform_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/everqual/everqual/rule/transform"
)

// TestSharedCases runs what was recorded from AWS.
func TestSharedCases(t *testing.T) {
	dir := os.Getenv("EVERQUAL_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	f, err := os.Open(filepath.Join(dir, "data", "patterns", "transformer_cases.jsonl"))
	if err != nil {
		t.Skipf("no reference data: %v; set EVERQUAL_SHARED to the folder that holds it", err)
	}
	defer f.Close()
	lines, ran := bufio.NewScanner(f), 0
	lines.Buffer(nil, 1<<20)
	for ; lines.Scan(); ran++ {
		var c struct {
			ID, Template, Output string
			Paths                map[string]string
			Event                json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		for _, strict := range []bool{false, true} {
			tr, err := transform.Parse(c.Paths, c.Template)
			if err != nil {
				t.Errorf("%s: %v", c.ID, err)
				continue
			}
			got, err := tr.Apply(c.Event, transform.Variables{Strict: strict})
			if err != nil || string(got) != c.Output {
				t.Errorf("%s, strict %v: got %s, %v; wanted %s", c.ID, strict, got, err, c.Output)
			}
		}
	}
	if lines.Err() != nil || ran == 0 {
		t.Errorf("ran %d cases: %v", ran, lines.Err())
	}
}
