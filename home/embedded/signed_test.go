package embedded_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
	"golang.org/x/mod/sumdb/note"
)

// appended opens the home, appends, and closes it: what Close says is whether it was signed.
func appended(t *testing.T, dir string, opt embedded.Options, key string) error {
	t.Helper()
	h, err := embedded.Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Ledger.Append(context.Background(), ledger.Entry{Kind: "test", Key: key, Body: key}); err != nil {
		t.Fatal(err)
	}
	return h.Close()
}

// signers are the names of those who signed the ledger, in order.
func signers(t *testing.T, dir string) (names []string) {
	t.Helper()
	h := open(t, dir, embedded.Options{})
	for c, err := range ledger.Bodies[everqual.Checkpoint](context.Background(), h.Ledger, ledger.Query{Kind: everqual.KindCheckpoint}) {
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(c.Body.Note, "\n")
		names = append(names, name)
	}
	return names
}

// Many that open a new home at the same time have one key, and the public one that lies
// there is its.
func TestOneKey(t *testing.T) {
	for range 10 {
		dir := t.TempDir()
		publics := make([]string, 16)
		var wg sync.WaitGroup
		begin := make(chan struct{})
		for i := range publics {
			h := open(t, dir, embedded.Options{})
			wg.Go(func() {
				<-begin
				_, public, err := h.Signer(context.Background())
				if err != nil {
					t.Error(err)
				}
				publics[i] = public
			})
		}
		close(begin)
		wg.Wait()
		lies, err := os.ReadFile(filepath.Join(dir, "keys", "ledger.pub"))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range publics {
			if p != strings.TrimSpace(string(lies)) {
				t.Fatalf("one has the key %s, and %s lies there", p, lies)
			}
		}
		files, err := os.ReadDir(filepath.Join(dir, "keys"))
		if err != nil || len(files) != 2 {
			t.Errorf("the folder holds %v, %v", files, err)
		}
	}
}

// Whatever is gone of keys that signed, none is made in their place; what was appended
// is kept, and is signed when they are back.
func TestLostKey(t *testing.T) {
	for name, gone := range map[string][]string{
		"the secret key": {"ledger.key"}, "both keys": {"ledger.key", "ledger.pub"}, "the folder": {"."},
	} {
		t.Run(name, func(t *testing.T) {
			dir, aside := t.TempDir(), filepath.Join(t.TempDir(), "keys")
			keys := filepath.Join(dir, "keys")
			if err := appended(t, dir, embedded.Options{}, "a"); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(aside, os.DirFS(keys)); err != nil {
				t.Fatal(err)
			}
			for _, g := range gone {
				if err := os.RemoveAll(filepath.Join(keys, g)); err != nil {
					t.Fatal(err)
				}
			}
			err := appended(t, dir, embedded.Options{}, "b")
			if err == nil || !strings.Contains(err.Error(), "ledger.key is gone") || !strings.Contains(err.Error(), "keys new") {
				t.Errorf("unsigned: %v", err)
			}
			if _, err := os.Stat(filepath.Join(keys, "ledger.key")); err == nil {
				t.Error("a key was made")
			}
			err = errors.Join(os.RemoveAll(keys), os.CopyFS(keys, os.DirFS(aside)), os.Chmod(filepath.Join(keys, "ledger.key"), 0o600))
			if err := errors.Join(err, appended(t, dir, embedded.Options{}, "c")); err != nil {
				t.Fatal(err)
			}
			if s := signers(t, dir); len(s) != 2 || s[0] != s[1] {
				t.Errorf("signed by %v", s)
			}
		})
	}
}

// A ledger that another home signed, whose public key was brought along, gets the first
// key of its own.
func TestFirstKeyBehindFormer(t *testing.T) {
	dir := t.TempDir()
	if err := appended(t, dir, embedded.Options{}, "a"); err != nil {
		t.Fatal(err)
	}
	public, err := os.ReadFile(filepath.Join(dir, "keys", "ledger.pub"))
	if err != nil || os.RemoveAll(filepath.Join(dir, "keys")) != nil {
		t.Fatal(err)
	}
	if err := embedded.KeepFormer(dir, strings.TrimSpace(string(public))); err != nil {
		t.Fatal(err)
	}
	if err := appended(t, dir, embedded.Options{}, "b"); err != nil {
		t.Fatal(err)
	}
	if s := signers(t, dir); len(s) != 2 || s[0] == s[1] {
		t.Errorf("signed by %v", s)
	}
}

// another puts a ledger with other records into the home, and leaves its keys.
func another(t *testing.T, dir string, records int) {
	t.Helper()
	other := t.TempDir()
	h := open(t, other, embedded.Options{})
	for i := range records {
		mustAppend(t, h, "other"+string(rune('a'+i)))
	}
	for _, f := range []string{"-wal", "-shm"} {
		_ = os.Remove(filepath.Join(dir, dbName+f)) // where the home was closed they are gone
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, dbName)), embedded.Backup(context.Background(), other, other+"-copy")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(other+"-copy", dbName), filepath.Join(dir, dbName)); err != nil {
		t.Fatal(err)
	}
}

