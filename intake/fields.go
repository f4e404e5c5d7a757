package intake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/everqual/everqual/rule/syntax"
)

// The functions below read compact JSON that is known to be valid: they look
// at an event once and touch only what is asked for, names being exact.

// field asks for the member of an object with a name.
type field struct {
	name string
	raw  *json.RawMessage // the member's value, nil when there is none
}

// pick finds the members of object that are asked for. A name that appears
// twice with different values is an error, for there is no telling which one
// is meant. What is no object has no members.
func pick(object []byte, fields ...field) error {
	return pickTo(object, nil, func(key []byte) *json.RawMessage {
		for _, f := range fields {
			if f.name == string(key) {
				return f.raw
			}
		}
		return nil
	})
}

// pickTo is pick with a function that says where a member goes, nil for those
// that are not asked for; members are those of the object, where they are known.
func pickTo(object []byte, members []syntax.Span, slot func(key []byte) *json.RawMessage) error {
	for _, s := range members {
		if err := assign(object[s.Key:s.KeyEnd], object[s.Value:s.End], slot); err != nil {
			return err
		}
	}
	if members != nil || len(object) == 0 || object[0] != '{' {
		return nil
	}
	for i := 1; object[i] == '"'; {
		colon := skip(object, i)
		end := skip(object, colon+1)
		if err := assign(object[i+1:colon-1], object[colon+1:end], slot); err != nil {
			return err
		}
		if i = end; object[i] == ',' {
			i++
		}
	}
	return nil
}

func assign(key, value []byte, slot func(key []byte) *json.RawMessage) error {
	if bytes.IndexByte(key, '\\') >= 0 {
		key = []byte(text(fmt.Appendf(nil, `"%s"`, key)))
	}
	to := slot(key)
	if to == nil {
		return nil
	}
	if *to != nil && !bytes.Equal(*to, value) {
		return fmt.Errorf("%s appears twice with different values", key)
	}
	*to = value
	return nil
}

// skip returns the index behind the value that begins at i.
func skip(b []byte, i int) int {
	end, err := syntax.SkipValue(b, i)
	if err != nil {
		return len(b) // not reached: b is valid
	}
	return end
}

// text reads a scalar: a string's text, "" for null and for nothing, else the
// JSON itself, so that an odd value is seen and not lost.
func text(raw json.RawMessage) string {
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if raw[0] != '"' {
		return string(raw)
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	_ = json.Unmarshal(raw, &s) // valid by the caller's word
	return s
}

// required reads a short text that must be there.
func required(name string, raw json.RawMessage) (string, error) {
	switch s := text(raw); {
	case s == "":
		return "", fmt.Errorf("%s is missing", name)
	case raw[0] != '"':
		return "", fmt.Errorf("%s is no text", name)
	case len(s) > 512:
		return "", fmt.Errorf("%s is %d bytes long", name, len(s))
	default:
		return s, nil
	}
}

// plainText tells whether raw is a short string as required has it.
func plainText(raw json.RawMessage) bool { return len(raw) > 2 && len(raw) < 512 && raw[0] == '"' }

// quote appends s as a JSON string.
func quote(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			var out bytes.Buffer
			enc := json.NewEncoder(&out)
			enc.SetEscapeHTML(false)
			_ = enc.Encode(s) // a string cannot fail
			return append(b, bytes.TrimSpace(out.Bytes())...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// preview shortens text of unknown origin for a message.
func preview(s string) string {
	if len(s) > 64 {
		s = s[:64] + "..."
	}
	return strconv.Quote(s)
}
