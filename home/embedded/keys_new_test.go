package embedded_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual/home/embedded"
)

// A new key signs from its beginning on and not before; one that was cut off is taken up.
func TestNewKey(t *testing.T) {
	dir := t.TempDir()
	keys := filepath.Join(dir, "keys")
	if err := appended(t, dir, embedded.Options{}, "a"); err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(filepath.Join(keys, "ledger.pub"))
	if err != nil {
		t.Fatal(err)
	}
	cutOff, err := embedded.NewKey(dir, nil)
	if err != nil || cutOff.Former != strings.TrimSpace(string(old)) {
		t.Fatalf("in place of %q, %v", cutOff.Former, err)
	}
	if err := appended(t, dir, embedded.Options{}, "b"); err != nil {
		t.Fatal(err)
	}
	next, err := embedded.NewKey(dir, nil)
	if err != nil || next.Public != cutOff.Public {
		t.Fatalf("it is %s, not %s, %v", next.Public, cutOff.Public, err)
	}
	if err := next.Begin(true); err != nil {
		t.Fatal(err)
	}
	if err := appended(t, dir, embedded.Options{}, "c"); err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(next.Public, "+")
	if s := signers(t, dir); len(s) != 3 || s[0] != s[1] || s[2] != name {
		t.Errorf("signed by %v, the new one is %s", s, name)
	}
	former, err := filepath.Glob(filepath.Join(keys, "former", "*.pub"))
	if err != nil || len(former) != 1 {
		t.Fatalf("former keys are %v, %v", former, err)
	}
	if kept, err := os.ReadFile(former[0]); err != nil || !slices.Equal(kept, old) {
		t.Errorf("kept is %q, %v", kept, err)
	}
	if size, _, err := embedded.Signed(dir); err != nil || size != 5 {
		t.Errorf("remembered are %d records, %v", size, err)
	}
}

// What the former key signed is given up only when the new one begins.
func TestNewKeyGivesUp(t *testing.T) {
	dir := t.TempDir()
	if err := appended(t, dir, embedded.Options{}, "a"); err != nil {
		t.Fatal(err)
	}
	another(t, dir, 3)
	next, err := embedded.NewKey(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := appended(t, dir, embedded.Options{}, "b"); err == nil {
		t.Error("it signs another past")
	}
	if err := next.Begin(false); err != nil {
		t.Fatal(err)
	}
	if err := appended(t, dir, embedded.Options{}, "c"); err != nil {
		t.Error(err)
	}
	aside, err := filepath.Glob(filepath.Join(dir, "keys", "former", "*.signed"))
	if err != nil || len(aside) != 1 {
		t.Errorf("laid aside are %v, %v", aside, err)
	}
}

// Where a file has one name only, the first key that is written there stays.
func TestExclusiveKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	first, second := embedded.Exclusive(path, "first"), embedded.Exclusive(path, "second")
	if first != nil || !errors.Is(second, fs.ErrExist) {
		t.Errorf("%v, %v", first, second)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "first" {
		t.Errorf("it holds %q, %v", b, err)
	}
}
