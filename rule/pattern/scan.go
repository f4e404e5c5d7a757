package pattern

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"unsafe"

	"github.com/everqual/everqual/rule/syntax"
)

// What is read of an event is checked to be JSON. What no pattern asks for is
// passed over by its brackets and strings alone, eight bytes at a time.

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080

	quotes      = lows * '"'
	backslashes = lows * '\\'
	dots        = lows * '.'
)

// zeros marks the bytes of x that are zero. Marks above the lowest one may be
// false.
func zeros(x uint64) uint64 { return (x - lows) & ^x & highs }

var (
	errCut    = errors.New("the JSON text ends too early")
	errJSON   = errors.New("no JSON")
	errObject = errors.New("an event must be an object")
	errDeep   = errors.New("nested too deep")
	errAfter  = errors.New("text after the end of the event")
)

// skipString returns the place after the closing quote of the string whose
// first character is at i.
func skipString(b []byte, i int) (int, error) {
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		if m := zeros(w^quotes) | zeros(w^backslashes); m == 0 {
			i += 8
			continue
		} else if i += bits.TrailingZeros64(m) >> 3; b[i] == '"' {
			return i + 1, nil
		}
		i += 2
	}
	for i < len(b) {
		switch b[i] {
		case '"':
			return i + 1, nil
		case '\\':
			i++
		}
		i++
	}
	return len(b), errCut
}

// skipNested returns the place after the object or array that begins at i.
func skipNested(b []byte, i int) (int, error) {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			var err error
			if i, err = skipString(b, i+1); err != nil {
				return i, err
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, nil
			}
		}
		i++
	}
	return i, errCut
}

// skipValue returns the place after the value that begins at i.
func skipValue(b []byte, i int) (int, error) {
	if i >= len(b) {
		return i, errCut
	}
	switch b[i] {
	case '"':
		return skipString(b, i+1)
	case '{', '[':
		return skipNested(b, i)
	}
	from := i
	for i < len(b) && !ends[b[i]] {
		i++
	}
	if i == from {
		return i, errJSON
	}
	return i, nil
}

// ends are the bytes that may follow a number, boolean or null.
var ends = [256]bool{' ': true, '\t': true, '\n': true, '\r': true, ',': true, ']': true, '}': true, '{': true, '[': true, ':': true, '"': true}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// keyEnd returns the place of the quote that ends the key whose first character
// is at i. odd tells whether a backslash or a dot is in it.
func keyEnd(b []byte, i int) (end int, odd bool, err error) {
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		end := zeros(w ^ quotes)
		strange := zeros(w^backslashes) | zeros(w^dots)
		if end == 0 && strange == 0 {
			i += 8
			continue
		}
		if strange&((end&-end)-1) == 0 && end != 0 {
			return i + bits.TrailingZeros64(end)>>3, odd, nil
		}
		odd = true
		i += bits.TrailingZeros64(strange) >> 3
		if b[i] == '\\' {
			i++
		}
		i++
	}
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i, odd, nil
		case '\\':
			odd = true
			i++
		case '.':
			odd = true
		}
	}
	return i, odd, errCut
}

// literal reads the number, boolean or null at i.
func literal(b []byte, i int) (s scalar, end int, err error) {
	if end, err = skipValue(b, i); err != nil {
		return s, end, err
	}
	s.text = unsafeString(b[i:end])
	switch s.text {
	case "true", "false":
		s.kind = syntax.Boolean
	case "null":
		s.kind = syntax.Null
	default:
		s.kind = syntax.Number
		if !isNumber(s.text) {
			return s, i, errJSON
		}
	}
	return s, end, nil
}

// isNumber checks the grammar of RFC 8259 §6.
func isNumber(s string) bool {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	whole := i
	if i = digits(s, i); i == whole || s[whole] == '0' && i > whole+1 {
		return false
	}
	if i < len(s) && s[i] == '.' {
		from := i + 1
		if i = digits(s, from); i == from {
			return false
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		from := i
		if i = digits(s, from); i == from {
			return false
		}
	}
	return i == len(s)
}

func digits(s string, i int) int {
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}

// unsafeString is b as a string without a copy: it is valid while b is not
// changed, which Match demands of its caller.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
