package report

import "slices"

// part is a run of text in a cell; each part begins a new line.
type part struct {
	text  string
	style style
}

// cell is what stands in one column of one row.
type cell []part

// column of a table. Right-aligned columns hold numbers.
type column struct {
	title string
	width float64
	right bool
}

const (
	cellPad = 1.3 // left, right
	rowPad  = 1.1 // above, below
)

// table draws rows that share columns. A row is kept on one page where that
// leaves little of the page empty, and is split between lines where not; the
// header, and the band of the current group, are repeated on every page.
type table struct {
	c       *canvas
	columns []column
	pending cell // band that the next row will draw
	group   cell // band of the rows being drawn
	bare    bool // without a header
	lead    float64
}

func (c *canvas) table(columns ...column) *table {
	t := &table{c: c, columns: columns, lead: tableText.lead}
	c.need(20)
	t.header()
	return t
}

// line is one printed line of a cell.
type line struct {
	text  string
	style style
}

func (t *table) header() {
	if t.bare {
		return
	}
	c := t.c
	st := style{bold, 7.5, navy, 3.4}
	h := 2*rowPad + st.lead
	titles := make([][]string, len(t.columns))
	for i, col := range t.columns {
		titles[i] = c.wrap(col.title, st, col.width-2*cellPad)
		h = max(h, float64(len(titles[i]))*st.lead+2*rowPad)
	}
	c.fill(margin, c.y, c.width(), h, shade)
	x := margin
	for i, col := range t.columns {
		for j, s := range titles[i] {
			y := c.y + h - rowPad - float64(len(titles[i])-j)*st.lead
			t.put(x, y, col, line{s, st})
		}
		x += col.width
	}
	c.y += h
	c.line(margin, c.y, margin+c.width(), c.y, 0.3, navy)
}

func (t *table) put(x, y float64, col column, l line) {
	if col.right {
		t.c.textRight(x+col.width-cellPad, y, l.style, l.text)
		return
	}
	t.c.text(x+cellPad, y, l.style, l.text)
}

// layout wraps the cells.
func (t *table) layout(columns []column, cells []cell) (lines [][]line, most int) {
	lines = make([][]line, len(columns))
	for i, col := range columns {
		if i >= len(cells) {
			break
		}
		for _, p := range cells[i] {
			for _, s := range t.c.wrap(t.c.clean(p.text), p.style, col.width-2*cellPad) {
				lines[i] = append(lines[i], line{s, p.style})
			}
		}
		most = max(most, len(lines[i]))
	}
	return lines, max(most, 1)
}

func (t *table) height(lines int) float64 { return float64(lines)*t.lead + 2*rowPad }

// band begins a group of rows. It is drawn with the first of them.
func (t *table) band(b cell) { t.pending = b }

// row draws one row.
func (t *table) row(cells ...cell) {
	lines, most := t.layout(t.columns, cells)
	t.place(lines, most)
	t.c.line(margin, t.c.y, margin+t.c.width(), t.c.y, 0.12, rule)
}

// place finds room for a row, with the band before it where one is due.
func (t *table) place(lines [][]line, most int) {
	whole := t.height(most)
	if whole > 0.4*t.c.body() {
		whole = t.height(4) // will be split
	}
	if t.pending != nil {
		t.group = nil
		_, n := t.layout(t.full(), []cell{t.pending})
		if t.c.room() < t.height(min(n, 8))+whole {
			t.nextPage()
		}
		t.group, t.pending = t.pending, nil
		t.drawBand(t.group)
	} else if t.c.room() < whole {
		t.nextPage()
	}
	t.draw(t.columns, lines, most)
}

// nextPage goes on in the same orientation, under the repeated header.
func (t *table) nextPage() {
	t.c.newPage(t.c.landscape)
	t.header()
	if t.group == nil {
		return
	}
	lines, n := t.layout(t.full(), []cell{t.group})
	n = min(n, 3)
	lines[0] = lines[0][:min(n, len(lines[0]))]
	lines[0] = append(lines[0], line{"(continued)", tableNote})
	t.background(n + 1)
	t.drawLines(t.full(), lines, n+1)
}

func (t *table) full() []column { return []column{{width: t.c.width()}} }

func (t *table) drawBand(b cell) {
	lines, n := t.layout(t.full(), []cell{b})
	if t.height(n) <= t.c.room() {
		t.background(n)
	}
	group := t.group
	t.group = nil
	t.draw(t.full(), lines, n)
	t.group = group
	t.c.line(margin, t.c.y, margin+t.c.width(), t.c.y, 0.2, rule)
}

func (t *table) background(lines int) {
	t.c.fill(margin, t.c.y+0.2, t.c.width(), t.height(lines)-0.2, pale)
}

// draw puts the lines, on as many pages as they take. The first column is
// repeated at the top of each further page.
func (t *table) draw(columns []column, lines [][]line, most int) {
	first := lines[0]
	for {
		fit := int((t.c.room() - 2*rowPad) / t.lead)
		if most <= fit {
			t.drawLines(columns, lines, most)
			return
		}
		if fit >= 3 {
			t.drawLines(columns, lines, fit)
			for i := range lines {
				lines[i] = lines[i][min(fit, len(lines[i])):]
			}
			if most -= fit; len(lines) > 1 && len(lines[0]) == 0 {
				lines[0] = slices.Concat(first[:min(2, len(first))], []line{{"(continued)", tableNote}})
				most = max(most, len(lines[0]))
			}
		}
		t.nextPage()
	}
}

// drawLines puts the first n lines of every column and moves on.
func (t *table) drawLines(columns []column, lines [][]line, n int) {
	x := margin
	for i, col := range columns {
		for j, l := range lines[i][:min(n, len(lines[i]))] {
			t.put(x, t.c.y+rowPad+float64(j)*t.lead, col, l)
		}
		x += col.width
	}
	t.c.y += t.height(n)
}

// end leaves the space that follows a table.
func (t *table) end() { t.c.y += 4 }
