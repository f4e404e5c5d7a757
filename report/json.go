package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/everqual/everqual"
)

// WriteJSON writes the report as indented JSON with a final newline. The same
// report gives the same bytes.
func WriteJSON(w io.Writer, r Report) error {
	b, err := encode(r)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

func encode(r Report) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return nil, fmt.Errorf("encode report: %w", err)
	}
	return b.Bytes(), nil
}

// digest is over the JSON without the digest's own line and the proof's, so that
// a reader can recompute it with grep and sha256sum. It is "" when a time lies beyond the
// years that JSON can hold; then WriteJSON gives the error.
func digest(r Report) everqual.Digest {
	r.Digest, r.Proof = "", ""
	b, err := encode(r)
	if err != nil {
		return ""
	}
	return everqual.DigestOf(b)
}

// Verify tells whether the report is what its digest was computed over.
func Verify(r Report) bool { return r.Digest != "" && r.Digest == digest(r) }
