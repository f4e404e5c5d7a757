package collect

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/everqual/everqual"
)

// EncodeEvidence returns the JSON that is archived: one line, no HTML escapes. The
// bodies of shared exchanges are left out, they are archived by themselves.
func EncodeEvidence(e everqual.Evidence) ([]byte, error) {
	e.Exchanges = slices.Clone(e.Exchanges)
	for i, x := range e.Exchanges {
		if x.BodyDigest != "" {
			e.Exchanges[i].Body = ""
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return nil, fmt.Errorf("encode the evidence of %s: %w", e.Resource.ID, err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// ReadEvidence reads archived evidence, and checks that each exchange can be
// replayed; body gets the archived body of a shared exchange,
// and may be nil where there is none. Its errors are
// permanent, the same bytes never will do, unless body fails.
func ReadEvidence(b []byte, body func(everqual.Digest) ([]byte, error)) (everqual.Evidence, error) {
	var e everqual.Evidence
	decoder := json.NewDecoder(bytes.NewReader(b))
	if err := decoder.Decode(&e); err != nil {
		return e, everqual.Permanent(fmt.Errorf("read evidence: %w", err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return e, everqual.Permanent(errors.New("read evidence: there is more after its end"))
	}
	for i, x := range e.Exchanges {
		if x.BodyDigest != "" {
			if body == nil {
				return e, everqual.Permanent(fmt.Errorf("read evidence: exchange %d of %d: its body is archived by itself", i+1, len(e.Exchanges)))
			}
			shared, err := body(x.BodyDigest)
			switch {
			case err != nil:
				return e, fmt.Errorf("read evidence: exchange %d of %d: %w", i+1, len(e.Exchanges), err)
			case everqual.DigestOf(shared) != x.BodyDigest:
				return e, everqual.Permanent(fmt.Errorf("read evidence: exchange %d of %d: its body has another digest than %s", i+1, len(e.Exchanges), x.BodyDigest))
			}
			e.Exchanges[i].Body = string(shared)
		}
		if err := checkExchange(x); err != nil {
			return e, everqual.Permanent(fmt.Errorf("read evidence: exchange %d of %d: %w", i+1, len(e.Exchanges), err))
		}
	}
	return e, nil
}

func checkExchange(e everqual.Exchange) error {
	var parameters map[string]any
	switch {
	case e.Service == "" || e.Operation == "":
		return errors.New("it names no service and operation")
	case e.Status != 0 && (e.Status < 100 || e.Status > 999):
		return fmt.Errorf("%d is no HTTP status", e.Status)
	case json.Unmarshal(e.Parameters, &parameters) != nil || parameters == nil:
		return errors.New("its parameters are no JSON object")
	}
	if e.Base64 {
		if _, err := base64.StdEncoding.DecodeString(e.Body); err != nil {
			return fmt.Errorf("its body is no base64: %w", err)
		}
	}
	return nil
}
