package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// cover is page 1: what this document is, what it concludes, and how much of
// the system that conclusion rests on.
func (d *document) cover() {
	d.newPage(false)
	doc := d.r.Document
	d.y += 5
	d.one(style{bold, 24, navy, 11}, doc.Title)
	d.one(style{regular, 13, ink, 7}, strings.TrimSpace(d.r.System.ID+"  "+d.r.System.Title))
	d.one(style{regular, 10.5, grey, 6}, fmt.Sprintf("Document %s  ·  Version %s",
		orElse(doc.Number, "not numbered"), orElse(doc.Version, "not stated")))
	d.y += 4
	d.verdictBox()
	d.tiles()
	d.coverageStatement()
	d.facts()
	d.coverSpecifications()
}

// one puts a single line, shortened if need be.
func (d *document) one(st style, s string) {
	d.text(margin, d.y, st, d.fit(d.clean(s), st, d.width()))
	d.y += st.lead
}

func statusColor(s Status) rgb {
	switch s {
	case Accepted:
		return green
	case NotAccepted:
		return red
	}
	return amber
}

// verdictBox states the conclusion and its reasons.
func (d *document) verdictBox() {
	c := d.r.Conclusion
	color := statusColor(c.Status)
	text := "Every test case was evaluated and none failed; every prerequisite holds."
	if len(c.Reasons) > 0 {
		text = strings.Join(c.Reasons, "; ") + "."
	}
	d.box(color, "Conclusion, as computed", string(c.Status), text)
}

// box states one thing in large letters, and the reasons.
func (d *document) box(color rgb, label, title, text string) {
	st := style{regular, 9.5, ink, 4.6}
	lines := d.wrap(d.clean(text), st, d.width()-12)
	h := 14 + float64(len(lines))*st.lead
	d.fill(margin, d.y, d.width(), h, shade)
	d.fill(margin, d.y, 1.6, h, color)
	d.text(margin+6, d.y+2.4, style{regular, 8, grey, 4}, label)
	d.text(margin+6, d.y+6, style{bold, 14, color, 7}, title)
	for i, l := range lines {
		d.text(margin+6, d.y+12.8+float64(i)*st.lead, st, l)
	}
	d.y += h + 4
}

// tiles show the verdict counts.
func (d *document) tiles() {
	n := d.r.Counts
	tiles := []struct {
		label string
		n     int
		color rgb
	}{
		{"TEST RESULTS", n.Total, ink},
		{string(everqual.Pass), n.Pass, green},
		{string(everqual.Fail), n.Fail, red},
		{string(everqual.NotEvaluated), n.NotEvaluated, amber},
		{string(everqual.NotApplicable), n.NotApplicable, grey},
	}
	const gap, h = 3.0, 17.0
	w := (d.width() - gap*float64(len(tiles)-1)) / float64(len(tiles))
	for i, t := range tiles {
		x := margin + float64(i)*(w+gap)
		d.frame(x, d.y, w, h, 0.2, rule)
		d.fill(x, d.y, w, 0.9, t.color)
		d.text(x+3, d.y+2.6, style{bold, 16, t.color, 7.5}, fmt.Sprint(t.n))
		d.text(x+3, d.y+11, style{bold, 7, t.color, 4}, t.label)
	}
	d.y += h + 4
}

func (d *document) coverageStatement() {
	c := d.r.Coverage
	text := fmt.Sprintf("Coverage: %s in scope, of which %d assessed, %d without a specification, %d not assessed and %d unread. "+
		"%d could be read only in part. With %d deleted and %d out of scope, %s are on record.",
		plural(c.InScope(), "resource"), c.Assessed, c.WithoutSpecification, c.NotAssessed, c.Unread,
		c.PartlyRead, c.Deleted, c.OutOfScope, plural(c.Resources, "resource"))
	d.paragraph(bodyText, text)
	for _, remark := range d.r.Conclusion.Remarks {
		d.paragraph(bodyText.in(grey), "Note: "+remark+".")
	}
	d.y += 2
}

// facts is the identification table.
func (d *document) facts() {
	doc, led := d.r.Document, d.r.Ledger
	period := "not stated"
	if doc.Period != (everqual.Period{}) {
		period = span(doc.Period)
	}
	rows := [][2]string{
		{"Document number", orElse(doc.Number, "not numbered")},
		{"Document version", orElse(doc.Version, "not stated")},
		{"System", orElse(strings.TrimSpace(d.r.System.ID+"  "+d.r.System.Title), "not named")},
		{"Scope", selectorWords(d.r.System.Scope)},
		{"Period covered", period},
		{"Generated at", stamp(doc.GeneratedAt)},
		{"Tool version", "Everqual " + orElse(doc.ToolVersion, "(version not stated)")},
		{"Signatures", "to be applied, on the approval page"},
		{"Ledger head", fmt.Sprintf("record %d, hash %s, checkpoint %s", led.Sequence, orElse(led.Hash.Short(), "none"), stamp(led.CheckpointAt))},
	}
	d.pairs(38, rows)
}

