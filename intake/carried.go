package intake

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/everqual/everqual"
)

// carried reads what carries an event: our own message, and the notifications
// and messages in which SNS and SQS deliver one as text. ok is false when there
// is no such thing.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
func carried(compact []byte, place everqual.Place) (e everqual.ChangeEvent, ok bool, err error) {
	var m message
	var kind, note, messageID, body json.RawMessage
	if err = pick(compact, field{"Type", &kind}, field{"Message", &note}, field{"messageId", &messageID}, field{"body", &body},
		field{"envelope", &m.envelope}); err != nil {
		return e, true, err
	}
	switch {
	case m.envelope != nil:
		if err = pick(compact, m.fields()...); err != nil {
			return e, true, err
		}
		e, err = m.event(place)
	case text(kind) == "Notification" && note != nil:
		e, err = unwrapped("Message", note, place)
	case messageID != nil && body != nil:
		e, err = unwrapped("body", body, place)
	default:
		return e, false, nil
	}
	return e, true, err
}

// unwrapped reads an event that is the text of a JSON string. Each wrapping
// escapes the text again, so that few fit into one message.
func unwrapped(name string, quoted json.RawMessage, place everqual.Place) (e everqual.ChangeEvent, err error) {
	s := text(quoted)
	if quoted[0] != '"' || len(s) == 0 || s[0] != '{' {
		return e, fmt.Errorf("%s holds no event: %s", name, preview(s))
	}
	compact, err := compacted([]byte(s), everqual.Place{})
	switch {
	case err != nil:
	case hasAll(compact, []string{"Records"}):
		err = errors.New("a document of records, not one event: read it as an input of its own")
	default:
		e, err = parse(compact, nil, place, false)
	}
	if err != nil {
		return everqual.ChangeEvent{}, fmt.Errorf("%s: %w", name, err)
	}
	return e, nil
}
