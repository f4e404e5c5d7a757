package assess_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/everqual/everqual"
)

// The tables of the page about specifications are true: every value that they
// name gives the outcome of its column.
func TestTablesOfThePage(t *testing.T) {
	page, err := os.ReadFile("../docs/specification.md")
	if err != nil {
		t.Fatal(err)
	}
	outcomes := []everqual.Outcome{everqual.Pass, everqual.Fail, everqual.NotEvaluated}
	values, seen := 0, map[string]bool{}
	for line := range strings.Lines(string(page)) {
		cells := cellsOf(line)
		if len(cells) != 4 || len(cells[0]) != 1 || !json.Valid([]byte(cells[0][0])) {
			continue
		}
		tc := testCase(t, `{"attribute":"Value","expect":`+cells[0][0]+`}`)
		seen[tc.Expect.Operator] = true
		for i, outcome := range outcomes {
			for _, value := range cells[i+1] {
				attributes := `{"Value":` + value + `}`
				if value == "absent" {
					attributes = `{"Other":1}`
				}
				values++
				if v := judge(observe(t, attributes), tc); v.Outcome != outcome {
					t.Errorf("%s of %s: got %s %s, the page says %s", cells[0][0], value, v.Outcome, v.Detail, outcome)
				}
			}
		}
	}
	if values < 120 {
		t.Errorf("only %d values found in the tables", values)
	}
	for _, name := range operatorNames {
		if !seen[name] && name != "no_such_operator" {
			t.Errorf("the page has no table row for %s", name)
		}
	}
}

var code = regexp.MustCompile("`([^`]+)`")

// cellsOf returns the code in each cell of a table row. A bar inside code is
// no border.
func cellsOf(line string) [][]string {
	if !strings.HasPrefix(line, "| `") {
		return nil
	}
	inner := strings.Trim(strings.TrimSpace(line), "|")
	masked := code.ReplaceAllStringFunc(inner, func(s string) string { return strings.ReplaceAll(s, "|", "\x00") })
	var cells [][]string
	for cell := range strings.SplitSeq(masked, "|") {
		var found []string
		for _, m := range code.FindAllStringSubmatch(cell, -1) {
			found = append(found, strings.ReplaceAll(m[1], "\x00", "|"))
		}
		cells = append(cells, found)
	}
	return cells
}

// Every operator of the published schema is known here, and no other is in the
// list that the properties are tried with.
func TestOperatorsOfTheSchema(t *testing.T) {
	b, err := os.ReadFile("../specification/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs struct {
			Expectation struct {
				Then struct{ Properties map[string]any }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(b, &schema); err != nil {
		t.Fatal(err)
	}
	properties := schema.Defs.Expectation.Then.Properties
	if len(properties) != len(operatorNames)-1 {
		t.Errorf("the schema has %d operators, the tests know %d", len(properties), len(operatorNames)-1)
	}
	for name := range properties {
		v := judge(observe(t, server), everqual.TestCase{Attribute: "Seven", Expect: everqual.Expectation{Operator: name}})
		if strings.Contains(v.Detail, "unknown operator") {
			t.Errorf("%s: %s", name, v.Detail)
		}
	}
}
