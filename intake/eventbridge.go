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

// FromEnvelope reads one event as EventBridge delivers it. An event that came
// by way of CloudTrail takes its fields and its ID from the CloudTrail record
// in it, so that the same event in a log file is the same event.
// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
func FromEnvelope(raw []byte, place everqual.Place) (everqual.ChangeEvent, error) {
	compact, err := compacted(raw, place)
	if err != nil {
		return everqual.ChangeEvent{}, err
	}
	return lasting(fromEnvelope(compact, place))
}

type wrapping struct {
	version, id, detailType, source, account, time, region, detail json.RawMessage
}

// fromEnvelope reads an envelope as compact JSON, which it keeps.
func fromEnvelope(compact []byte, place everqual.Place) (e everqual.ChangeEvent, err error) {
	var w wrapping
	err = pick(compact,
		field{"version", &w.version}, field{"id", &w.id}, field{"detail-type", &w.detailType},
		field{"source", &w.source}, field{"account", &w.account}, field{"time", &w.time},
		field{"region", &w.region}, field{"detail", &w.detail})
	if err != nil {
		return e, err
	}
	if v := text(w.version); v != "" && v != "0" {
		return e, fmt.Errorf("EventBridge event version %s is unknown: only version 0 can be read", preview(v))
	}
	if len(w.detail) == 0 || w.detail[0] != '{' {
		return e, fmt.Errorf("the EventBridge event has no detail object")
	}
	recorded, err := w.viaCloudTrail()
	if err != nil {
		return e, err
	}
	if recorded {
		e, err = w.fromDetail(place)
	} else {
		e, err = w.plain(place)
	}
	if e.ID == "" && w.id != nil && err == nil {
		e.ID, err = required("id", w.id)
	}
	e.ID = cmp.Or(e.ID, string(everqual.DigestOf(compact)))
	e.Source, e.Envelope = "eventbridge", bytes.Clone(compact)
	e.Account, e.Region = cmp.Or(e.Account, text(w.account)), cmp.Or(e.Region, text(w.region))
	return e, err
}

// viaCloudTrail tells whether the detail is a CloudTrail record.
func (w wrapping) viaCloudTrail() (bool, error) {
	var id, name, source json.RawMessage
	err := pick(w.detail, field{"eventID", &id}, field{"eventName", &name}, field{"eventSource", &source})
	return strings.HasSuffix(text(w.detailType), " via CloudTrail") || id != nil && name != nil && source != nil, err
}

func (w wrapping) fromDetail(place everqual.Place) (everqual.ChangeEvent, error) {
	e, err := fromRecord(w.detail, place)
	if err != nil {
		return e, fmt.Errorf("detail: %w", err)
	}
	return e, nil
}

// plain reads an event that a service sent itself. It does not say who acted,
// nor that it changes nothing.
func (w wrapping) plain(place everqual.Place) (e everqual.ChangeEvent, err error) {
	e.Place = place
	if e.Service, err = required("source", w.source); err != nil {
		return e, err
	}
	if e.Name, err = required("detail-type", w.detailType); err != nil {
		return e, err
	}
	e.Time, err = eventTime("time", w.time)
	return e, err
}

// detailTypes are the names under which EventBridge delivers CloudTrail's
// types of events. The sign-in one is spelt as it is delivered.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
func detailType(eventType string) string {
	switch eventType {
	case "AwsServiceEvent":
		return "AWS Service Event via CloudTrail"
	case "AwsConsoleSignIn":
		return "AWS Console Sign In via CloudTrail"
	case "AwsConsoleAction":
		return "AWS Console Action via CloudTrail"
	case "AwsCloudTrailInsight":
		return "AWS Insight via CloudTrail"
	case "AwsVpceEvent":
		return "AWS Network Activity Event via CloudTrail"
	}
	return "AWS API Call via CloudTrail"
}

// envelope wraps a CloudTrail record as EventBridge would deliver it.
func envelope(e everqual.ChangeEvent, detailType string, record []byte) json.RawMessage {
	service, _, found := strings.Cut(e.Service, ".amazonaws.com")
	if !found {
		service, _, _ = strings.Cut(e.Service, ".")
	}
	b := make([]byte, 0, len(record)+300)
	b = quote(append(b, `{"version":"0","id":`...), e.ID)
	b = quote(append(b, `,"detail-type":`...), detailType)
	b = quote(append(b, `,"source":`...), "aws."+service)
	b = quote(append(b, `,"account":`...), e.Account)
	b = quote(append(b, `,"time":`...), e.Time.Format(time.RFC3339))
	b = quote(append(b, `,"region":`...), e.Region)
	b = append(b, `,"resources":[],"detail":`...)
	return append(append(b, record...), '}')
}
