package everqual

import (
	"encoding/json"
	"time"
)

// ChangeEvent is word that a resource may have changed. It says that something
// happened, never what the resource looks like now: CloudTrail cuts large
// fields, so state is always observed.
type ChangeEvent struct {
	// ID is CloudTrail's eventID, else the EventBridge envelope's id, else the
	// digest of the raw event. The same ID is the same event, however often and
	// by whichever road it arrives.
	ID string `json:"id"`
	// Source tells the road: "cloudtrail" (log file) or "eventbridge".
	Source string `json:"source"`
	// Service is CloudTrail's eventSource ("ec2.amazonaws.com") or the
	// envelope's source ("aws.config").
	Service string `json:"service"`
	// Name is CloudTrail's eventName, or the envelope's detail-type.
	Name    string    `json:"name"`
	Time    time.Time `json:"time"`
	Account string    `json:"account,omitempty"`
	Region  string    `json:"region,omitempty"`
	Actor   Actor     `json:"actor,omitzero"`
	// ReadOnly is CloudTrail's readOnly. An event that does not say counts as
	// mutating.
	ReadOnly     bool   `json:"read_only,omitempty"`
	ErrorCode    string `json:"error_code,omitempty"`
	ErrorMessage string `json:"error_message,omitempty"`
	// Corrects is the ID of the event that this one amends (CloudTrail
	// addendum). A correction is an event of its own, never a duplicate.
	Corrects string `json:"corrects,omitempty"`
	Place    Place  `json:"place,omitzero"`
	// Envelope is the event in EventBridge form, the one form that rules see:
	// a record read from a log file is wrapped as EventBridge would deliver it.
	Envelope json.RawMessage `json:"envelope"`
}

// Actor is who made the change, from CloudTrail's userIdentity.
type Actor struct {
	Type string `json:"type,omitempty"`
	ARN  string `json:"arn,omitempty"`
	// Name is the most readable name there is: user name, role and session,
	// or the AWS service that acted.
	Name      string `json:"name,omitempty"`
	Account   string `json:"account,omitempty"`
	InvokedBy string `json:"invoked_by,omitempty"`
	SourceIP  string `json:"source_ip,omitempty"`
	UserAgent string `json:"user_agent,omitempty"`
}

// Place is where an input was read, for error messages and the audit trail.
type Place struct {
	Input string `json:"input,omitempty"` // path, or "-" for standard input
	Line  int    `json:"line,omitempty"`  // from 1
	// Offset counts bytes of the decompressed input, from 0.
	Offset int64 `json:"offset,omitempty"`
}

// Class is what became of a change event on arrival. Every event gets exactly
// one, so the counts add up.
type Class string

const (
	Duplicate  Class = "duplicate"  // its ID is already known
	ReadOnly   Class = "read_only"  // changes nothing
	Failed     Class = "failed"     // mutating call that carries an error code
	Matched    Class = "matched"    // a rule names the resources it touched
	Unmatched  Class = "unmatched"  // mutating, but touches nothing that a rule describes
	Unparsable Class = "unparsable" // could not be read as an event
)

// EventCounts accounts for change events. Total is the sum of the others.
type EventCounts struct {
	Total      int `json:"total"`
	Duplicate  int `json:"duplicate"`
	ReadOnly   int `json:"read_only"`
	Failed     int `json:"failed"`
	Matched    int `json:"matched"`
	Unmatched  int `json:"unmatched"`
	Unparsable int `json:"unparsable"`
}

// Add counts one event of class c.
func (n *EventCounts) Add(c Class) {
	n.Total++
	switch c {
	case Duplicate:
		n.Duplicate++
	case ReadOnly:
		n.ReadOnly++
	case Failed:
		n.Failed++
	case Matched:
		n.Matched++
	case Unmatched:
		n.Unmatched++
	default:
		n.Unparsable++
	}
}
