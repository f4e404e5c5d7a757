package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/everqual/everqual"
)

// The landscape sections: the wide tables.

func (d *document) inventory() {
	d.section(true, "6", "Inventory of deployed resources")
	if len(d.r.Inventory) == 0 {
		d.none("No resource of this system is on record.")
		return
	}
	t := d.table(column{title: "Resource", width: 99}, column{title: "Account and region", width: 30}, column{title: "Tags", width: 57},
		column{title: "State and status", width: 27}, column{title: "Collected at", width: 30}, column{title: "Record", width: 24})
	for _, item := range d.r.Inventory {
		t.row(resourceCell(item.Resource, item.Name), cell{{item.Resource.Account, tableText}, {item.Resource.Region, tableText}},
			tagCell(item.Tags), stateCell(item), timeCell(item.CollectedAt),
			cell{{"version " + strconv.Itoa(item.Version), tableText}, {"no. " + strconv.FormatUint(item.Sequence, 10), tableNote},
				{item.Digest.Short(), noteMono}})
	}
	t.end()
}

func resourceCell(r everqual.Resource, name string) cell {
	return cell{{name, tableBold}, {r.Type, tableNote}, {string(r.ID), noteMono}}
}

func timeCell(t time.Time) cell {
	if t.IsZero() {
		return cell{{"not recorded", tableNote}}
	}
	return cell{{t.UTC().Format("2006-01-02"), tableText}, {t.UTC().Format("15:04:05") + " UTC", tableText}}
}

func tagCell(tags map[string]string) cell {
	if len(tags) == 0 {
		return cell{{"none", tableNote}}
	}
	var out cell
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, part{visible(k) + " = " + visible(tags[k]), style{regular, 7.5, ink, tableText.lead}})
	}
	return out
}

// visible puts quotes around what would otherwise print as nothing, or could
// be taken for something shorter.
func visible(s string) string {
	if s == "" || strings.TrimSpace(s) != s || strings.Contains(s, "  ") {
		return `"` + s + `"`
	}
	return s
}

func stateCell(item Item) cell {
	color := ink
	if item.Status != Assessed {
		color = amber
	}
	out := cell{{string(item.State), tableText}, {string(item.Status), style{bold, 7.2, color, tableText.lead}}}
	if n := len(item.Unread); n > 0 && item.Status != Unread {
		out = append(out, part{plural(n, "part") + " unread", tableNote.in(amber)})
	}
	return out
}

func (d *document) results() {
	d.sectionWith(true, 100, "7", "Test results")
	if len(d.r.Specs) == 0 && len(d.r.Results) == 0 {
		d.none("No test case was executed.")
		return
	}
	d.paragraph(bodyText, "Grouped by specification, then by resource. Each row stands for itself: the verdict of one test case on one record, with "+
		"the first digits of the digest of its evidence and the time of collection. Digests in full are in appendix A.")
	rest := d.r.Results
	for i, s := range d.r.Specs {
		d.need(55)
		number := fmt.Sprintf("7.%d", i+1)
		d.note(heading{number: number, title: s.ID + ", version " + s.Version + ": " + s.Title, level: 1})
		d.y -= 1.5
		d.subsection(number + "  " + s.ID + ", version " + s.Version + ": " + s.Title)
		var mine []Result
		mine, rest = split(rest, s)
		d.resultTable(mine)
	}
	if len(rest) > 0 {
		d.subsection("Results by specifications that this report does not execute")
		d.resultTable(rest)
	}
}

// split takes the results of one specification out of the list.
func split(list []Result, s Specification) (mine, rest []Result) {
	for _, t := range list {
		if t.Specification == s.ref() {
			mine = append(mine, t)
		} else {
			rest = append(rest, t)
		}
	}
	return mine, rest
}

