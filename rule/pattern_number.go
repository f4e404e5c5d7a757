package rule

import (
	"math"
	"strconv"
	"strings"
)

// EventBridge compares a number only when a 64-bit float holds it exactly as
// written: 300, 300.0 and 3.0e2 are one number. Any other (9007199254740993,
// 1e400, 37.807807921694092) is opaque: it equals its own text and nothing
// else, and no numeric comparison accepts it.

// float returns the number that the literal s means; ok is false when s is
// opaque.
func float(s string) (v float64, ok bool) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false
	}
	want := decimalOf(s)
	if want == decimalOf(strconv.FormatFloat(v, 'e', -1, 64)) {
		return v, true
	}
	// Java writes the smallest floats with two digits: 4.9E-324, not 5e-324.
	return v, want == decimalOf(strconv.FormatFloat(v, 'e', 1, 64))
}

// decimal is a decimal number in its one form: 0.digits times ten to the
// exponent, without zeros at either end of the digits.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

func decimalOf(s string) (d decimal) {
	s, d.negative = strings.CutPrefix(s, "-")
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		d.exponent, _ = strconv.Atoi(s[i+1:]) // out of range: refused by ParseFloat, or zero
		s = s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return decimal{}
	}
	d.exponent += len(digits) - len(fraction)
	d.digits = strings.TrimRight(digits, "0")
	return d
}

// comparable returns the value of a number in a pattern that must be compared.
func comparable(n *node) (float64, error) {
	v, ok := float(n.text)
	if !ok {
		return 0, faultf(n.at, "cannot compare the number %s: a 64-bit float does not hold it exactly", n.text)
	}
	return v, nil
}

// same is an exact number: equal in value, or identical in text.
type same struct {
	text  string
	value float64
	exact bool
}

func exactNumber(s string) test {
	v, ok := float(s)
	return same{s, v, ok}
}

func (t same) holds(n *node) bool {
	if n.kind != number {
		return false
	}
	if n.text == t.text {
		return true
	}
	v, ok := float(n.text)
	return ok && t.exact && v == t.value
}

// span is a range of numbers.
type span struct {
	low, high     float64
	lowIn, highIn bool // whether the bound itself is in the range
}

func (t span) holds(n *node) bool {
	if n.kind != number {
		return false
	}
	v, ok := float(n.text)
	return ok && (v > t.low || t.lowIn && v == t.low) && (v < t.high || t.highIn && v == t.high)
}

// compileNumeric compiles ["=", n], one bound, or a lower bound followed by an
// upper bound.
func compileNumeric(n *node) (test, error) {
	if n.kind != array {
		return nil, faultf(n.at, `the argument of numeric must be an array such as [">", 0, "<=", 5], this is %s`, n.kind)
	}
	t := span{low: math.Inf(-1), high: math.Inf(1)}
	for i := 0; i < len(n.items) || i == 0; i += 2 {
		if err := t.bound(n, i); err != nil {
			return nil, err
		}
	}
	if t.low > t.high || t.low == t.high && !(t.lowIn && t.highIn && n.items[0].text == "=") {
		return nil, faultf(n.items[2].at, "the lower bound must be less than the upper bound")
	}
	return t, nil
}

// bound applies the operator at element i and the number after it.
func (t *span) bound(n *node, i int) error {
	if i >= len(n.items) {
		return faultf(n.at, "numeric needs an operator and a number")
	}
	op := &n.items[i]
	lower := op.text == ">" || op.text == ">="
	upper := op.text == "<" || op.text == "<="
	switch {
	case op.kind != text || !lower && !upper && op.text != "=":
		return faultf(op.at, "unrecognized numeric operator %s; use \"=\", \"<\", \"<=\", \">\" or \">=\"", quoted(op))
	case i > 0 && (i > 2 || !upper || n.items[0].text[0] != '>'):
		return faultf(op.at, "too many terms in the numeric range; it is a lower bound, then an upper bound")
	case i+1 >= len(n.items) || n.items[i+1].kind != number:
		return faultf(op.at, "the value of %q must be a number", op.text)
	}
	v, err := comparable(&n.items[i+1])
	if err != nil {
		return err
	}
	in := strings.HasSuffix(op.text, "=")
	if !upper {
		t.low, t.lowIn = v, in
	}
	if !lower {
		t.high, t.highIn = v, in
	}
	return nil
}
