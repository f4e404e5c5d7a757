package syntax

import (
	"encoding/binary"
	"math/bits"
)

// ValidCompact tells whether b is one JSON value without white space outside its
// strings, nested at most MaxDepth levels. It does not look whether strings are
// UTF-8. Where it says no, a slower look says why.
func ValidCompact(b []byte) bool { return valid(b, 0, 0) == len(b) && len(b) > 0 }

// Span is a member of an object: b[Key:KeyEnd] is its key between the quotes,
// b[Value:End] its value.
type Span struct{ Key, KeyEnd, Value, End int }

// CompactObject reads the object that b begins with, which must be JSON without
// white space as ValidCompact has it. It appends the object's members to spans
// and returns the place after it, -1 when there is no such object.
func CompactObject(b []byte, spans []Span) ([]Span, int) {
	switch {
	case len(b) < 2 || b[0] != '{':
		return spans, -1
	case b[1] == '}':
		return spans, 2
	}
	for i := 1; ; i++ {
		s := Span{Key: i + 1}
		if i >= len(b) || b[i] != '"' {
			return spans, -1
		}
		if i = validString(b, i+1); i < 0 || i >= len(b) || b[i] != ':' {
			return spans, -1
		}
		s.KeyEnd, s.Value = i-1, i+1
		if i = valid(b, i+1, 1); i < 0 || i >= len(b) {
			return spans, -1
		}
		s.End = i
		spans = append(spans, s)
		switch b[i] {
		case '}':
			return spans, i + 1
		case ',':
		default:
			return spans, -1
		}
	}
}

// valid returns the place after the value at i, -1 when there is none.
func valid(b []byte, i, depth int) int {
	if i >= len(b) || depth > MaxDepth {
		return -1
	}
	switch b[i] {
	case '"':
		return validString(b, i+1)
	case '{':
		return validObject(b, i+1, depth+1)
	case '[':
		return validArray(b, i+1, depth+1)
	case 't':
		return word(b, i, "true")
	case 'f':
		return word(b, i, "false")
	case 'n':
		return word(b, i, "null")
	}
	end, err := SkipValue(b, i)
	if err != nil || !IsNumber(b[i:end]) {
		return -1
	}
	return end
}

func word(b []byte, i int, w string) int {
	if len(b)-i < len(w) || string(b[i:i+len(w)]) != w {
		return -1
	}
	return i + len(w)
}

func validObject(b []byte, i, depth int) int {
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return -1
		}
		if i = validString(b, i+1); i < 0 || i >= len(b) || b[i] != ':' {
			return -1
		}
		if i++; i < len(b) && b[i] == '"' { // most values are strings
			i = validString(b, i+1)
		} else {
			i = valid(b, i, depth)
		}
		switch {
		case i < 0 || i >= len(b):
			return -1
		case b[i] == '}':
			return i + 1
		case b[i] != ',':
			return -1
		}
		i++
	}
}

func validArray(b []byte, i, depth int) int {
	if i < len(b) && b[i] == ']' {
		return i + 1
	}
	for {
		if i = valid(b, i, depth); i < 0 || i >= len(b) {
			return -1
		}
		switch b[i] {
		case ']':
			return i + 1
		case ',':
			i++
		default:
			return -1
		}
	}
}

// validString returns the place after the string whose first character is at i.
func validString(b []byte, i int) int {
	for {
		if i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			m := zeros(w^quotes) | zeros(w^backslashes) | (w-blanks)&^w&highs
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		}
		if i >= len(b) {
			return -1
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\':
			n := escapeLength(b[i:])
			if n == 0 {
				return -1
			}
			i += n
		default:
			i++
		}
	}
}

func escapeLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, c := range b[2:6] {
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return 0
			}
		}
		return 6
	}
	return 0
}

// IsNumber checks the grammar of RFC 8259 §6.
func IsNumber[T string | []byte](s T) bool {
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

func digits[T string | []byte](s T, i int) int {
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}
