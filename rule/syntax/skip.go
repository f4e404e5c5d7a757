package syntax

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf8"
)

// The functions below take a JSON text apart without reading it: they follow its
// brackets and strings only, eight bytes at a time.

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080

	quotes      = lows * '"'
	backslashes = lows * '\\'
	dots        = lows * '.'
	blanks      = lows * ' '
	newlines    = lows * '\n'
)

// zeros marks the bytes of x that are zero. Marks above the lowest one may be
// false.
func zeros(x uint64) uint64 { return (x - lows) & ^x & highs }

var (
	// ErrCut says that the text ends within a value.
	ErrCut = errors.New("the JSON text ends too early")
	// ErrJSON says that something else stands where a value must.
	ErrJSON = errors.New("no JSON")
)

// SkipString returns the place after the closing quote of the string whose
// first character is at i.
func SkipString(b []byte, i int) (int, error) {
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		m := zeros(w^quotes) | zeros(w^backslashes)
		if m == 0 {
			i += 8
			continue
		}
		if i += bits.TrailingZeros64(m) >> 3; b[i] == '"' {
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
	return len(b), ErrCut
}

// SkipNested returns the place after the object or array that begins at i.
func SkipNested(b []byte, i int) (int, error) {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			var err error
			if i, err = SkipString(b, i+1); err != nil {
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
	return i, ErrCut
}

// SkipValue returns the place after the value that begins at i.
func SkipValue(b []byte, i int) (int, error) {
	if i >= len(b) {
		return i, ErrCut
	}
	switch b[i] {
	case '"':
		return SkipString(b, i+1)
	case '{', '[':
		return SkipNested(b, i)
	}
	from := i
	for i < len(b) && !ends[b[i]] {
		i++
	}
	if i == from {
		return i, ErrJSON
	}
	return i, nil
}

// ends are the bytes that may follow a number, boolean or null.
var ends = [256]bool{' ': true, '\t': true, '\n': true, '\r': true, ',': true, ']': true, '}': true, '{': true, '[': true, ':': true, '"': true}

// SkipSpace returns the first place from i on that is no white space.
func SkipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// SkipKey returns the place of the quote that ends the key whose first character
// is at i. odd tells whether a backslash, a dot or anything beyond ASCII is in it.
func SkipKey(b []byte, i int) (end int, odd bool, err error) {
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		end := zeros(w ^ quotes)
		strange := zeros(w^backslashes) | zeros(w^dots) | w&highs
		if end == 0 && strange == 0 {
			i += 8
			continue
		}
		if end != 0 && strange&((end&-end)-1) == 0 {
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
		switch c := b[i]; {
		case c == '"':
			return i, odd, nil
		case c == '\\':
			odd = true
			i++
		case c == '.' || c >= utf8.RuneSelf:
			odd = true
		}
	}
	return i, odd, ErrCut
}

// SkipPlain returns the first place from i on where b has a quote, a backslash
// or a newline, len(b) when there is none.
func SkipPlain(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		if m := zeros(w^quotes) | zeros(w^backslashes) | zeros(w^newlines); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] != '\n' {
		i++
	}
	return i
}
