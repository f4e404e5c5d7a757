package report

// What the tests of the text handling need: the rules of printing are inside
// WritePDF, but worth testing alone.

// Printer is the fonts.
type Printer struct{ *typefaces }

// NewPrinter loads the fonts.
func NewPrinter() Printer { return Printer{newCanvas().typefaces} }

// Clean returns s as it is printed.
func (p Printer) Clean(s string) string { return p.clean(s) }

// Wrap returns the lines that s takes in a table column of the given width.
func (p Printer) Wrap(s string, width float64) []string { return p.wrap(s, tableText, width) }

// Measure returns the width of a line in a table, in mm.
func (p Printer) Measure(s string) float64 { return p.measure(s, tableText) }
