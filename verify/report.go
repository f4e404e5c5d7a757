package verify

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/everqual/everqual"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// Report checks a report in its JSON form: that it is what its digest was made of,
// and that the ledger whose checkpoint one of the keys signed holds this digest.
func Report(text []byte, keys ...note.Verifier) *Result {
	r := &Result{Findings: []Finding{}}
	var said struct {
		Digest everqual.Digest `json:"digest"`
		Proof  string          `json:"proof"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		r.Find(Finding{Message: "it is no report: " + err.Error()})
		return r
	}
	outside := []string{`  "digest": ` + quoted(string(said.Digest)) + ",\n"}
	if said.Proof != "" {
		outside = append(outside, `  "proof": `+quoted(said.Proof)+",\n")
	}
	switch content, err := content(text, outside...); {
	case err != nil:
		r.Find(Finding{Message: err.Error()})
	case sum(content) != said.Digest:
		r.Find(Finding{Field: "digest", Message: fmt.Sprintf("the report's content gives %s: it was changed after it was issued", sum(content).Short())})
	}
	if said.Proof == "" {
		r.Find(Finding{Field: "proof", Message: "it brings no proof that a ledger holds it"})
		return r
	}
	if err := r.included(said.Digest, said.Proof, keys); err != nil {
		r.Find(Finding{Field: "proof", Message: err.Error()})
	}
	return r
}

// content is the text without the lines that the digest is not over. Each must be
// there once and hold nothing else: what stood beside would be protected by nothing.
func content(text []byte, outside ...string) ([]byte, error) {
	for _, line := range outside {
		before, after, found := bytes.Cut(text, []byte("\n"+line))
		if !found || bytes.Contains(after, []byte("\n"+line)) {
			return nil, fmt.Errorf("%.24q begins a line that is not as reports are written", line)
		}
		text = slices.Concat(before, []byte("\n"), after)
	}
	return text, nil
}

// quoted is a text as reports are written.
func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // of a string: cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}

// included checks the proof: entry and body of a record that names the report, and
// the way from there to a signed root. https://c2sp.org/tlog-proof
func (r *Result) included(report everqual.Digest, text string, keys []note.Verifier) error {
	head, signed, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 4 || lines[2] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("it is no proof: an entry, a body, and a tlog-proof are expected")
	}
	var e entry
	var body struct {
		Digest everqual.Digest `json:"digest"`
	}
	if err := json.Unmarshal([]byte(lines[0]), &e); err != nil {
		return fmt.Errorf("its entry is no JSON: %w", err)
	}
	switch err := json.Unmarshal([]byte(lines[1]), &body); {
	case err != nil:
		return fmt.Errorf("its body is no JSON: %w", err)
	case e.Kind != everqual.KindReport || e.Body != sum([]byte(lines[1])):
		return fmt.Errorf("its body is not what its entry says")
	case body.Digest != report:
		return fmt.Errorf("it is the proof of another report, %s", body.Digest.Short())
	case lines[3] != "index "+strconv.FormatUint(e.Sequence-1, 10):
		return fmt.Errorf("%q is not the place of record %d", lines[3], e.Sequence)
	}
	c, err := open([]byte(signed), note.VerifierList(keys...))
	if err != nil {
		return fmt.Errorf("its checkpoint is signed by none of the given keys: %w", err)
	}
	path := make([][]byte, 0, len(lines)-4)
	for _, l := range lines[4:] {
		h, err := base64.StdEncoding.Strict().DecodeString(l)
		if err != nil {
			return fmt.Errorf("%q is no hash", l)
		}
		path = append(path, h)
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, e.Sequence-1, c.size, leafOf([]byte(lines[0])), path, rootOf(c)); err != nil {
		return fmt.Errorf("the record is not in the ledger that was signed: %w", err)
	}
	r.Origin, r.Size, r.Root, r.Records, r.Checkpoints = c.origin, c.size, c.root, 1, 1
	return nil
}
