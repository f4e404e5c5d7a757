package pattern

import (
	"errors"
	"unsafe"

	"github.com/everqual/everqual/rule/syntax"
)

// What is read of an event is checked to be JSON. What no pattern asks for is
// passed over by its brackets and strings alone.
var (
	errObject = errors.New("an event must be an object")
	errDeep   = errors.New("nested too deep")
	errAfter  = errors.New("text after the end of the event")
	errSearch = errors.New("its lists have too many elements that fields compete for")
)

// literal reads the number, boolean or null at i.
func literal(b []byte, i int) (s scalar, end int, err error) {
	if end, err = syntax.SkipValue(b, i); err != nil {
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
		if !syntax.IsNumber(s.text) {
			return s, i, syntax.ErrJSON
		}
	}
	return s, end, nil
}

// unsafeString is b as a string without a copy: it is valid while b is not
// changed, which Match demands of its caller.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