// A past that is not the one that was signed is not signed, whether it is shorter or
// longer; the key of KMS remembers too.
func TestAnotherPast(t *testing.T) {
	secret, public, err := note.GenerateKey(strings.NewReader(strings.Repeat("k", 64)), "kms")
	if err != nil {
		t.Fatal(err)
	}
	kms := func(context.Context) (ledger.Signer, string, error) {
		s, err := note.NewSigner(secret)
		return s, public, err
	}
	for name, c := range map[string]struct {
		opt     embedded.Options
		records int
	}{
		"shorter": {embedded.Options{}, 1}, "as long": {embedded.Options{}, 3}, "longer": {embedded.Options{}, 9}, "KMS": {embedded.Options{Sign: kms}, 9},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, key := range []string{"a", "b"} {
				if err := appended(t, dir, c.opt, key); err != nil {
					t.Fatal(err)
				}
			}
			size, root, err := embedded.Signed(dir)
			if err != nil || size != 3 {
				t.Fatalf("remembered are %d records, %v", size, err)
			}
			another(t, dir, c.records)
			if err := appended(t, dir, c.opt, "c"); err == nil || !strings.Contains(err.Error(), "another past") || !strings.Contains(err.Error(), string(root)) {
				t.Errorf("it signs: %v", err)
			}
			if s := signers(t, dir); len(s) != 0 {
				t.Errorf("signed by %v", s)
			}
			var failed []string
			h := open(t, dir, c.opt)
			for _, check := range embedded.Inspect(context.Background(), dir, c.opt, h.Ledger) {
				if check.Result == everqual.CheckFail {
					failed = append(failed, check.Name)
				}
			}
			if len(failed) != 1 || failed[0] != "signed past" {
				t.Errorf("failed: %v", failed)
			}
		})
	}
}

// A process that dies between remembering and appending does no harm: what it signed is
// the past of the ledger, and the next signs it.
func TestRememberedOnly(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	h := open(t, dir, embedded.Options{})
	mustAppend(t, h, "a")
	signer, _, err := h.Signer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	root, err := h.Ledger.Root(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: ledger.CheckpointText(signer.Name(), 1, root)}, signer)
	if err != nil {
		t.Fatal(err)
	}
	if err := signer.(ledger.Remembering).Remember(everqual.Checkpoint{Size: 1, Root: root, Note: string(signed)}); err != nil {
		t.Fatal(err)
	}
	if err := appended(t, dir, embedded.Options{}, "b"); err != nil {
		t.Fatal(err)
	}
	if size, _, err := embedded.Signed(dir); err != nil || size != 2 {
		t.Errorf("remembered are %d records, %v", size, err)
	}
}

// What is remembered and cannot be read is no reason to sign.
func TestRememberedIsDamaged(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "words": "a\nb\nc\nd\n", "no root": "name\n3\nAAAA\n\n", "no size": "name\n0\n9U1J5NdkB/TfXERKyHss/dqIFLPJs8ZVtt6APIob0uk=\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := appended(t, dir, embedded.Options{}, "a"); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "keys", "signed"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := appended(t, dir, embedded.Options{}, "b"); err == nil || !strings.Contains(err.Error(), "it is no checkpoint") {
				t.Errorf("it signs: %v", err)
			}
		})
	}
}

// A backup that is made while others sign is a home that signs on.
func TestBackupRemembers(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if err := appended(t, dir, embedded.Options{}, "a"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "keys", "1.tmp"), nil, 0o600); err != nil { // as of a checkpoint that is being signed
		t.Fatal(err)
	}
	stop, ended := make(chan struct{}), make(chan error)
	go func() {
		h, err := embedded.Open(dir, embedded.Options{})
		for i := 0; err == nil; i++ {
			select {
			case <-stop:
				ended <- h.Close()
				return
			default:
			}
			var s ledger.Signer
			if s, _, err = h.Signer(ctx); err == nil {
				_, _, err = h.Ledger.Append(ctx, ledger.Entry{Kind: "test", Key: "busy" + string(rune(i+1000)), Body: i})
				_, failed := h.Ledger.Checkpoint(ctx, s)
				err = errors.Join(err, failed)
			}
		}
		<-stop
		ended <- err
	}()
	for i := range 5 {
		out := filepath.Join(t.TempDir(), "copy")
		if err := embedded.Backup(ctx, dir, out); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(out, "keys", "1.tmp")); err == nil {
			t.Error("the backup has what is just being written")
		}
		if err := appended(t, out, embedded.Options{}, "later"); err != nil {
			t.Errorf("backup %d: %v", i, err)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A home is not made of a folder that holds something else, nor found there.
func TestForeignFolder(t *testing.T) {
	for name, c := range map[string]struct {
		file    string
		refused string
	}{
		"somebody's file": {"letter.txt", "it holds letter.txt"},
		"specifications":  {"specs/a.json", ""},
		"a file system":   {"lost+found/x", ""},
		"hidden":          {".DS_Store", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, c.file)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
			if err := embedded.Find(dir); err == nil || !strings.Contains(err.Error(), "no home in "+dir) {
				t.Errorf("found: %v", err)
			}
			h, err := embedded.Open(dir, embedded.Options{})
			if err == nil {
				err = h.Close()
			}
			if c.refused == "" && err != nil || c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)) {
				t.Errorf("%v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, dbName)); (err == nil) != (c.refused == "") {
				t.Errorf("the database: %v", err)
			}
		})
	}
}
