package verify

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
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
		Digest   everqual.Digest `json:"digest"`
		Proof    string          `json:"proof"`
		Document struct {
			Number string `json:"number"`
		} `json:"document"`
		System struct {
			ID string `json:"id"`
		} `json:"system"`
	}
	if err := decode(text, &said); err != nil {
		r.Find(Finding{Message: "it is no report: " + err.Error()})
		return r
	}
	outside := `  "digest": ` + quoted(string(said.Digest)) + ",\n"
	if said.Proof != "" {
		outside += `  "proof": ` + quoted(said.Proof) + ",\n"
	}
	switch content, err := content(text, outside); {
	case err != nil:
		r.Find(Finding{Message: err.Error()})
	case sum(content) != said.Digest:
		r.Find(Finding{Field: "digest", Message: fmt.Sprintf("the report's content gives %s, its digest is %s: one of the two was changed after it was issued", sum(content).Short(), said.Digest.Short())})
	}
	if said.Proof == "" {
		r.Find(Finding{Field: "proof", Message: "it brings no proof that a ledger holds it"})
		return r
	}
	if err := r.included(everqual.ReportIssued{System: said.System.ID, Number: said.Document.Number, Digest: said.Digest}, said.Proof, keys); err != nil {
		r.Find(Finding{Field: "proof", Message: err.Error()})
	}
	return r
}

// content is the text without the lines that the digest is not over. They must be there
// once, one after the other, and hold nothing else: what stood beside would be protected
// by nothing.
func content(text []byte, outside string) ([]byte, error) {
	before, after, found := bytes.Cut(text, []byte("\n"+outside))
	if !found || bytes.Contains(after, []byte("\n"+outside)) {
		return nil, errors.New("the lines of its digest and its proof are not as reports are written")
	}
	return slices.Concat(before, []byte("\n"), after), nil
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
func (r *Result) included(report everqual.ReportIssued, text string, keys []note.Verifier) error {
	head, signed, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 4 || lines[2] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("it is no proof: an entry, a body, and a tlog-proof are expected")
	}
	e, body, err := recordOf([]byte(lines[0]), []byte(lines[1]))
	var issued everqual.ReportIssued
	if err != nil {
		return fmt.Errorf("its entry: %w", err)
	}
	switch err := decode(e.Body, &issued); {
	case err != nil:
		return fmt.Errorf("its body: %w", err)
	case e.Kind != everqual.KindReport || body != sum(e.Body):
		return fmt.Errorf("its body is not what its entry says")
	case issued.Digest != report.Digest:
		return fmt.Errorf("it is the proof of another report, %s", issued.Digest.Short())
	case issued.System != report.System || issued.Number != "" && issued.Number != report.Number:
		return fmt.Errorf("it says that report %s of %s was issued, this is %s of %s", issued.Number, issued.System, report.Number, report.System)
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
		if err != nil || base64.StdEncoding.EncodeToString(h) != l { // line ends are passed over
			return fmt.Errorf("%q is no hash", l)
		}
		path = append(path, h)
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, e.Sequence-1, c.size, leafOf([]byte(lines[0])), path, rootOf(c)); err != nil {
		return fmt.Errorf("the hashes do not lead from record %d to the signed root of %d records: one of them was changed, or it is the proof of another ledger", e.Sequence, c.size)
	}
	r.Origin, r.Size, r.Root, r.Records, r.Checkpoints = c.origin, c.size, c.root, 1, 1
	return nil
}
