package report

import (
	"fmt"
	"strings"

	"github.com/everqual/everqual"
)

// The portrait sections: what the document is for and how to read it.

func (d *document) purpose() {
	d.section(false, "1", "Purpose")
	d.paragraph(bodyText, "This report documents the installation qualification of the system "+
		strings.TrimSpace(d.r.System.ID+" "+d.r.System.Title)+": the deployed resources, their configuration as it was "+
		"collected, its comparison with the approved specifications, and every departure from them.")
	if d.r.System.Description != "" {
		for _, p := range strings.Split(d.r.System.Description, "\n") {
			d.paragraph(bodyText, p)
		}
	}
}

func (d *document) scope() {
	c := d.r.Coverage
	d.section(false, "2", "Scope and exclusions")
	d.paragraph(bodyText, "In scope is every resource that this selector chooses: "+selectorWords(d.r.System.Scope)+".")
	d.paragraph(bodyText, fmt.Sprintf("Excluded are: %s in scope for which no specification is in force (listed in section 6, status "+
		"NO SPECIFICATION); %s out of scope; whatever the collector can not see; and the operational and performance "+
		"qualification of the system.", plural(c.WithoutSpecification, "resource"), plural(c.OutOfScope, "resource")))
}

func (d *document) responsibilities() {
	d.section(false, "3", "Responsibilities")
	t := d.table(column{title: "Party", width: 34}, column{title: "Verifies", width: 146})
	for _, row := range [][2]string{
		{"AWS", "The facilities, the hardware and the virtualisation, and the working of its services. Evidence is AWS's own " +
			"attestations and audit reports; this report does not repeat it."},
		{"This report", "The configuration of the customer's resources, as the AWS interfaces report it, against the customer's approved " +
			"specifications; and who changed it, as AWS CloudTrail records it."},
		{"The customer", "The content of the specifications, the disposition of deviations, the exclusions of section 2, and the decision " +
			"to release the system. People decide; the tool computes."},
	} {
		t.row(cell{{row[0], tableBold}}, cell{{row[1], tableText}})
	}
	t.end()
}

func (d *document) method() {
	d.section(false, "4", "Method")
	d.paragraph(bodyText, "A change event tells that a resource may have changed. The collector then asks AWS for the state of that "+
		"resource and keeps every call: operation, parameters, reply, request id, time and identity. The digest of that evidence "+
		"stands beside each result. The state is recorded in an append-only ledger, in which each record carries the hash of the "+
		"one before, and every test case of each specification that selects the resource is evaluated on it by program. Tests are "+
		"executed by Everqual "+orElse(d.r.Document.ToolVersion, "(version not stated)")+" under the identities of appendix A; nothing is "+
		"transcribed by hand.")
	d.paragraph(bodyText, "Outcomes fail closed: what can not be read or compared is never passed.")
	t := d.table(column{title: "Outcome", width: 34}, column{title: "Meaning", width: 146})
	for _, row := range []struct {
		outcome everqual.Outcome
		text    string
	}{
		{everqual.Pass, "The collected value was read and meets the expectation."},
		{everqual.Fail, "The collected value was read and does not meet the expectation. It opens a deviation."},
		{everqual.NotEvaluated, "No statement is made, and the reason is given: the value could not be read (access denied, " +
			"throttled, unreachable), is absent, can not be compared, or the result is not about the latest record."},
		{everqual.NotApplicable, "The resource was deleted, or the test case says itself that it does not apply."},
	} {
		t.row(outcomeCell(row.outcome), cell{{row.text, tableText}})
	}
	t.end()
	d.paragraph(bodyText, "Conclusion. NOT ACCEPTED: a deviation is open or a prerequisite is not met. INCOMPLETE: otherwise, if a test case or "+
		"a prerequisite was not evaluated. ACCEPTED: otherwise. All times are UTC, written year-month-day hour:minute:second. A "+
		"character that can not be printed is shown as its code, such as 日.")
}

func outcomeCell(o everqual.Outcome) cell {
	return cell{{string(o), style{bold, 8, outcomeColor(o), tableText.lead}}}
}

