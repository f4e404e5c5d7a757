package everqual

import "time"

// Attributes is the state of a resource in the shape and with the names of
// AWS's API replies, so that it can be held against the AWS command line.
// Values are JSON values: nil, bool, float64, string, []any, map[string]any.
// An explicit nil says "asked, and none is set"; integers above 2^53 are
// strings, because JSON numbers would lose digits.
type Attributes map[string]any

// State tells whether the resource was there.
type State string

const (
	Present State = "PRESENT"
	Deleted State = "DELETED" // AWS says that it does not exist (any more)
)

// Observation is the state of one resource at one time, as collected.
type Observation struct {
	Resource   Resource          `json:"resource"`
	Version    int               `json:"version,omitempty"` // given by the ledger, from 1
	State      State             `json:"state"`
	Name       string            `json:"name,omitempty"` // Name tag, else the id's last part
	Tags       map[string]string `json:"tags,omitempty"`
	Attributes Attributes        `json:"attributes,omitempty"`
	// Parts are other resources whose state is nested in the attributes, such
	// as an instance's security groups: when they change, this one has to be
	// observed again.
	Parts []ResourceID `json:"parts,omitempty"`
	// Unread lists what could not be read, sorted by path. Nothing at or below
	// these paths may be judged.
	Unread []Unread `json:"unread,omitempty"`
	// Digest is over the canonical JSON (RFC 8785) of type, id, state,
	// attributes and the paths and reasons of Unread: equal digests mean that
	// nothing changed. Times and volatile attributes are not part of it.
	Digest      Digest    `json:"digest"`
	CollectedAt time.Time `json:"collected_at"`
	// Collector names the code that composed the observation and the version
	// of its normalisation, such as "AWS::EC2::Instance/1".
	Collector string `json:"collector"`
	Caller    Caller `json:"caller,omitzero"`
	// Evidence is the digest of the archived Evidence behind it.
	Evidence Digest `json:"evidence"`
}

// Unread is one part of a resource that could not be read.
type Unread struct {
	// Path is the top-level attribute, or "" for the whole resource.
	Path   string `json:"path"`
	Reason Reason `json:"reason"`
	// Call is the AWS action, such as "s3:GetBucketPolicy".
	Call    string `json:"call,omitempty"`
	Message string `json:"message,omitempty"`
}

// Reason is why something could not be read or judged.
type Reason string

const (
	Denied      Reason = "DENIED"       // the collector's role may not
	Throttled   Reason = "THROTTLED"    // beyond the last retry
	Unreachable Reason = "UNREACHABLE"  // network, time-out, AWS 5xx beyond retry
	Unsupported Reason = "UNSUPPORTED"  // no collector, or the service has no such call here
	Invalid     Reason = "INVALID"      // AWS refused the request, or the reply made no sense
	NoAttribute Reason = "NO ATTRIBUTE" // the observation has no such attribute
	NoMatch     Reason = "NO MATCH"     // the expression selected nothing
	Mistyped    Reason = "MISTYPED"     // the value cannot be compared so
)

// Retryable tells whether observing again later may read what is unread now.
func (r Reason) Retryable() bool { return r == Throttled || r == Unreachable }