func (d *document) resultTable(list []Result) {
	if len(list) == 0 {
		d.none("No resource was found that this specification selects.")
		return
	}
	t := d.table(column{title: "Test", width: 21}, column{title: "Title and references", width: 51}, column{title: "Risk", width: 14},
		column{title: "Attribute", width: 42}, column{title: "Expected", width: 40}, column{title: "Actual", width: 43},
		column{title: "Verdict", width: 24}, column{title: "Evidence and time", width: 32})
	for i, r := range list {
		if i == 0 || r.Resource.ID != list[i-1].Resource.ID || r.Specification != list[i-1].Specification {
			t.band(resultBand(r))
		}
		t.row(cell{{r.TestCase, tableBold}}, titleCell(r), cell{{r.Risk, tableText}}, cell{{r.Attribute, tableMono}},
			cell{{r.Expected, tableText}}, actualCell(r), verdictCell(r), evidenceCell(r.Evidence, r.CollectedAt))
	}
	t.end()
}

func resultBand(r Result) cell {
	return cell{
		{r.Name + "   ·   " + r.Resource.Type + "   ·   record version " + strconv.Itoa(r.Version) + "   ·   state " + orElse(r.Observation.Short(), "none"),
			style{bold, 8, navy, tableText.lead}},
		{string(r.Resource.ID), noteMono},
	}
}

func titleCell(r Result) cell {
	out := cell{{r.Title, tableText}}
	if refs := slices.Concat(r.Requirements, r.Controls); len(refs) > 0 {
		out = append(out, part{strings.Join(refs, "; "), tableNote})
	}
	return out
}

func actualCell(r Result) cell {
	if r.Actual == "" {
		return cell{{"no value read", tableNote}}
	}
	return cell{{r.Actual, tableMono}}
}

func verdictCell(r Result) cell {
	out := outcomeCell(r.Outcome)
	if r.Reason != "" {
		out = append(out, part{string(r.Reason), tableNote})
	}
	if r.Deviation != "" {
		out = append(out, part{r.Deviation, tableNote.in(red)})
	}
	return out
}

func evidenceCell(digest everqual.Digest, at time.Time) cell {
	out := cell{{orElse(digest.Short(), "none"), tableMono}}
	if !at.IsZero() {
		out = append(out, part{stamp(at), tableNote})
	}
	return out
}

func (d *document) trace() {
	d.section(true, "8", "Requirement trace")
	if len(d.r.Trace) == 0 {
		d.none("There is no test case to trace.")
		return
	}
	columns := append([]column{{title: "Requirement or control", width: 62}, {title: "Kind", width: 26}},
		countColumns(column{title: "Test cases", width: 84}, 19)...)
	t := d.table(columns...)
	for _, row := range d.r.Trace {
		name := cell{{row.ID, tableBold}}
		if row.Kind == "" {
			name = cell{{"no reference given", tableText.in(amber)}}
		}
		cells := append([]cell{name, {{row.Kind, tableText}}}, countCells(cell{{strings.Join(row.TestCases, ", "), tableText}}, row.Counts, tableText)...)
		t.row(cells...)
	}
	t.end()
}

func (d *document) drift() {
	d.section(true, "9", "Drift since the baseline")
	b := d.r.Baseline
	if b == nil {
		d.paragraph(bodyText, "No baseline is set: drift can not be measured.")
	} else {
		d.paragraph(bodyText, fmt.Sprintf("Baseline of %s, set %s by %s: %s.", plural(b.Resources, "resource"), stamp(b.At),
			orElse(b.By, "an unnamed person"), orElse(b.Reason, "no reason given")))
	}
	if len(d.r.Drift) == 0 {
		d.none("No attribute is listed as different from a baseline.")
		return
	}
	t := d.table(column{title: "Resource", width: 60}, column{title: "Attribute", width: 38}, column{title: "Before", width: 44},
		column{title: "After", width: 44}, column{title: "Changed by", width: 39}, column{title: "Event", width: 42})
	for _, x := range d.r.Drift {
		t.row(resourceCell(x.Resource, x.Name), cell{{x.Path, tableMono}}, cell{{orElse(x.Before, "absent"), tableMono}},
			cell{{orElse(x.After, "absent"), tableMono}}, cell{{orElse(x.By, "not known"), tableText}},
			cell{{orElse(x.EventName, "no event known"), tableText}, {stamp(x.At), tableNote}, {x.EventID, noteMono}})
	}
	t.end()
}