func (d *document) prerequisites() {
	d.section(false, "5", "Prerequisites")
	t := d.table(column{title: "No.", width: 16}, column{title: "Prerequisite", width: 52}, column{title: "Outcome", width: 24},
		column{title: "Evidence", width: 88})
	for _, p := range d.r.Prereqs {
		t.row(cell{{p.ID, tableBold}}, cell{{p.Title, tableText}}, outcomeCell(p.Outcome), textCell(p.Evidence))
	}
	t.end()
	d.subsection("Specifications and their approval")
	if len(d.r.Specs) == 0 {
		d.none("No specification is in force for this system.")
		return
	}
	s := d.table(column{title: "Specification", width: 52}, column{title: "Approved by", width: 42}, column{title: "Approved at", width: 36},
		column{title: "Effective", width: 50})
	for _, x := range d.r.Specs {
		s.row(cell{{x.ID + ", version " + x.Version, tableBold}, {x.Title, tableNote}},
			cell{{orElse(x.Approval.By, "not recorded"), tableText}, {x.Approval.Role, tableNote}},
			cell{{stamp(x.Approval.At), tableText}}, cell{{span(x.Effective), tableText}})
	}
	s.end()
}

func textCell(lines []string) (out cell) {
	for _, s := range lines {
		out = append(out, part{s, tableText})
	}
	return out
}

func (d *document) conclusion() {
	d.section(false, "13", "Summary and conclusion")
	columns := countColumns(column{title: "Specification", width: 90}, 18)
	t := d.table(columns...)
	for _, s := range d.r.Specs {
		t.row(countCells(cell{{s.ID + ", version " + s.Version, tableText}, {plural(s.Resources, "resource"), tableNote}}, s.Counts, tableText)...)
	}
	if n := others(d.r); n.Total > 0 {
		t.row(countCells(cell{{"Specifications that this report does not execute", tableText}}, n, tableText)...)
	}
	t.row(countCells(cell{{"All results", tableBold}}, d.r.Counts, tableBold)...)
	t.end()
	columns[0].title = "Risk"
	t = d.table(columns...)
	for _, x := range d.r.Risks {
		t.row(countCells(cell{{orElse(x.Risk, "not stated"), tableText}}, x.Counts, tableText)...)
	}
	t.row(countCells(cell{{"All results", tableBold}}, d.r.Counts, tableBold)...)
	t.end()
	d.events()
	d.statement()
}

// others counts the results that belong to no executed specification.
func others(r Report) (n everqual.Counts) {
	executed := map[everqual.SpecificationRef]bool{}
	for _, s := range r.Specs {
		executed[s.ref()] = true
	}
	for _, t := range r.Results {
		if !executed[t.Specification] {
			n.Add(t.Outcome)
		}
	}
	return n
}

func countColumns(first column, w float64) []column {
	out := []column{first}
	for _, title := range []string{"Total", "PASS", "FAIL", "NOT EVAL.", "N/A"} {
		out = append(out, column{title: title, width: w, right: true})
	}
	return out
}

func countCells(first cell, n everqual.Counts, st style) []cell {
	out := []cell{first}
	for _, v := range []int{n.Total, n.Pass, n.Fail, n.NotEvaluated, n.NotApplicable} {
		out = append(out, cell{{fmt.Sprint(v), st}})
	}
	return out
}

func (d *document) events() {
	n := d.r.Events
	d.paragraph(bodyText, fmt.Sprintf("Change events received: %d; duplicate %d, read-only %d, failed calls %d, matched by a rule %d, "+
		"mutating but matched by no rule %d, not readable %d.", n.Total, n.Duplicate, n.ReadOnly, n.Failed, n.Matched, n.Unmatched, n.Unparsable))
	d.paragraph(bodyText, fmt.Sprintf("Deviations open: %d. Attributes that differ from the baseline: %d. Dead letters open: %d.",
		len(d.r.Deviations), len(d.r.Drift), len(d.r.DeadLetters)))
}

func (d *document) statement() {
	c := d.r.Conclusion
	d.need(30)
	d.y += 1
	d.verdictBox()
	d.paragraph(bodyText, "This conclusion is computed from the results above and holds for the period and the coverage stated on page 1. It "+
		"takes effect with the signatures on the approval page.")
	for _, remark := range c.Remarks {
		d.paragraph(bodyText.in(grey), "Note: "+remark+".")
	}
}
