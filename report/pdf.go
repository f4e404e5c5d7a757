package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/everqual/everqual"
)

// WritePDF writes the report as a PDF document with its JSON attached. It
// takes everything from the report, so the two can not disagree, and the same
// report gives the same bytes.
func WritePDF(w io.Writer, r Report) error {
	attached, err := encode(r)
	if err != nil {
		return err
	}
	d := &document{canvas: newCanvas(), r: r}
	d.compose()
	var b bytes.Buffer
	if err := d.f.Output(&b); err != nil {
		return fmt.Errorf("compose PDF: %w", err)
	}
	return attach(w, b.Bytes(), d.attachment(attached))
}

// document is a report on its way to paper.
type document struct {
	*canvas
	r        Report
	contents []heading
	tocAt    int // first page of the table of contents
}

// heading is one entry of the contents; level 1 stands under level 0.
type heading struct {
	number, title string
	level, page   int
	y             float64
}

// compose draws everything in reading order. The table of contents and the page
// furniture are filled in at the end, when all page numbers are known.
func (d *document) compose() {
	d.metadata()
	d.cover()
	d.approval()
	d.reserveContents()
	d.purpose()
	d.scope()
	d.responsibilities()
	d.method()
	d.prerequisites()
	d.inventory()
	d.results()
	d.trace()
	d.drift()
	d.deviations()
	d.notEvaluated()
	d.deadLetters()
	d.conclusion()
	d.digests()
	d.verification()
	put := d.furniture(d.r.Document, d.r.System.ID, orElse(d.r.Digest.Short(), "none"))
	d.revisit(func(page, pages int) {
		put(page, pages)
		d.fillContents(page)
	})
}

func (d *document) metadata() {
	doc := d.r.Document
	d.f.SetTitle(d.clean(doc.Title+" "+doc.Number), true)
	d.f.SetSubject(d.clean(d.r.System.ID+" "+d.r.System.Title), true)
	d.f.SetAuthor(d.clean(orElse(doc.Organisation, "Everqual")), true)
	d.f.SetCreator(d.clean("Everqual "+doc.ToolVersion), true)
	d.f.SetProducer("Everqual, with go-pdf/fpdf", true)
	at := doc.GeneratedAt
	if at.IsZero() {
		at = time.Unix(0, 0) // the library takes the zero time for "now"
	}
	d.f.SetCreationDate(at.UTC())
	d.f.SetModificationDate(at.UTC())
}

// section begins a numbered section.
func (d *document) section(landscape bool, number, title string) {
	d.sectionWith(landscape, 45, number, title)
}

// sectionWith begins a section where at least h is left on the page.
func (d *document) sectionWith(landscape bool, h float64, number, title string) {
	d.turn(landscape, h)
	if d.y > bodyTop {
		d.y += 4
	}
	st := style{bold, 13, navy, 7}
	d.note(heading{number: number, title: title})
	d.text(margin, d.y, st, number)
	d.text(margin+12, d.y, st, d.fit(d.clean(title), st, d.width()-12))
	d.y += 9
}

// note remembers a heading for the contents and sets its bookmark. The library
// measures bookmarks from the top of the last page, which is portrait.
func (d *document) note(h heading) {
	h.page, h.y = d.f.PageNo(), d.y
	d.contents = append(d.contents, h)
	d.f.SetFont(faceNames[regular], "", 8)
	d.f.Bookmark(d.clean(strings.TrimSpace(h.number+"  "+h.title)), h.level, d.y+a4Long-d.pageHeight())
}

// subsection begins an unnumbered part of a section.
func (d *document) subsection(title string) {
	d.need(30)
	d.y += 1.5
	st := style{bold, 10.5, ink, 5.5}
	d.text(margin, d.y, st, d.fit(d.clean(title), st, d.width()))
	d.y += 7
}

// none says plainly that a list is empty.
func (d *document) none(text string) {
	d.need(12)
	d.fill(margin, d.y, d.width(), 8, shade)
	d.text(margin+3, d.y+1.7, bodyText, text)
	d.y += 12
}

// tocRows is the number of entries that a page of contents takes.
const (
	tocLead = 6.2
	tocHead = 14.0
)

func (d *document) tocRows() int { return int((d.body() - tocHead) / tocLead) }

// outline counts the headings that compose will make.
func (d *document) outline() int { return sections + len(d.r.Specs) }

// sections is the number of headings of level 0.
const sections = 17

func (d *document) reserveContents() {
	d.newPage(false)
	d.tocAt = d.f.PageNo()
	for n := d.outline() - d.tocRows(); n > 0; n -= d.tocRows() {
		d.newPage(false)
	}
	d.newPage(false)
}

// fillContents writes the part of the contents that belongs on the page.
func (d *document) fillContents(page int) {
	from := (page - d.tocAt) * d.tocRows()
	if page < d.tocAt || from >= len(d.contents) || from >= d.outline() {
		return
	}
	d.text(margin, bodyTop, style{bold, 13, navy, 7}, "Contents")
	y := bodyTop + tocHead
	for _, h := range d.contents[from:min(from+d.tocRows(), len(d.contents))] {
		d.entry(h, y)
		y += tocLead
	}
}

func (d *document) entry(h heading, y float64) {
	st, x, indent := bodyBold, margin, 12.0
	if h.level > 0 {
		st, x, indent = bodyText, margin+12, 12.0
	}
	end := margin + d.width()
	if h.number == "" {
		indent = 0
	}
	title := d.fit(d.clean(h.title), st, end-x-indent-14)
	d.text(x, y, st, h.number)
	d.text(x+indent, y, st, title)
	d.textRight(end, y, bodyText, fmt.Sprint(h.page))
	from := x + indent + d.measure(title, st) + 2
	d.f.SetDashPattern([]float64{0.2, 1.3}, 0)
	d.line(from, y+3.4, end-8, y+3.4, 0.2, grey)
	d.f.SetDashPattern([]float64{}, 0)
	link := d.f.AddLink()
	d.f.SetLink(link, h.y, h.page)
	d.f.Link(x, y+d.shift, end-x, tocLead, link)
}

// outcomeColor goes with the word, never without it.
func outcomeColor(o everqual.Outcome) rgb {
	switch o {
	case everqual.Pass:
		return green
	case everqual.Fail:
		return red
	case everqual.NotApplicable:
		return grey
	}
	return amber
}