func (d *document) deviations() {
	d.section(true, "10", "Deviations")
	if len(d.r.Deviations) == 0 {
		d.none("No deviation was found.")
		return
	}
	d.paragraph(bodyText, "Every deviation below is open. Its impact, cause, action, re-test and closure are decided and recorded by persons, under its number.")
	t := d.table(column{title: "No.", width: 18}, column{title: "Finding", width: 57}, column{title: "Resource", width: 58},
		column{title: "Expected", width: 43}, column{title: "Actual", width: 45}, column{title: "Risk", width: 14}, column{title: "Evidence and time", width: 32})
	for _, x := range d.r.Deviations {
		t.row(cell{{x.Number, tableBold.in(red)}}, findingCell(x), deviatingCell(x), cell{{x.Expected, tableText}},
			cell{{orElse(x.Actual, "no value read"), tableMono}}, cell{{x.Risk, tableText}}, evidenceCell(x.Evidence, x.CollectedAt))
	}
	t.end()
}

func findingCell(x Deviation) cell {
	out := cell{{x.Title, tableText}, {string(x.Kind), style{bold, 7, grey, tableText.lead}}}
	if x.Specification.ID != "" {
		out = append(out, part{strings.TrimSuffix(x.Specification.ID+" "+x.Specification.Version+", "+x.TestCase, ", "), tableNote})
	}
	if x.Detail != "" {
		out = append(out, part{x.Detail, tableNote})
	}
	return out
}

func deviatingCell(x Deviation) cell {
	if x.Resource.ID == "" {
		return cell{{"none", tableNote}}
	}
	return resourceCell(x.Resource, x.Name)
}

func (d *document) notEvaluated() {
	d.section(true, "11", "Not evaluated")
	if len(d.r.NotEvaluated) == 0 {
		d.none("Every test case was evaluated.")
	} else {
		t := d.table(column{title: "Test", width: 62}, column{title: "Resource", width: 70}, column{title: "Attribute", width: 42},
			column{title: "Reason", width: 28}, column{title: "Detail", width: 65})
		for _, x := range d.r.NotEvaluated {
			t.row(cell{{x.TestCase, tableBold}, {x.Title, tableText}, {x.Specification.ID + " " + x.Specification.Version, tableNote}},
				resourceCell(x.Resource, x.Name), cell{{x.Attribute, tableMono}}, reasonCell(x.Reason), cell{{x.Detail, tableText}})
		}
		t.end()
	}
	d.unread()
}

func reasonCell(r everqual.Reason) cell {
	return cell{{orElse(string(r), "not stated"), style{bold, 7.5, amber, tableText.lead}}}
}

// unread lists the parts of resources that could not be read.
func (d *document) unread() {
	d.subsection("Parts of resources that could not be read")
	if !slices.ContainsFunc(d.r.Inventory, func(i Item) bool { return len(i.Unread) > 0 }) {
		d.none("Every part of every resource was read.")
		return
	}
	t := d.table(column{title: "Resource", width: 86}, column{title: "Part", width: 42}, column{title: "Reason", width: 28},
		column{title: "Call", width: 46}, column{title: "Message", width: 65})
	for _, item := range d.r.Inventory {
		for _, u := range item.Unread {
			t.row(resourceCell(item.Resource, item.Name), cell{{orElse(u.Path, "the whole resource"), tableMono}}, reasonCell(u.Reason),
				cell{{u.Call, tableMono}}, cell{{u.Message, tableText}})
		}
	}
	t.end()
}

func (d *document) deadLetters() {
	d.section(true, "12", "Dead letters")
	if len(d.r.DeadLetters) == 0 {
		d.none("No dead letter is open: every message was worked through.")
		return
	}
	t := d.table(column{title: "Message", width: 56}, column{title: "Subject", width: 80}, column{title: "Cause", width: 80},
		column{title: "Failed at", width: 33}, column{title: "Attempts", width: 18, right: true})
	for _, x := range d.r.DeadLetters {
		t.row(cell{{x.Kind, tableBold}, {x.ID, noteMono}}, cell{{x.Subject, tableMono}}, cell{{x.Cause, tableText}},
			timeCell(x.FailedAt), cell{{strconv.Itoa(x.Attempts), tableText}})
	}
	t.end()
}
