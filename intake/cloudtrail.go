package intake

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/everqual/everqual"
)

// FromRecord reads one CloudTrail record. The event's envelope is the one that
// EventBridge would deliver for it, with the record unaltered as its detail.
// Only the major event version 1 is known, as AWS asks readers to check:
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
func FromRecord(raw []byte, place everqual.Place) (everqual.ChangeEvent, error) {
	compact, err := compacted(raw, place)
	if err != nil {
		return everqual.ChangeEvent{}, err
	}
	return lasting(fromRecord(compact, place))
}

// record is what is read of a CloudTrail record.
type record struct {
	version, time, source, name, id, kind, region json.RawMessage
	identity, readOnly, errorCode, errorMessage   json.RawMessage
	recipient, sourceIP, userAgent                json.RawMessage
	addendum, insight                             json.RawMessage
	// detailType and text tell what is not a record itself, but holds one.
	detailType, text json.RawMessage
	brief            bool // see Reader.Brief
}

// slot says where a member of a record goes.
func (r *record) slot(key []byte) *json.RawMessage {
	switch string(key) {
	case "eventVersion":
		return &r.version
	case "eventTime":
		return &r.time
	case "eventSource":
		return &r.source
	case "eventName":
		return &r.name
	case "eventID":
		return &r.id
	case "eventType":
		return &r.kind
	case "awsRegion":
		return &r.region
	case "userIdentity":
		return &r.identity
	case "readOnly":
		return &r.readOnly
	case "errorCode":
		return &r.errorCode
	case "errorMessage":
		return &r.errorMessage
	case "recipientAccountId":
		return &r.recipient
	case "sourceIPAddress":
		return &r.sourceIP
	case "userAgent":
		return &r.userAgent
	case "addendum":
		return &r.addendum
	case "insightDetails":
		return &r.insight
	case "detail-type":
		return &r.detailType
	case "CloudTrailEvent":
		return &r.text
	}
	return nil
}

// fromRecord reads a record as compact JSON.
func fromRecord(compact []byte, place everqual.Place) (e everqual.ChangeEvent, err error) {
	var r record
	if err = pickTo(compact, nil, r.slot); err != nil {
		return e, err
	}
	return r.event(compact, place)
}

// event makes an event of a record, whose text is compact.
func (r *record) event(compact []byte, place everqual.Place) (e everqual.ChangeEvent, err error) {
	if err = r.supported(); err != nil {
		return e, err
	}
	if r.brief && string(r.readOnly) == "true" && plainText(r.source) && plainText(r.name) {
		e = everqual.ChangeEvent{Source: "cloudtrail", Place: place, ReadOnly: true}
		if e.Time, err = eventTime("eventTime", r.time); err != nil {
			return e, err
		}
		return e, r.identify(&e, compact)
	}
	e = everqual.ChangeEvent{
		Source: "cloudtrail", Region: text(r.region), Place: place, ReadOnly: text(r.readOnly) == "true",
		ErrorCode: text(r.errorCode), ErrorMessage: text(r.errorMessage),
	}
	if err = r.what(&e); err != nil {
		return e, err
	}
	if e.Time, err = eventTime("eventTime", r.time); err != nil {
		return e, err
	}
	if e.Actor, err = r.actor(); err != nil {
		return e, err
	}
	e.Account = cmp.Or(text(r.recipient), e.Actor.Account)
	if err = r.identify(&e, compact); err != nil {
		return e, err
	}
	e.Envelope = envelope(e, detailType(text(r.kind)), compact)
	return e, nil
}

// supported checks the major version; a record that states none is taken.
func (r *record) supported() error {
	if bytes.HasPrefix(r.version, []byte(`"1.`)) {
		return nil
	}
	v := text(r.version)
	if major, _, _ := strings.Cut(v, "."); v != "" && major != "1" {
		return fmt.Errorf("CloudTrail event version %s is unknown: only major version 1 can be read", preview(v))
	}
	return nil
}

// what sets service and name. An Insights event tells of an unusual rate of
// calls, each of which has an event of its own: it changes nothing itself.
func (r *record) what(e *everqual.ChangeEvent) (err error) {
	if text(r.kind) == "AwsCloudTrailInsight" && r.source == nil {
		e.Service, e.Name, e.ReadOnly = "cloudtrail.amazonaws.com", "AwsCloudTrailInsight", true
		return nil
	}
	if e.Service, err = required("eventSource", r.source); err != nil {
		return err
	}
	e.Name, err = required("eventName", r.name)
	return err
}

// identify sets the ID. An addendum is an event of its own, even under the
// eventID of its original, so its content is part of its ID.
func (r *record) identify(e *everqual.ChangeEvent, compact []byte) (err error) {
	if r.id == nil {
		e.ID = string(everqual.DigestOf(compact))
	} else if e.ID, err = required("eventID", r.id); err != nil {
		return err
	}
	if len(r.addendum) == 0 || r.addendum[0] != '{' {
		return nil
	}
	var original json.RawMessage
	if err = pick(r.addendum, field{"originalEventID", &original}); err != nil {
		return err
	}
	e.Corrects = cmp.Or(text(original), e.ID)
	e.ID += "/addendum/" + everqual.DigestOf(compact).Hex()[:16]
	return nil
}

// timeFormats are RFC 3339, as AWS writes it, and ISO 8601's basic offset.
var timeFormats = []string{time.RFC3339, "2006-01-02T15:04:05Z0700"}

// lasts tells whether JSON can carry the year.
func lasts(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 9999 }

// eventTime reads a time. Years that JSON could not carry are refused.
func eventTime(name string, raw json.RawMessage) (time.Time, error) {
	var t time.Time
	if plainText(raw) && t.UnmarshalText(raw[1:len(raw)-1]) == nil && lasts(t.UTC()) { // nearly always
		return t.UTC(), nil
	}
	s, err := required(name, raw)
	if err != nil {
		return time.Time{}, err
	}
	for _, format := range timeFormats {
		if t, err := time.Parse(format, s); err == nil {
			if t = t.UTC(); lasts(t) {
				return t, nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("%s %s is no time like 2006-01-02T15:04:05Z", name, preview(s))
}
