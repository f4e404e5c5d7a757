package verify

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/everqual/everqual"
	"github.com/go-json-experiment/json"
)

var (
	errNoObject = errors.New("it is no JSON object")
	errSpelling = errors.New("a member's name is the one of a member that is known, but for upper and lower case")
)

// decode reads a JSON object. Two programs must not read two things out of what was
// signed: a member twice, text that is no UTF-8, base64 with line ends, and a name that
// some readers take for another are errors.
func decode(text []byte, into any) error {
	if !bytes.HasPrefix(text, []byte("{")) {
		return errNoObject
	}
	if err := json.Unmarshal(text, into); err != nil {
		return err
	}
	read := reflect.ValueOf(into).Elem()
	loose := reflect.New(read.Type())
	err := json.Unmarshal(text, loose.Interface(), json.MatchCaseInsensitiveNames(true))
	if err != nil || !reflect.DeepEqual(loose.Elem().Interface(), read.Interface()) {
		return errSpelling
	}
	return nil
}

// recordOf is the record that an entry and a body make, and the digest that the entry
// says of the body. An entry is written in one way only: what another way could say
// beside would be read by some and not by others.
func recordOf(text, body []byte) (r everqual.Record, said everqual.Digest, err error) {
	var e entry
	if err := json.Unmarshal(text, &e); err != nil {
		return r, "", fmt.Errorf("it is no JSON object: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, e.Time)
	r = everqual.Record{
		Sequence: e.Sequence, Kind: e.Kind, Key: e.Key, Subjects: e.Subjects, Time: at.Truncate(time.Millisecond),
		Body: body, Previous: e.Previous, Hash: sum(text),
	}
	if err != nil {
		return r, e.Body, fmt.Errorf("its time is no time: %w", err)
	}
	written, err := entryOf(r, e.Body)
	if i := differs(written, text); err == nil && i >= 0 {
		err = fmt.Errorf("it is not written as entries are, from its byte %d on", i)
	}
	return r, e.Body, err
}

// restsOn are the digests of what a record rests on: the evidence of an observation or a
// confirmation, the text of a specification, a report's data, CloudTrail's digests and keys.
func restsOn(kind everqual.Kind, body []byte) ([]everqual.Digest, error) {
	switch kind {
	case everqual.KindObservation, everqual.KindConfirmation:
		var said struct {
			Evidence everqual.Digest `json:"evidence"`
		}
		err := decode(body, &said)
		return named(said.Evidence), err
	case everqual.KindSpecification:
		var said struct {
			Digest everqual.Digest `json:"digest"`
		}
		err := decode(body, &said)
		return named(said.Digest), err
	case everqual.KindReport:
		var said everqual.ReportIssued
		err := decode(body, &said)
		return named(said.Data), err
	case everqual.KindCompleteness:
		var said everqual.Completeness
		if err := decode(body, &said); err != nil {
			return nil, err
		}
		on := []everqual.Digest{said.Keys}
		for _, f := range said.Digests {
			on = append(on, f.Blob)
		}
		return on, nil
	}
	return nil, nil
}

func named(d everqual.Digest) []everqual.Digest {
	if d == "" {
		return nil
	}
	return []everqual.Digest{d}
}

// repliesIn are the digests of the replies that a piece of evidence shares with
// others; nothing for what is no evidence.
func repliesIn(b []byte) (shared []everqual.Digest) {
	var e struct {
		Exchanges []struct {
			BodyDigest everqual.Digest `json:"body_digest"`
		} `json:"exchanges"`
	}
	if json.Unmarshal(b, &e) != nil {
		return nil
	}
	for _, x := range e.Exchanges {
		if x.BodyDigest != "" {
			shared = append(shared, x.BodyDigest)
		}
	}
	return shared
}
