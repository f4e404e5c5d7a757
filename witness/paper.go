// Package witness gets the word of others on the ledger's checkpoints: cosignatures
// of witnesses and time-stamps of authorities, from a file or over the network.
// What it reads it takes apart; whether it holds is for verify to say.
package witness

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"

	"github.com/digitorus/timestamp"
	"github.com/everqual/everqual"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// MaxPaper bounds what is read, in bytes; maxStamp and maxDepth what is read as a
// time-stamp: the library takes long over what is nested deep.
const (
	MaxPaper = 1 << 20
	maxStamp = 64 << 10
	maxDepth = 32
)

// Paper is what somebody gave for a checkpoint: a signed note with cosignatures, or
// a time-stamp token.
type Paper struct {
	note  []byte // as it came
	text  string // what is signed in it
	stamp *timestamp.Timestamp
}

// Read reads a signed note, a TimeStampResp or a TimeStampToken in DER.
func Read(b []byte) (*Paper, error) {
	if len(b) > MaxPaper {
		return nil, fmt.Errorf("it has more than %d bytes", MaxPaper)
	}
	if len(b) > 0 && b[0] == 0x30 && !bytes.Contains(b, []byte("\n\n\u2014 ")) { // a SEQUENCE, or the digit 0
		stamp, err := readStamp(b)
		return &Paper{stamp: stamp}, err
	}
	_, err := note.Open(b, note.VerifierList())
	var unknown *note.UnverifiedNoteError
	if !errors.As(err, &unknown) {
		return nil, fmt.Errorf("it is neither a signed note nor a time-stamp in DER: %w", err)
	}
	return &Paper{note: b, text: unknown.Note.Text}, nil
}

// readStamp reads a token, or the reply that brings one. What a token begins with
// is an object identifier, a reply its status.
func readStamp(b []byte) (*timestamp.Timestamp, error) {
	if len(b) > maxStamp {
		return nil, fmt.Errorf("it has %d bytes, a time-stamp at most %d", len(b), maxStamp)
	}
	if err := wellFormed(b, maxDepth); err != nil {
		return nil, fmt.Errorf("it is no time-stamp in DER: %w", err)
	}
	var outer, first asn1.RawValue
	if _, err := asn1.Unmarshal(b, &outer); err != nil {
		return nil, fmt.Errorf("it is no time-stamp in DER: %w", err)
	}
	if _, err := asn1.Unmarshal(outer.Bytes, &first); err != nil {
		return nil, fmt.Errorf("it is no time-stamp in DER: %w", err)
	}
	parse, what := timestamp.ParseResponse, "the authority's reply"
	if first.Tag == asn1.TagOID {
		parse, what = timestamp.Parse, "the time-stamp"
	}
	stamp, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if len(stamp.Certificates) == 0 {
		return nil, fmt.Errorf("%s brings no certificate: ask for one with its certificate", what)
	}
	return stamp, nil
}

// wellFormed tells why b is not one value with lengths that fit: the libraries
// behind are written for friendly input.
func wellFormed(b []byte, deep int) error {
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(b, &v)
	switch {
	case err != nil:
	case len(rest) > 0:
		err = fmt.Errorf("%d bytes follow it", len(rest))
	case deep == 0:
		err = fmt.Errorf("it is nested deeper than %d levels", maxDepth)
	}
	for inside := v.Bytes; err == nil && v.IsCompound && len(inside) > 0; inside = rest {
		var next asn1.RawValue
		if rest, err = asn1.Unmarshal(inside, &next); err == nil {
			err = wellFormed(next.FullBytes, deep-1)
		}
	}
	return err
}

// Over tells why the paper is not over a checkpoint.
func (p *Paper) Over(c everqual.Checkpoint) error {
	if p.stamp == nil {
		if p.text != textOf(c) {
			return fmt.Errorf("the note signs %q, the checkpoint is %q", p.text, textOf(c))
		}
		return nil
	}
	imprint := sha256.Sum256([]byte(c.Note))
	switch {
	case p.stamp.HashAlgorithm != crypto.SHA256:
		return fmt.Errorf("the time-stamp is over a digest of %s, SHA-256 is expected", p.stamp.HashAlgorithm)
	case !bytes.Equal(p.stamp.HashedMessage, imprint[:]):
		return fmt.Errorf("the time-stamp is over %x, the checkpoint's note has the SHA-256 %x", p.stamp.HashedMessage, imprint)
	}
	return nil
}

// textOf is what a checkpoint's signatures are over.
func textOf(c everqual.Checkpoint) string {
	text, _, _ := strings.Cut(c.Note, "\n\n")
	return text + "\n"
}

// Attestations is what there is to record of the paper, an attestation for each of
// the keys' cosignatures or for the one time-stamp.
func (p *Paper) Attestations(c everqual.Checkpoint, keys ...note.Verifier) ([]everqual.Attestation, error) {
	if err := p.Over(c); err != nil {
		return nil, err
	}
	a := everqual.Attestation{Size: c.Size, Root: c.Root, Form: everqual.TimeStamp, Note: c.Note}
	if p.stamp != nil {
		a.Token, a.Time = p.stamp.RawToken, p.stamp.Time.UTC()
		signer, err := signerOf(a.Token)
		if err != nil {
			return nil, err
		}
		a.By = signer.Subject.String()
		return []everqual.Attestation{a}, nil
	}
	n, err := note.Open(p.note, note.VerifierList(keys...))
	var unknown *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unknown):
		return nil, p.unknown(unknown.Note.UnverifiedSigs)
	case err != nil:
		return nil, fmt.Errorf("the cosignature is not the witness's: %w", err)
	}
	var all []everqual.Attestation
	for _, s := range n.Sigs {
		at, err := cosignature.CoSigV1Timestamp(s)
		if err != nil {
			return nil, fmt.Errorf("the cosignature of %s: %w", s.Name, err)
		}
		a.Form, a.By, a.Time = everqual.Cosignature, s.Name, at.UTC()
		a.Note = c.Note + "\u2014 " + s.Name + " " + s.Base64 + "\n"
		all = append(all, a)
	}
	return all, nil
}

// unknown says whose signatures there are, when none is by a key that was given.
func (p *Paper) unknown(sigs []note.Signature) error {
	origin, _, _ := strings.Cut(p.text, "\n")
	var others []string
	for _, s := range sigs {
		if s.Name != origin {
			others = append(others, s.Name)
		}
	}
	if others == nil {
		return errors.New("it brings no cosignature")
	}
	return fmt.Errorf("it is cosigned by %s, and none of them by a key that was given: name the witness's with --key", strings.Join(others, ", "))
}
