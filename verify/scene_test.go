package verify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/bundle"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
	"github.com/everqual/everqual/verify"
	"github.com/everqual/everqual/witness"
	"github.com/everqual/everqual/witness/witnesstest"
	"golang.org/x/mod/sumdb/note"
)

var noon = time.Date(2020, 3, 2, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// scene is a ledger of seven records with a checkpoint of the first seven, and
// those who could vouch for it.
type scene struct {
	t          testing.TB
	store      *ledgertest.Memory
	ledger     *ledger.Ledger
	signer     note.Signer
	public     string
	key        note.Verifier
	one, two   *witnesstest.Witness
	authority  *witnesstest.Authority
	checkpoint everqual.Checkpoint
	blobs      map[everqual.Digest][]byte
}

func newScene(t testing.TB) *scene {
	t.Helper()
	s := &scene{t: t, store: &ledgertest.Memory{}, one: witnesstest.NewWitness("w.example/1", atNoon), two: witnesstest.NewWitness("w.example/2", atNoon)}
	s.ledger = ledger.New(s.store, atNoon)
	secret, public, err := note.GenerateKey(rand.Reader, "everqual/test")
	s.ok(err)
	s.public = public
	s.signer, err = note.NewSigner(secret)
	s.ok(err)
	s.key, err = note.NewVerifier(public)
	s.ok(err)
	s.authority, err = witnesstest.NewAuthority(atNoon)
	s.ok(err)
	s.add(7)
	s.checkpoint = s.sign()
	return s
}

func (s *scene) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) add(n int) {
	for range n {
		head, err := s.ledger.Head(context.Background())
		s.ok(err)
		_, _, err = s.ledger.Append(context.Background(), ledger.Entry{Kind: "test", Key: fmt.Sprint("k", head.Sequence), Body: head.Sequence})
		s.ok(err)
	}
}

func (s *scene) sign() everqual.Checkpoint {
	c, err := s.ledger.Checkpoint(context.Background(), s.signer)
	s.ok(err)
	return c
}

// textOf is what is signed of a checkpoint.
func textOf(c everqual.Checkpoint) string { return c.Note[:strings.Index(c.Note, "\n\n")+1] }

// cosigned is the attestation of a witness at a time.
func cosigned(c everqual.Checkpoint, w *witnesstest.Witness, at time.Time) everqual.Attestation {
	return everqual.Attestation{Size: c.Size, Root: c.Root, Form: everqual.Cosignature, Note: c.Note + w.Line(textOf(c), at), By: w.Name, Time: at}
}

// stamped is the attestation of an authority at a time.
func (s *scene) stamped(c everqual.Checkpoint, by *witnesstest.Authority, at time.Time) everqual.Attestation {
	s.t.Helper()
	reply, err := by.Stamp([]byte(c.Note), at)
	s.ok(err)
	p, err := witness.Read(reply)
	s.ok(err)
	all, err := p.Attestations(c)
	s.ok(err)
	return all[0]
}

func (s *scene) attest(all ...everqual.Attestation) {
	s.t.Helper()
	for i, a := range all {
		head, err := s.ledger.Head(context.Background())
		s.ok(err)
		_, _, err = s.ledger.Append(context.Background(), ledger.Entry{Kind: everqual.KindAttestation, Key: fmt.Sprint("a", head.Sequence, i), Body: a})
		s.ok(err)
	}
}

func (s *scene) Records(ctx context.Context, kind everqual.Kind) iter.Seq2[everqual.Record, error] {
	return s.ledger.Records(ctx, ledger.Query{Kind: kind})
}

func (s *scene) Head(ctx context.Context) (uint64, everqual.Digest, error) {
	head, err := s.ledger.Head(ctx)
	return head.Sequence, head.Hash, err
}

func (s *scene) Blob(_ context.Context, d everqual.Digest) ([]byte, error) {
	if b, ok := s.blobs[d]; ok {
		return b, nil
	}
	return nil, fs.ErrNotExist
}

// trust names the witnesses and the authority of the scene.
func (s *scene) trust(named ...*witnesstest.Witness) verify.Trust {
	trust := verify.Trust{Keys: []note.Verifier{s.key}}
	for _, w := range named {
		key, err := witness.Key(w.VKey())
		s.ok(err)
		trust.Witnesses = append(trust.Witnesses, key)
	}
	return trust
}

func (s *scene) home(trust verify.Trust) *verify.Result {
	s.t.Helper()
	r, err := trust.Home(context.Background(), s)
	s.ok(err)
	return r
}

// bundle is one of all records, or of the attestations alone.
func (s *scene) bundle(part bool, trust verify.Trust) *verify.Result {
	s.t.Helper()
	r, err := trust.Bundle(context.Background(), s.bundled(part))
	s.ok(err)
	return r
}

func (s *scene) bundled(part bool) io.Reader {
	s.t.Helper()
	ctx := context.Background()
	s.sign()
	var last everqual.Checkpoint // the newest: nothing is signed anew when nothing is new
	for d, err := range ledger.Bodies[everqual.Checkpoint](ctx, s.ledger, ledger.Query{Kind: everqual.KindCheckpoint}) {
		s.ok(err)
		last = d.Body
	}
	var b bytes.Buffer
	s.ok(bundle.Write(ctx, &b, bundle.Content{
		Key: s.public, Checkpoint: last, Blobs: slices.Collect(maps.Keys(s.blobs)), Blob: s.Blob,
		Leaves: func(yield func([]byte, error) bool) {
			for r, err := range s.Records(ctx, "") {
				if !yield(r.Tree[:32], err) {
					return
				}
			}
		},
		Records: func(yield func(everqual.Record, error) bool) {
			for r, err := range s.Records(ctx, "") {
				if r.Sequence <= last.Size && (!part || r.Kind == everqual.KindAttestation) && !yield(r, err) {
					return
				}
			}
		},
	}, s.signer))
	return &b
}

// forged is a checkpoint of the scene's key that no ledger gave.
func (s *scene) forged(size uint64, root everqual.Digest) everqual.Checkpoint {
	n, err := note.Sign(&note.Note{Text: ledger.CheckpointText(s.signer.Name(), size, root)}, s.signer)
	s.ok(err)
	return everqual.Checkpoint{Size: size, Root: root, Note: string(n)}
}

// withHash is a cosignature with the key hash of another.
func withHash(line, other string) string {
	name, b64, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "\u2014 "), " ")
	b, _ := base64.StdEncoding.DecodeString(b64)
	_, b64, _ = strings.Cut(strings.TrimPrefix(strings.TrimSuffix(other, "\n"), "\u2014 "), " ")
	o, _ := base64.StdEncoding.DecodeString(b64)
	copy(b, o[:4])
	return "\u2014 " + name + " " + base64.StdEncoding.EncodeToString(b) + "\n"
}
