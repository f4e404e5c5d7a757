package intake

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/everqual/everqual"
)

// message is a change event as the shipped input transformers write it for an
// EventBridge target: our keys around the envelope. A key that is left out or
// empty says nothing.
type message struct {
	id, source, service, name, time, account, region json.RawMessage
	actor, readOnly, errorCode, errorMessage         json.RawMessage
	corrects, envelope                               json.RawMessage
}

func (m *message) fields() []field {
	return []field{
		{"id", &m.id}, {"source", &m.source}, {"service", &m.service}, {"name", &m.name}, {"time", &m.time},
		{"account", &m.account}, {"region", &m.region}, {"actor", &m.actor}, {"read_only", &m.readOnly},
		{"error_code", &m.errorCode}, {"error_message", &m.errorMessage}, {"corrects", &m.corrects},
		{"envelope", &m.envelope},
	}
}

// event reads the event from the envelope alone, which decides. What the
// message says besides must agree: a message whose two halves tell different
// events was altered on its way, or its template is wrong. Where the message was
// made (place) is not compared: this is another place.
func (m *message) event(place everqual.Place) (e everqual.ChangeEvent, err error) {
	if m.envelope[0] != '{' {
		return e, fmt.Errorf("envelope is no object: %s", preview(text(m.envelope)))
	}
	if e, err = fromEnvelope(m.envelope, place); err != nil {
		return e, fmt.Errorf("envelope: %w", err)
	}
	if err = m.agrees(e); err != nil {
		return everqual.ChangeEvent{}, err
	}
	return e, nil
}

// claim is what a message says of an event, and what the envelope says.
type claim struct {
	name string
	raw  json.RawMessage
	want string
}

func (m *message) agrees(e everqual.ChangeEvent) error {
	var a struct{ kind, arn, name, account, invokedBy, sourceIP, userAgent json.RawMessage }
	err := pick(m.actor, field{"type", &a.kind}, field{"arn", &a.arn}, field{"name", &a.name}, field{"account", &a.account},
		field{"invoked_by", &a.invokedBy}, field{"source_ip", &a.sourceIP}, field{"user_agent", &a.userAgent})
	if err != nil {
		return fmt.Errorf("actor: %w", err)
	}
	if s := text(m.actor); s != "" && m.actor[0] != '{' {
		return fmt.Errorf("actor is no object: %s", preview(s))
	}
	if err := sameTime(m.time, e); err != nil {
		return err
	}
	for _, c := range []claim{
		{"id", m.id, e.ID}, {"source", m.source, e.Source}, {"service", m.service, e.Service}, {"name", m.name, e.Name},
		{"account", m.account, e.Account}, {"region", m.region, e.Region}, {"read_only", m.readOnly, strconv.FormatBool(e.ReadOnly)},
		{"error_code", m.errorCode, e.ErrorCode}, {"error_message", m.errorMessage, e.ErrorMessage}, {"corrects", m.corrects, e.Corrects},
		{"actor.type", a.kind, e.Actor.Type}, {"actor.arn", a.arn, e.Actor.ARN}, {"actor.name", a.name, e.Actor.Name},
		{"actor.account", a.account, e.Actor.Account}, {"actor.invoked_by", a.invokedBy, e.Actor.InvokedBy},
		{"actor.source_ip", a.sourceIP, e.Actor.SourceIP}, {"actor.user_agent", a.userAgent, e.Actor.UserAgent},
	} {
		got := text(c.raw)
		// A template can only write the eventID of an addendum, see identify.
		ofAddendum := c.name == "id" && strings.HasPrefix(e.ID, got+"/addendum/")
		if got != "" && got != c.want && !ofAddendum {
			return fmt.Errorf("%s is %s, but the envelope says %s", c.name, preview(got), preview(c.want))
		}
	}
	return nil
}

func sameTime(raw json.RawMessage, e everqual.ChangeEvent) error {
	if text(raw) == "" {
		return nil
	}
	t, err := eventTime("time", raw)
	if err == nil && !t.Equal(e.Time) {
		err = fmt.Errorf("time is %s, but the envelope says %q", preview(text(raw)), e.Time.Format("2006-01-02T15:04:05.999999999Z07:00"))
	}
	return err
}
