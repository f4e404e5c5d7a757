package everqual

import (
	"encoding/json"
	"time"
)

// Evidence is the raw API exchange behind one observation. It is archived by
// the digest of its JSON, and replaying it through the same collector gives
// the same observation.
type Evidence struct {
	Resource    Resource  `json:"resource"`
	Caller      Caller    `json:"caller"`
	CollectedAt time.Time `json:"collected_at"`
	// Attached names what of other services' findings was read beside the
	// resource itself.
	Attached  []string   `json:"attached,omitempty"`
	Exchanges []Exchange `json:"exchanges"`
}

// Caller is the identity that asked, from sts:GetCallerIdentity.
type Caller struct {
	ARN     string `json:"arn,omitempty"`
	Account string `json:"account,omitempty"`
}

// Exchange is one API call and its last reply. Requests are kept as their
// parameters, never as headers: no credential and no signature is stored.
type Exchange struct {
	Service    string          `json:"service"`   // as IAM names it: "ec2", "s3"
	Operation  string          `json:"operation"` // "DescribeInstances"
	Region     string          `json:"region,omitempty"`
	Endpoint   string          `json:"endpoint,omitempty"` // host that answered
	Parameters json.RawMessage `json:"parameters"`
	Status     int             `json:"status"` // HTTP status, 0 when nothing came back
	// Headers holds the few reply headers that the reply needs to be read
	// again, keys in lower case.
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body"` // as received, or base64
	// BodyDigest stands in place of Body in archived evidence when several
	// observations were made from this one reply, such as a listing: the body is
	// archived once, under this digest.
	BodyDigest Digest    `json:"body_digest,omitempty"`
	Base64     bool      `json:"base64,omitempty"`   // Body is base64, it was no UTF-8
	Redacted   bool      `json:"redacted,omitempty"` // secret values were replaced by digests
	RequestID  string    `json:"request_id,omitempty"`
	At         time.Time `json:"at"`
	Attempts   int       `json:"attempts,omitempty"` // HTTP requests it took
	Error      string    `json:"error,omitempty"`    // why nothing came back
}
