package report

import (
	"cmp"
	"maps"
	"slices"

	"github.com/everqual/everqual"
)

// trace leads from each requirement and control to its test cases and their
// outcomes (EU GMP Annex 11 §4.4). Test cases without a result appear too, so
// that an unverified requirement shows as one with no outcome.
func trace(specs []everqual.Specification, results []Result) []TraceRow {
	t := tracer{}
	for _, s := range specs {
		for _, c := range s.TestCases {
			t.add(s.ID+"/"+c.ID, c.Requirements, c.Controls, "")
		}
	}
	for _, r := range results {
		t.add(r.Specification.ID+"/"+r.TestCase, r.Requirements, r.Controls, r.Outcome)
	}
	rows := []TraceRow{}
	for key, cell := range t {
		rows = append(rows, TraceRow{
			ID: key.id, Kind: key.kind, Counts: cell.counts,
			TestCases: slices.Sorted(maps.Keys(cell.cases)),
		})
	}
	slices.SortFunc(rows, func(x, y TraceRow) int {
		return cmp.Or(-cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.ID, y.ID))
	})
	return rows
}

type tracer map[traceKey]*traceCell

type traceKey struct{ kind, id string }

type traceCell struct {
	cases  map[string]bool
	counts everqual.Counts
}

// add notes the test case under each of its references, and counts the outcome
// if there is one.
func (t tracer) add(test string, requirements, controls []string, o everqual.Outcome) {
	for _, id := range requirements {
		t.note(traceKey{"requirement", id}, test, o)
	}
	for _, id := range controls {
		t.note(traceKey{"control", id}, test, o)
	}
	if len(requirements)+len(controls) == 0 {
		t.note(traceKey{}, test, o)
	}
}

func (t tracer) note(key traceKey, test string, o everqual.Outcome) {
	cell := t[key]
	if cell == nil {
		cell = &traceCell{cases: map[string]bool{}}
		t[key] = cell
	}
	cell.cases[test] = true
	if o != "" {
		cell.counts.Add(o)
	}
}
