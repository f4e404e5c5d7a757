package report

import (
	"fmt"

	"codeberg.org/go-pdf/fpdf"
)

// All lengths are in mm, font sizes in points.
const (
	mmPerPoint = 25.4 / 72
	a4Short    = 210.0
	a4Long     = 297.0
	margin     = 15.0
	bodyTop    = 27.0
	footSpace  = 17.0 // below the body
)

type rgb struct{ r, g, b int }

var (
	ink   = rgb{28, 34, 43}
	grey  = rgb{88, 97, 110}
	navy  = rgb{23, 52, 93}
	rule  = rgb{196, 203, 212}
	shade = rgb{240, 243, 247}
	pale  = rgb{247, 249, 251}
	green = rgb{20, 99, 52}
	red   = rgb{161, 24, 24}
	amber = rgb{133, 77, 0}
)

// style is how text looks; lead is the distance between lines.
type style struct {
	face  face
	size  float64
	color rgb
	lead  float64
}

func (s style) in(c rgb) style { s.color = c; return s }

var (
	bodyText  = style{regular, 9.5, ink, 4.7}
	bodyBold  = style{bold, 9.5, ink, 4.7}
	tableText = style{regular, 8, ink, 3.6}
	tableBold = style{bold, 8, ink, 3.6}
	tableMono = style{mono, 7.2, ink, 3.6}
	tableNote = style{regular, 7, grey, 3.6}
	noteMono  = style{mono, 6.8, grey, 3.6}
	furniture = style{regular, 7.5, grey, 3.6}
)

// canvas places text on pages. y is where the next thing goes.
type canvas struct {
	*typefaces
	f         *fpdf.Fpdf
	y         float64
	landscape bool
	turned    []bool  // per page: is it landscape
	shift     float64 // what to add to y when drawing on an earlier page
}

func newCanvas() *canvas {
	f := fpdf.New("P", "mm", "A4", "")
	f.SetAutoPageBreak(false, 0)
	f.SetMargins(0, 0, 0)
	f.SetCellMargin(0)
	f.SetCatalogSort(true)
	f.SetLang("en")
	return &canvas{f: f, typefaces: loadFonts(f)}
}

func (c *canvas) pageWidth() float64 {
	if c.landscape {
		return a4Long
	}
	return a4Short
}

func (c *canvas) pageHeight() float64 { return a4Long + a4Short - c.pageWidth() }

// width of the body.
func (c *canvas) width() float64 { return c.pageWidth() - 2*margin }

// room that is left on the page.
func (c *canvas) room() float64 { return c.pageHeight() - footSpace - c.y }

// body is the room of an empty page.
func (c *canvas) body() float64 { return c.pageHeight() - footSpace - bodyTop }

func (c *canvas) newPage(landscape bool) {
	orientation := "P"
	if landscape {
		orientation = "L"
	}
	c.f.AddPageFormat(orientation, fpdf.SizeType{Wd: a4Short, Ht: a4Long})
	c.landscape, c.y = landscape, bodyTop
	c.turned = append(c.turned, landscape)
}

// turn goes to a page of the wanted orientation with at least h of room.
func (c *canvas) turn(landscape bool, h float64) {
	if c.landscape != landscape || c.room() < h {
		c.newPage(landscape)
	}
}

// need goes to the next page when less than h is left.
func (c *canvas) need(h float64) { c.turn(c.landscape, h) }

// text puts one line of clean text with its top at y.
func (c *canvas) text(x, y float64, st style, s string) {
	if s == "" {
		return
	}
	c.f.SetFont(faceNames[st.face], "", st.size)
	c.f.SetTextColor(st.color.r, st.color.g, st.color.b)
	c.f.Text(x, y+c.shift+st.lead*0.5+st.size*mmPerPoint*0.36, s)
}

// textRight puts one line that ends at x.
func (c *canvas) textRight(x, y float64, st style, s string) {
	c.text(x-c.measure(s, st), y, st, s)
}

func (c *canvas) fill(x, y, w, h float64, color rgb) {
	c.f.SetFillColor(color.r, color.g, color.b)
	c.f.Rect(x, y+c.shift, w, h, "F")
}

func (c *canvas) frame(x, y, w, h, line float64, color rgb) {
	c.f.SetDrawColor(color.r, color.g, color.b)
	c.f.SetLineWidth(line)
	c.f.Rect(x, y+c.shift, w, h, "D")
}

func (c *canvas) line(x1, y1, x2, y2, line float64, color rgb) {
	c.f.SetDrawColor(color.r, color.g, color.b)
	c.f.SetLineWidth(line)
	c.f.Line(x1, y1+c.shift, x2, y2+c.shift)
}

// paragraph puts wrapped text over the full width, across pages if need be.
func (c *canvas) paragraph(st style, s string) {
	lines := c.wrap(c.clean(s), st, c.width())
	if len(lines) <= 8 {
		c.need(st.lead * float64(len(lines))) // short ones are kept together
	}
	for _, l := range lines {
		c.need(st.lead)
		c.text(margin, c.y, st, l)
		c.y += st.lead
	}
	c.y += 1.8
}

// revisit calls draw for every page, to put what can only be known at the end.
func (c *canvas) revisit(draw func(page, pages int)) {
	last := c.pageHeight()
	for i, landscape := range c.turned {
		c.f.SetPage(i + 1)
		c.landscape = landscape
		c.shift = last - c.pageHeight()
		draw(i+1, len(c.turned))
	}
	c.shift = 0
}

// header and footer of every page.
func (c *canvas) furniture(d Document, system string, digest string) func(page, pages int) {
	left := [2]string{c.clean(orElse(d.Organisation, "Everqual")), c.clean(d.Title)}
	number := c.clean("Document " + orElse(d.Number, "not numbered"))
	version := c.clean("  ·  Version " + orElse(d.Version, "not stated"))
	system = c.clean("System " + orElse(system, "not named"))
	generated := "Generated " + stamp(d.GeneratedAt)
	return func(page, pages int) {
		half := c.width()/2 - 4
		end := margin + c.width()
		strong := style{bold, furniture.size, navy, furniture.lead}
		c.text(margin, 10, strong, c.fit(left[0], strong, half))
		c.text(margin, 14.2, furniture, c.fit(left[1], furniture, half))
		tail := c.fit(version, furniture, half/2)
		c.textRight(end, 10, furniture.in(ink), c.fit(number, furniture, half-c.measure(tail, furniture))+tail)
		c.textRight(end, 14.2, furniture, c.fit(system, furniture, half))
		c.line(margin, 19.5, end, 19.5, 0.25, navy)
		foot := c.pageHeight() - 13
		c.line(margin, foot, end, foot, 0.15, rule)
		c.text(margin, foot+1.6, furniture, generated)
		c.textRight(end, foot+1.6, furniture.in(ink), fmt.Sprintf("Page %d of %d", page, pages))
		middle := "Report digest " + digest
		c.text(margin+(c.width()-c.measure(middle, furniture))/2, foot+1.6, furniture, middle)
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
