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

// Data is the JSON without the lines of the digest and the proof, over which the
// digest is: a reader can recompute it with grep and sha256sum.
func Data(r Report) ([]byte, error) {
	r.Digest, r.Proof = "", ""
	return encode(r)
}

// digest is "" when a time lies beyond the years that JSON can hold; then WriteJSON
// gives the error.
func digest(r Report) everqual.Digest {
	b, err := Data(r)
	if err != nil {
		return ""
	}
	return everqual.DigestOf(b)
}

// Verify tells whether the report is what its digest was computed over.
func Verify(r Report) bool { return r.Digest != "" && r.Digest == digest(r) }
