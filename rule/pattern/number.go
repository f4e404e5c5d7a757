package pattern

import (
	"math"
	"strconv"
	"strings"

	"github.com/everqual/everqual/rule/syntax"
)

// EventBridge compares a number only when a 64-bit float holds it exactly as
// written: 300, 300.0 and 3.0e2 are one number. Any other (9007199254740993,
// 1e400, 37.807807921694092) is opaque: it equals its own text and nothing
// else, and no numeric comparison accepts it.

// float returns the number that the literal s means; ok is false when s is
// opaque. It does not allocate.
func float(s string) (v float64, ok bool) {
	want := decimalOf(s)
	if want.long || want.exponent < -400 || want.exponent > 400 {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false
	}
	if want.count <= 15 && want.exponent > -300 && want.exponent < 300 {
		return v, true // a float keeps 15 digits
	}
	var buffer [32]byte
	if want == decimalOf(unsafeString(strconv.AppendFloat(buffer[:0], v, 'e', -1, 64))) {
		return v, true
	}
	// Java writes the smallest floats with two digits: 4.9E-324, not 5e-324.
	return v, want == decimalOf(unsafeString(strconv.AppendFloat(buffer[:0], v, 'e', 1, 64)))
}

// decimal is a decimal number in its one form: 0.digits times ten to the
// exponent, without zeros at either end of the digits.
type decimal struct {
	negative bool
	digits   [17]byte
	count    int
	long     bool // more digits than a 64-bit float can need
	exponent int
}

func decimalOf(s string) (d decimal) {
	s, d.negative = strings.CutPrefix(s, "-")
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		d.exponent = exponentOf(s[i+1:])
		s = s[:i]
	}
	fraction, zeros := false, 0 // zeros seen since the last other digit
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			fraction = true
		case c == '0' && d.count == 0:
			if fraction {
				d.exponent--
			}
		default:
			if !fraction {
				d.exponent++
			}
			if c == '0' {
				zeros++
				continue
			}
			d.push('0', zeros)
			d.push(c, 1)
			zeros = 0
		}
	}
	if d.count == 0 {
		return decimal{}
	}
	return d
}

func (d *decimal) push(c byte, times int) {
	for ; times > 0 && !d.long; times-- {
		if d.count == len(d.digits) {
			d.long = true
			return
		}
		d.digits[d.count] = c
		d.count++
	}
}

// exponentOf reads an exponent. Beyond a million all are alike: out of range.
func exponentOf(s string) (v int) {
	s, negative := strings.CutPrefix(s, "-")
	for _, c := range strings.TrimPrefix(s, "+") {
		v = min(v*10+int(c-'0'), 1_000_000)
	}
	if negative {
		return -v
	}
	return v
}

// numeral returns the value of a number in a pattern that must be compared.
func numeral(n *syntax.Node) (float64, error) {
	v, ok := float(n.Text)
	if !ok {
		return 0, syntax.Faultf(n.At, "cannot compare the number %s: a 64-bit float does not hold it exactly; write fewer digits", n.Text)
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

func (t same) holds(s scalar) bool {
	if s.kind != syntax.Number {
		return false
	}
	if s.text == t.text {
		return true
	}
	v, ok := float(s.text)
	return ok && t.exact && v == t.value
}

// span is a range of numbers.
type span struct {
	low, high     float64
	lowIn, highIn bool // whether the bound itself is in the range
}

func (t span) holds(s scalar) bool {
	if s.kind != syntax.Number {
		return false
	}
	v, ok := float(s.text)
	return ok && (v > t.low || t.lowIn && v == t.low) && (v < t.high || t.highIn && v == t.high)
}

// compileNumeric compiles ["=", n], one bound, or a lower bound followed by an
// upper bound.
func compileNumeric(n *syntax.Node) (test, error) {
	if n.Kind != syntax.Array {
		return nil, syntax.Faultf(n.At, `the argument of numeric must be an array such as [">", 0, "<=", 5], this is %s`, n.Kind)
	}
	t := span{low: math.Inf(-1), high: math.Inf(1)}
	for i := 0; i < len(n.Items) || i == 0; i += 2 {
		if err := t.bound(n, i); err != nil {
			return nil, err
		}
	}
	if t.low > t.high || t.low == t.high && !(t.lowIn && t.highIn && n.Items[0].Text == "=") {
		return nil, syntax.Faultf(n.Items[2].At, `the lower bound must be less than the upper bound; write ["=", n] for a single number`)
	}
	return t, nil
}

// bound applies the operator at element i and the number after it.
func (t *span) bound(n *syntax.Node, i int) error {
	if i >= len(n.Items) {
		return syntax.Faultf(n.At, "numeric needs an operator and a number")
	}
	op := &n.Items[i]
	lower := op.Text == ">" || op.Text == ">="
	upper := op.Text == "<" || op.Text == "<="
	switch {
	case i > 0 && !strings.HasPrefix(n.Items[0].Text, ">"):
		return syntax.Faultf(op.At, "too many elements in the numeric expression; only a lower bound is followed by an upper bound")
	case op.Kind != syntax.Text || !lower && !upper && op.Text != "=":
		return syntax.Faultf(op.At, "unrecognized numeric operator %s; use \"=\", \"<\", \"<=\", \">\" or \">=\"", quoted(op))
	case i > 0 && (i > 2 || !upper):
		return syntax.Faultf(op.At, "too many terms in the numeric range; it is a lower bound, then an upper bound")
	case i+1 >= len(n.Items) || n.Items[i+1].Kind != syntax.Number:
		return syntax.Faultf(op.At, "the value of %q must be a number", op.Text)
	}
	v, err := numeral(&n.Items[i+1])
	if err != nil {
		return err
	}
	in := strings.HasSuffix(op.Text, "=")
	if !upper {
		t.low, t.lowIn = v, in
	}
	if !lower {
		t.high, t.highIn = v, in
	}
	return nil
}

func quoted(n *syntax.Node) string {
	if n.Kind == syntax.Text {
		return strconv.Quote(n.Text)
	}
	return n.Text
}
