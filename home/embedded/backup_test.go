package embedded_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/everqual/everqual/home/embedded"
)

// TestBackup copies a home while another process works in it: each copy is whole, is a
// home, and holds everything that was acknowledged before it was begun.
func TestBackup(t *testing.T) {
	t.Parallel()
	dir, heard := filepath.Join(t.TempDir(), "home"), said{}
	open(t, dir, embedded.Options{})
	if err := os.MkdirAll(filepath.Join(dir, "specs", "lims"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "specs", "lims", "system.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, until, wait := start(t, dir, "worker", 0, said{})
	until("opened")
	for i := range 5 {
		key := string(rune('a' + i))
		mustAppend(t, open(t, dir, embedded.Options{}), key)
		heard.hear("appended " + key)
		out := filepath.Join(t.TempDir(), "copy")
		if err := embedded.Backup(context.Background(), dir, out); err != nil {
			t.Fatal(err)
		}
		heard.check(t, out)
		if b, err := os.ReadFile(filepath.Join(out, "specs", "lims", "system.json")); err != nil || string(b) != "{}" {
			t.Errorf("the specification: %q, %v", b, err)
		}
		if info, err := os.Stat(filepath.Join(out, dbName)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the copy's file: %v, %v", info, err)
		}
		if err := embedded.Backup(context.Background(), dir, out); err == nil {
			t.Error("a backup was overwritten")
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := wait(); err == nil {
		t.Error("the worker ended by itself")
	}
	if err := embedded.Backup(context.Background(), t.TempDir(), filepath.Join(t.TempDir(), "copy")); err == nil {
		t.Error("a folder that is no home was backed up")
	}
}

// TestBackupInside refuses a copy that would be a part of what it copies.
func TestBackupInside(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	open(t, dir, embedded.Options{})
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	for _, out := range []string{filepath.Join(dir, "copy"), filepath.Join(dir, "a", "b", "copy"), filepath.Join(link, "copy"), filepath.Join(link, "a", "..", "copy")} {
		if err := embedded.Backup(context.Background(), dir, out); err == nil || !strings.Contains(err.Error(), "inside of the home") {
			t.Errorf("%s: %v", out, err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s was made", out)
		}
	}
	if err := embedded.Backup(context.Background(), link, dir+"-copy"); err != nil {
		t.Errorf("beside it, with a name that begins alike: %v", err)
	}
}
