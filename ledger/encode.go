package ledger

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/everqual/everqual"
	"github.com/go-json-experiment/json/jsontext"
)

// encode writes compact JSON without escaping HTML, so that a body keeps the
// characters that were received.
func encode(v any) ([]byte, error) {
	if e, ok := v.(everqual.ReceivedEvent); ok {
		return encodeEvent(e)
	}
	return encodeAny(v)
}

func encodeAny(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// loosely is as much as encoding/json lets pass in a text.
var loosely = jsontext.Options(jsontext.AllowDuplicateNames(true))

// encodeEvent writes what encodeAny writes of an event, in half of the time: nearly all
// of it goes into looking through the envelope, which another reader does faster. What
// that one refuses is left to the usual way.
func encodeEvent(e everqual.ReceivedEvent) ([]byte, error) {
	envelope := jsontext.Value(slices.Clone(e.Envelope))
	if len(envelope) == 0 || envelope.Compact(loosely) != nil {
		return encodeAny(e)
	}
	hole := []byte(`"envelope":0`) // not in a text: quotes are escaped there
	e.Envelope = json.RawMessage("0")
	text, err := encodeAny(e)
	if err != nil {
		return nil, err
	}
	before, after, _ := bytes.Cut(text, hole)
	return slices.Concat(before, hole[:len(hole)-1], envelope, after), nil
}
