package transform_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/everqual/everqual/rule/transform"
)

// TestCases runs templates that AWS's user guide describes, each on event.json
// where it has no event of its own.
func TestCases(t *testing.T) {
	event, err := os.ReadFile("testdata/event.json")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, ran := bufio.NewScanner(f), 0
	for ; lines.Scan(); ran++ {
		var c struct {
			ID, Template, Output string
			Paths                map[string]string
			Event                json.RawMessage
			Error, Strict        bool
			Variables            map[string]string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		var text string
		switch {
		case c.Event == nil:
			c.Event = event
		case json.Unmarshal(c.Event, &text) == nil:
			c.Event = []byte(text)
		}
		v := transform.Variables{RuleARN: c.Variables["rule-arn"], RuleName: c.Variables["rule-name"], Strict: c.Strict}
		v.IngestionTime, _ = time.Parse(time.RFC3339, c.Variables["ingestion-time"]) // zero where the case has none
		got, err := fill(c.Paths, c.Template, c.Event, v)
		if (err != nil) != c.Error || string(got) != c.Output {
			t.Errorf("%s: %s: got %s, %v; wanted %s", c.ID, c.Template, got, err, c.Output)
		}
	}
	if lines.Err() != nil || ran < 80 {
		t.Errorf("ran %d cases: %v", ran, lines.Err())
	}
}

func fill(paths map[string]string, template string, event []byte, v transform.Variables) ([]byte, error) {
	tr, err := transform.Parse(paths, template)
	if err != nil {
		return nil, err
	}
	return tr.Apply(event, v)
}
