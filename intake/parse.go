package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule/syntax"
)

// Parse reads one raw message, of whichever source: a CloudTrail record, an
// EventBridge envelope, a ChangeEvent around one, an element of what `aws
// cloudtrail lookup-events` replies, or what SNS or SQS delivers with one of
// these inside. Its errors are permanent: the message will never be an event.
func Parse(raw []byte, place everqual.Place) (everqual.ChangeEvent, error) {
	compact, err := compacted(raw, place)
	if err != nil {
		return everqual.ChangeEvent{}, err
	}
	return lasting(parse(compact, nil, place, false))
}

// records are out of use.
var records = sync.Pool{New: func() any { return new(record) }}

// parse reads compact JSON, which it does not keep. members are those of the
// object, nil where they are not known yet.
func parse(compact []byte, members []syntax.Span, place everqual.Place, brief bool) (everqual.ChangeEvent, error) {
	r := records.Get().(*record)
	defer func() { *r = record{}; records.Put(r) }()
	r.brief = brief
	err := pickTo(compact, members, r.slot)
	switch {
	case r.detailType != nil:
		return fromEnvelope(compact, place)
	case err != nil:
		return everqual.ChangeEvent{}, err
	case string(r.source) == `"aws:s3"`:
		return everqual.ChangeEvent{}, errors.New("an S3 event notification, not a CloudTrail record: read the log file that it names")
	case r.id != nil || r.name != nil || r.source != nil || r.time != nil:
		return r.event(compact, place)
	case r.text != nil:
		return fromText("CloudTrailEvent", r.text, place)
	case compact[0] == '"':
		return fromText("text", compact, place)
	}
	if e, ok, err := carried(compact, place); ok {
		return e, err
	}
	return everqual.ChangeEvent{}, recognise(compact)
}

// fromText reads a record that is the text of a JSON string.
func fromText(name string, quoted json.RawMessage, place everqual.Place) (everqual.ChangeEvent, error) {
	s := text(quoted)
	if quoted[0] != '"' || len(s) == 0 || s[0] != '{' {
		return everqual.ChangeEvent{}, fmt.Errorf("%s holds no CloudTrail record: %s", name, preview(s))
	}
	compact, err := compacted([]byte(s), everqual.Place{})
	if err != nil {
		return everqual.ChangeEvent{}, fmt.Errorf("%s: %w", name, err)
	}
	return fromRecord(compact, place)
}

// notEvents is a document that holds no change events by its nature: it is
// skipped, and accounted for as an input.
type notEvents struct{ what string }

func (e notEvents) Error() string { return e.what }

// recognise says what a JSON text is that is no event.
func recognise(compact []byte) error {
	if compact[0] != '{' {
		return fmt.Errorf("not an object: %s", preview(string(compact)))
	}
	for _, known := range []struct {
		keys []string
		err  error
	}{
		{[]string{"digestStartTime", "digestEndTime"}, notEvents{"a CloudTrail digest: it proves log files and holds no events"}},
		{[]string{"Records"}, errors.New("the key Records holds no list of events")},
		{[]string{"Events"}, errors.New("the key Events holds no list of events")},
		{[]string{"Service", "Event", "Bucket"}, errors.New("an S3 test notification, not an event")},
		{[]string{"Type", "MessageId", "Message"}, errors.New("an SNS message that notifies of nothing, such as the confirmation of a subscription")},
		{[]string{"configurationItems"}, errors.New("an AWS Config snapshot or history, not change events")},
	} {
		if hasAll(compact, known.keys) {
			return known.err
		}
	}
	return errors.New("neither a CloudTrail record (eventSource, eventName, eventTime) nor an EventBridge event (source, detail-type, detail)")
}

func hasAll(compact []byte, keys []string) bool {
	for _, k := range keys {
		var v json.RawMessage
		if _ = pick(compact, field{k, &v}); v == nil {
			return false
		}
	}
	return true
}

// compacted checks that raw is UTF-8 and JSON, and returns it without white
// space. Nothing else is altered, and nothing is mended: text with a byte that
// is no UTF-8 is refused, for the event would no longer be what was delivered.
func compacted(raw []byte, place everqual.Place) ([]byte, error) {
	var out bytes.Buffer
	if err := compact(&out, raw, place); err != nil {
		return nil, everqual.Permanent(err)
	}
	return out.Bytes(), nil
}

func compact(out *bytes.Buffer, raw []byte, place everqual.Place) error {
	if !utf8.Valid(raw) {
		i := invalidAt(raw)
		return fmt.Errorf("invalid UTF-8: byte 0x%02X at %s", raw[i], at(raw, i, place))
	}
	err := json.Compact(out, raw)
	if err == nil && out.Len() > 0 {
		return nil
	}
	var fault *json.SyntaxError
	var v json.RawMessage
	if !errors.As(json.Unmarshal(raw, &v), &fault) { // Compact does not tell where
		return fmt.Errorf("not JSON: %w", err)
	}
	i := min(int(fault.Offset), len(raw)) - 1
	return fmt.Errorf("not JSON: %s at %s", fault.Error(), at(raw, max(i, 0), place))
}

func invalidAt(raw []byte) int {
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return 0
}

// at names the place of raw[i], in the stream where it is known.
func at(raw []byte, i int, place everqual.Place) string {
	line := bytes.Count(raw[:i], []byte("\n"))
	if place.Line == 0 {
		return fmt.Sprintf("byte %d", i)
	}
	return fmt.Sprintf("byte %d (line %d)", place.Offset+int64(i), place.Line+line)
}

// lasting marks the error of an event that will never be one.
func lasting(e everqual.ChangeEvent, err error) (everqual.ChangeEvent, error) {
	if err != nil {
		return everqual.ChangeEvent{}, everqual.Permanent(err)
	}
	return e, nil
}
