package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/everqual/everqual"
)

// WriteAsOfPDF writes one page: the answer, what it rests on by ledger entry, and
// the resources that matter. What does not fit is counted; the JSON has all of it.
func WriteAsOfPDF(w io.Writer, a everqual.AsOf) error {
	d := &document{canvas: newCanvas()}
	d.f.SetTitle("State of "+a.System+" as of "+stamp(a.At), true)
	d.f.SetCreationDate(a.KnownAt)
	d.f.SetModificationDate(a.KnownAt)
	d.newPage(false)
	d.asOf(a)
	var b bytes.Buffer
	if err := d.f.Output(&b); err != nil {
		return fmt.Errorf("compose PDF: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (d *document) asOf(a everqual.AsOf) {
	end := margin + d.width()
	d.text(margin, 10, style{bold, 8, navy, 3.6}, "Everqual")
	d.textRight(end, 10, furniture, d.fit(d.clean("System "+a.System), furniture, d.width()/2))
	d.line(margin, 15, end, 15, 0.25, navy)
	d.y = 21
	d.text(margin, d.y, style{bold, 16, navy, 7}, "State as of "+stamp(a.At))
	d.y += 11
	d.answer(a)
	d.pairs(38, asOfFacts(a))
	d.y += 4
	d.asOfTable(a)
	foot := d.pageHeight() - 13
	d.line(margin, foot, end, foot, 0.15, rule)
	d.text(margin, foot+1.6, furniture, "As the ledger knew it at "+stamp(a.KnownAt))
	d.textRight(end, foot+1.6, furniture, rootOf(a))
}

func (d *document) answer(a everqual.AsOf) {
	color := amber
	switch a.State {
	case everqual.Qualified:
		color = green
	case everqual.NotQualified:
		color = red
	}
	text := "Every test case that was judged passed, and nothing had changed since it was seen."
	if len(a.Reasons) > 0 {
		text = strings.Join(a.Reasons, "; ") + "."
	}
	d.box(color, "Answer, from the ledger", string(a.State), text)
}

func asOfFacts(a everqual.AsOf) [][2]string {
	specifications := make([]string, len(a.Specifications))
	for i, s := range a.Specifications {
		specifications[i] = fmt.Sprintf("%s %s (entry %d)", s.ID, s.Version, s.Entry)
	}
	baseline := "none"
	if b := a.Baseline; b != nil {
		baseline = fmt.Sprintf("%s by %s: %s (entry %d)", stamp(b.At), b.By, b.Reason, b.Entry)
	}
	issued, decided := "none", "none"
	if a.Report != nil {
		issued = clipped(a.Report.String(), 300)
	}
	switch {
	case a.Decided == nil:
	case a.Report.Digest == a.Decided.Digest:
		decided = "the same"
	default:
		decided = clipped(a.Decided.String(), 300)
	}
	v := a.Verdicts
	return [][2]string{
		{"Known by", KnownBy(a) + ", at " + stamp(a.KnownAt)},
		{"Scope", clipped(ScopeThen(a.Scope), 300)},
		{"Specifications in force", orElse(strings.Join(specifications, ", "), "none")},
		{"Baseline", baseline},
		{"Last report", issued},
		{"Last report decided about", decided},
		{"Verdicts", fmt.Sprintf("%d: %d PASS, %d FAIL, %d NOT EVALUATED, %d NOT APPLICABLE", v.Total, v.Pass, v.Fail, v.NotEvaluated, v.NotApplicable)},
		{"Resources", fmt.Sprintf("%d", len(a.Resources))},
	}
}

// asOfTable shows what needs a person first, then the rest, as far as there is room.
func (d *document) asOfTable(a everqual.AsOf) {
	t := d.table(column{title: "Resource", width: 56}, column{title: "State", width: 20}, column{title: "Seen", width: 37},
		column{title: "Entry", width: 12, right: true}, column{title: "Open", width: d.width() - 125})
	left := 0
	for _, open := range []bool{true, false} {
		for _, r := range a.Resources {
			text := OpenThen(r)
			if (text != "") != open {
				continue
			}
			if d.room() < 16 {
				left++
				continue
			}
			st := tableText
			if open {
				st = st.in(red)
			}
			t.row(cell{{orElse(r.Name, r.Resource.ID.Name()), tableText}, {r.Resource.Type, tableNote}},
				cell{{fmt.Sprintf("%s v%d", r.State, r.Version), tableText}}, cell{{stamp(r.SeenAt), tableText}},
				cell{{fmt.Sprint(r.Entry), tableText}}, cell{{orElse(clipped(text, 180), "none"), st}})
		}
	}
	t.end()
	if left > 0 {
		d.text(margin, d.y+1.5, tableNote, fmt.Sprintf("more resources, which are in the JSON form of this page: %d", left))
	}
}

// KnownBy says how much of the ledger there was, and how much of that was signed.
func KnownBy(a everqual.AsOf) string {
	if a.Root == "" {
		return fmt.Sprintf("%d ledger entries, none of them under a signed root", a.Records)
	}
	return fmt.Sprintf("%d ledger entries; the last signed root is over %d of them", a.Records, a.RootSize)
}

func rootOf(a everqual.AsOf) string {
	if a.Root == "" {
		return "Ledger root not signed"
	}
	return fmt.Sprintf("Signed root of the first %d entries %s", a.RootSize, a.Root.Short())
}

// ScopeThen says which scope it was, and how that is known.
func ScopeThen(s everqual.ScopeThen) string {
	b, err := json.Marshal(s.Selector)
	if err != nil {
		return err.Error()
	}
	text := string(b)
	if s.Entry > 0 {
		text += fmt.Sprintf(" (entry %d)", s.Entry)
	}
	if s.Note != "" {
		text += "; " + s.Note
	}
	return text
}

// OpenThen says in a line what of a resource needs a person, "" for nothing.
func OpenThen(r everqual.ResourceThen) string {
	var open []string
	for _, e := range r.Changed {
		open = append(open, fmt.Sprintf("changed by %s at %s, not looked at since (entry %d)", e.Name, stamp(e.Time), e.Entry))
	}
	for _, s := range r.Assessments {
		if s.Entry == 0 {
			open = append(open, fmt.Sprintf("%s %s: observed, not yet assessed", s.Specification.ID, s.Specification.Version))
			continue
		}
		for _, v := range s.Verdicts {
			if v.Outcome == everqual.Fail || v.Outcome == everqual.NotEvaluated {
				open = append(open, fmt.Sprintf("%s %s (entry %d)", v.TestCase, v.Outcome, s.Entry))
			}
		}
	}
	return strings.Join(open, "; ")
}

func clipped(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
