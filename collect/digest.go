package collect

import (
	"encoding/json"
	"fmt"

	"github.com/everqual/everqual"
	"github.com/gowebpki/jcs"
)

// StateDigest is the SHA-256 over the canonical JSON (RFC 8785) of an
// observation's state: type, id, state, attributes, and the paths and reasons
// of what could not be read. Times, callers and messages are left out, so equal
// digests mean that nothing changed.
func StateDigest(o everqual.Observation) (everqual.Digest, error) {
	type hole struct {
		Path   string          `json:"path"`
		Reason everqual.Reason `json:"reason"`
	}
	holes := []hole{}
	for _, u := range o.Unread {
		holes = append(holes, hole{u.Path, u.Reason})
	}
	attributes := o.Attributes
	if attributes == nil {
		attributes = everqual.Attributes{}
	}
	b, err := Canonical(map[string]any{
		"type": o.Resource.Type, "id": o.Resource.ID, "state": o.State,
		"attributes": attributes, "unread": holes,
	})
	if err != nil {
		return "", fmt.Errorf("digest the state of %s: %w", o.Resource.ID, err)
	}
	return everqual.DigestOf(b), nil
}

// Canonical returns v as canonical JSON (RFC 8785).
func Canonical(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return jcs.Transform(b)
}
