package embedded_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
	"golang.org/x/mod/sumdb/note"
)

// What was appended is signed when the home is closed, once, by a key that is the
// home's own and its owner's alone.
func TestSealed(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	session := func(keys ...string) error {
		h, err := embedded.Open(dir, embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if _, _, err := h.Ledger.Append(ctx, ledger.Entry{Kind: "test", Key: k, Body: k}); err != nil {
				t.Fatal(err)
			}
		}
		return h.Close()
	}
	for _, keys := range [][]string{{"a", "b"}, nil, {"a"}, {"c"}} { // the third appends nothing new
		if err := session(keys...); err != nil {
			t.Fatal(err)
		}
	}
	secret := filepath.Join(dir, "keys", "ledger.key")
	if info, err := os.Stat(secret); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v, %v", info, err)
	}
	public, err := os.ReadFile(filepath.Join(dir, "keys", "ledger.pub"))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(public)))
	if err != nil || !strings.HasPrefix(verifier.Name(), "everqual/") {
		t.Fatalf("public key %q: %v", public, err)
	}
	var sizes []uint64
	h := open(t, dir, embedded.Options{})
	for r, err := range h.Ledger.Records(ctx, ledger.Query{Kind: everqual.KindCheckpoint}) {
		var c everqual.Checkpoint
		if err != nil || json.Unmarshal(r.Body, &c) != nil {
			t.Fatal(err)
		}
		if _, err := note.Open([]byte(c.Note), note.VerifierList(verifier)); err != nil {
			t.Errorf("checkpoint of %d: %v", c.Size, err)
		}
		sizes = append(sizes, c.Size)
	}
	if len(sizes) != 2 || sizes[0] != 2 || sizes[1] != 4 {
		t.Errorf("checkpoints of %v, want 2 and 4 records", sizes)
	}
	if runtime.GOOS == "windows" {
		return
	}
	text, _ := os.ReadFile(secret)
	if err := os.Chmod(secret, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := session("d"); err == nil || !strings.Contains(err.Error(), "may be read by others") || strings.Contains(err.Error(), strings.TrimSpace(string(text))) {
		t.Errorf("a key that others may read: %v", err)
	}
	if err := os.WriteFile(secret, []byte("PRIVATE+KEY+nonsense"), 0o600); err != nil || os.Chmod(secret, 0o600) != nil {
		t.Fatal(err)
	}
	if err := session("e"); err == nil || strings.Contains(err.Error(), "nonsense") {
		t.Errorf("a key that is none: %v", err)
	}
}

// A home of every older format is lifted to this one when it is opened: all records
// are there and found, and roots are those of a ledger that always had a tree.
func TestOlderFormats(t *testing.T) {
	ctx := context.Background()
	for version := 1; version < 5; version++ {
		dir := t.TempDir()
		h, err := embedded.Open(dir, embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 37 {
			e := ledger.Entry{Kind: "test", Key: string(rune('a' + i)), Body: i, Subjects: []string{"all", []string{"even", "odd"}[i%2]}}
			if _, _, err := h.Ledger.Append(ctx, e); err != nil {
				t.Fatal(err)
			}
		}
		want, err := h.Ledger.Root(ctx, 37)
		if err != nil || h.Close() != nil {
			t.Fatal(err)
		}
		if err := embedded.Regress(dir, version); err != nil {
			t.Fatal(err)
		}
		h = open(t, dir, embedded.Options{})
		if got, err := h.Ledger.Root(ctx, 37); err != nil || got != want {
			t.Errorf("version %d: root %s, %v; want %s", version, got, err, want)
		}
		_, fresh, err := h.Ledger.Append(ctx, ledger.Entry{Kind: "test", Key: "c", Body: 0}, ledger.Entry{Kind: "test", Key: "more", Body: 0})
		if err != nil || fresh[0] || !fresh[1] {
			t.Errorf("version %d: %v, %v", version, fresh, err)
		}
		odd := 0
		for _, err := range h.Ledger.Records(ctx, ledger.Query{Subject: "odd"}) {
			if odd++; err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(h.Ledger.Check(ctx), h.Ledger.Indexed(ctx)); err != nil || odd != 18 {
			t.Errorf("version %d: %d records found, %v", version, odd, err)
		}
	}
}