// pairs draws a two-column table without a header.
func (d *document) pairs(label float64, rows [][2]string) {
	t := &table{c: d.canvas, columns: []column{{width: label}, {width: d.width() - label}}, lead: tableText.lead + 0.3}
	t.bare = true
	d.line(margin, d.y, margin+d.width(), d.y, 0.3, navy)
	for _, r := range rows {
		t.row(cell{{r[0], tableText.in(grey)}}, cell{{r[1], tableText}})
	}
	t.end()
}

// coverSpecifications lists what was executed.
func (d *document) coverSpecifications() {
	if len(d.r.Specs) == 0 {
		d.none("No specification is in force for this system.")
		return
	}
	t := d.table(column{title: "Specification", width: 52}, column{title: "Title", width: 62},
		column{title: "Version", width: 22}, column{title: "Digest (first 12 digits)", width: 44})
	for _, s := range d.r.Specs {
		t.row(cell{{s.ID, tableBold}}, cell{{s.Title, tableText}}, cell{{s.Version, tableText}},
			cell{{orElse(s.Digest.Short(), "none"), tableMono}})
	}
	t.end()
}

// selectorWords says what a selector chooses.
func selectorWords(s everqual.Selector) string {
	var out []string
	say := func(label string, v everqual.Values) {
		if len(v) > 0 {
			out = append(out, label+" "+strings.Join(v, ", "))
		}
	}
	say("accounts", s.Accounts)
	say("regions", s.Regions)
	say("types", s.Types)
	for _, k := range slices.Sorted(maps.Keys(s.Tags)) {
		out = append(out, "tag "+k+" = "+strings.Join(s.Tags[k], " or "))
	}
	if len(out) == 0 {
		return "everything that was observed"
	}
	return strings.Join(out, "; ")
}

// approval is the page that persons sign.
func (d *document) approval() {
	d.newPage(false)
	d.front("Approval")
	d.paragraph(bodyBold, "Signatures: to be applied.")
	d.paragraph(bodyText, "This version of the report carries no electronic signature. Until it is signed below, by hand or in the "+
		"quality system that keeps it, it is a draft. Accepting it with open deviations is a decision of the signatories "+
		"and never made by the tool. Section 5 states whether the specifications were approved before they were executed. Signing dates state day, time and time zone.")
	roles := [][2]string{
		{"Author", "Authorship: the report was composed as described in section 4"},
		{"Technical", "Review: the content is technically correct and complete"},
		{"Quality unit", "Approval: the qualification may be concluded as stated"},
	}
	d.y += 1
	d.signatures(roles)
	d.revisions()
}

func (d *document) signatures(roles [][2]string) {
	widths := []float64{24, 40, 42, 38, 36}
	titles := []string{"Role", "Printed name", "Signature", "Date, time and zone", "Meaning"}
	const h = 20.0
	t := &table{c: d.canvas, lead: tableText.lead}
	for i, w := range widths {
		t.columns = append(t.columns, column{title: titles[i], width: w})
	}
	t.header()
	for _, role := range roles {
		x, top := margin, d.y
		for i, w := range widths {
			switch i {
			case 0:
				d.text(x+cellPad, top+3, tableBold, role[0])
			case len(widths) - 1:
				for j, l := range d.wrap(role[1], tableNote, w-2*cellPad) {
					d.text(x+cellPad, top+3+float64(j)*3.4, tableNote, l)
				}
			default:
				d.line(x+cellPad, top+h-4.5, x+w-3, top+h-4.5, 0.2, grey)
			}
			x += w
		}
		d.y += h
		d.line(margin, d.y, margin+d.width(), d.y, 0.12, rule)
	}
	d.y += 10
}

// front begins one of the unnumbered sections before the contents.
func (d *document) front(title string) {
	d.note(heading{title: title})
	d.text(margin, d.y, style{bold, 13, navy, 7}, title)
	d.y += 10
}

func (d *document) revisions() {
	d.front("Revision history")
	if len(d.r.Revisions) == 0 {
		d.none("No revision is recorded: this is the first version of the document.")
		return
	}
	t := d.table(column{title: "Version", width: 18}, column{title: "Date", width: 38}, column{title: "Change", width: 52},
		column{title: "Reason", width: 42}, column{title: "By", width: 30})
	for _, v := range d.r.Revisions {
		t.row(cell{{v.Version, tableBold}}, cell{{stamp(v.Date), tableText}}, cell{{v.Change, tableText}},
			cell{{v.Reason, tableText}}, cell{{v.By, tableText}})
	}
	t.end()
}
