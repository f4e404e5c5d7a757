package ledger_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

func raw(t *testing.T, d everqual.Digest) []byte {
	t.Helper()
	var b []byte
	if _, err := fmt.Sscanf(d.Hex(), "%x", &b); err != nil || len(b) != 32 {
		t.Fatalf("%q is no digest: %v", d, err)
	}
	return b
}

// The tree is RFC 6962's: another implementation gets the same roots from the
// entries and accepts the proofs, whatever the sizes of the appends, also after a
// start without memory.
func TestTree(t *testing.T) {
	ctx := context.Background()
	store := &ledgertest.Memory{}
	l := ledger.New(store, time.Now)
	var leaves [][]byte
	for batch := range 40 {
		if batch%7 == 3 {
			l = ledger.New(store, time.Now)
		}
		entries := make([]ledger.Entry, 1+batch%5)
		for i := range entries {
			entries[i] = ledger.Entry{Kind: "test", Key: fmt.Sprint(batch, "/", i), Subjects: []string{"s"}, Body: batch}
		}
		records, _, err := l.Append(ctx, entries...)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			entry := ledger.EntryOf(r)
			if everqual.DigestOf(entry) != r.Hash {
				t.Fatalf("record %d has not the hash of its entry", r.Sequence)
			}
			leaves = append(leaves, rfc6962.DefaultHasher.HashLeaf(entry))
		}
	}
	for size := 1; size <= len(leaves); size += 1 + size/7 {
		root, err := l.Root(ctx, uint64(size))
		if want := naive(leaves[:size]); err != nil || string(raw(t, root)) != string(want) {
			t.Fatalf("root of %d is %s, %v; want %x", size, root, err, want)
		}
		for sequence := 1; sequence <= size; sequence += 1 + size/5 {
			digests, err := l.Proof(ctx, uint64(sequence), uint64(size))
			if err != nil {
				t.Fatal(err)
			}
			path := make([][]byte, len(digests))
			for i, d := range digests {
				path[i] = raw(t, d)
			}
			if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(sequence-1), uint64(size), leaves[sequence-1], path, raw(t, root)); err != nil {
				t.Errorf("record %d of %d: %v", sequence, size, err)
			}
		}
	}
	for size := 1; size <= len(leaves); size += 1 + size/7 {
		for old := 0; old <= size; old += 1 + old/3 {
			digests, err := l.Consistency(ctx, uint64(old), uint64(size))
			if err != nil {
				t.Fatal(err)
			}
			path := make([][]byte, len(digests))
			for i, d := range digests {
				path[i] = raw(t, d)
			}
			if old == 0 {
				if len(path) > 0 {
					t.Errorf("%d hashes show that %d records begin with none", len(path), size)
				}
				continue
			}
			if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old), uint64(size), path, naive(leaves[:old]), naive(leaves[:size])); err != nil {
				t.Errorf("%d records after %d: %v", size, old, err)
			}
		}
	}
	if _, err := l.Consistency(ctx, 6, 5); !everqual.IsPermanent(err) {
		t.Errorf("a tree that shrinks: %v", err)
	}
	if _, err := l.Proof(ctx, 0, 5); !everqual.IsPermanent(err) {
		t.Errorf("record 0: %v", err)
	}
	if _, err := l.Root(ctx, uint64(len(leaves)+1)); err == nil {
		t.Error("a root beyond the end")
	}
}

// naive is RFC 6962's definition, word for word.
func naive(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	return rfc6962.DefaultHasher.HashChildren(naive(leaves[:k]), naive(leaves[k:]))
}

// A checkpoint is signed over origin, size and root; a ledger that has nothing new
// gets no other.
func TestCheckpoint(t *testing.T) {
	ctx := context.Background()
	secret, public, err := note.GenerateKey(rand.Reader, "ledger.example/1")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	l := ledger.New(&ledgertest.Memory{}, time.Now)
	if c, err := l.Checkpoint(ctx, signer); err != nil || c.Size != 0 {
		t.Errorf("an empty ledger: %+v, %v", c, err)
	}
	for i := range 3 {
		if _, _, err := l.Append(ctx, ledger.Entry{Kind: "test", Key: fmt.Sprint(i), Body: i}); err != nil {
			t.Fatal(err)
		}
	}
	c, err := l.Checkpoint(ctx, signer)
	if err != nil || c.Size != 3 {
		t.Fatalf("%+v, %v", c, err)
	}
	n, err := note.Open([]byte(c.Note), note.VerifierList(verifier))
	if err != nil || n.Text != ledger.CheckpointText("ledger.example/1", 3, c.Root) || !strings.HasPrefix(n.Text, "ledger.example/1\n3\n") {
		t.Errorf("the note is %q, %v", c.Note, err)
	}
	if again, err := l.Checkpoint(ctx, signer); err != nil || again.Size != 0 {
		t.Errorf("nothing came since, and it signed %+v, %v", again, err)
	}
	for r, err := range l.Records(ctx, ledger.Query{Kind: everqual.KindCheckpoint}) {
		var kept everqual.Checkpoint
		if err != nil || json.Unmarshal(r.Body, &kept) != nil || kept != c || r.Sequence != 4 {
			t.Errorf("record %d holds %+v, %v", r.Sequence, kept, err)
		}
	}
}
