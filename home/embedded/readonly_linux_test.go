package embedded_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/everqual/everqual/home/embedded"
)

// TestReadOnlyFileSystem opens a home where nothing can be written: it is read and
// backed up, and what would write is an error.
func TestReadOnlyFileSystem(t *testing.T) {
	ctx := context.Background()
	dir, mounted := filepath.Join(t.TempDir(), "home"), t.TempDir()
	h := openDamaged(t, dir)
	mustAppend(t, h, "a")
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount(dir, mounted, "", syscall.MS_BIND, ""); err != nil {
		t.Skip("this user may not mount: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(mounted, syscall.MNT_DETACH) })
	if err := syscall.Mount("", mounted, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""); err != nil {
		t.Skip("this user may not mount: ", err)
	}
	for _, beside := range []bool{false, true} { // nobody has it open elsewhere, or somebody does
		if beside {
			mustAppend(t, openDamaged(t, dir), "beside")
		}
		h, err := embedded.Open(mounted, embedded.Options{})
		if err != nil {
			t.Fatal(beside, err)
		}
		if err := h.Ledger.Check(ctx); err != nil {
			t.Error(beside, err)
		}
		if _, kept, err := h.Ledger.Find(ctx, "beside"); err != nil || kept != beside {
			t.Error(beside, kept, err)
		}
		if _, _, err := h.Ledger.Append(ctx, entry("b")); err == nil || !strings.Contains(err.Error(), "opened to be read only") {
			t.Errorf("%t: appended: %v", beside, err)
		}
		if _, fresh, err := h.Ledger.Append(ctx, entry("a")); err != nil || fresh[0] {
			t.Errorf("%t: what is there is appended again: %t, %v", beside, fresh, err)
		}
		out := filepath.Join(t.TempDir(), "copy")
		if err := embedded.Backup(ctx, mounted, out); err != nil {
			t.Error(beside, err)
		} else if _, kept, err := open(t, out, embedded.Options{}).Ledger.Find(ctx, "a"); err != nil || !kept {
			t.Error(beside, "the copy", kept, err)
		}
		if err := h.Close(); err != nil {
			t.Error(beside, err)
		}
	}
}

// TestChangedWhileRead changes, from elsewhere, a file that was opened as one that
// nobody can change: closing it says so.
func TestChangedWhileRead(t *testing.T) {
	dir, mounted := filepath.Join(t.TempDir(), "home"), t.TempDir()
	h := openDamaged(t, dir)
	mustAppend(t, h, "a")
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if syscall.Mount(dir, mounted, "", syscall.MS_BIND, "") != nil {
		t.Skip("this user may not mount")
	}
	t.Cleanup(func() { _ = syscall.Unmount(mounted, syscall.MNT_DETACH) })
	if syscall.Mount("", mounted, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, "") != nil {
		t.Skip("this user may not mount")
	}
	h, err := embedded.Open(mounted, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	other := openDamaged(t, dir)
	mustAppend(t, other, "b")
	if err := other.Close(); err != nil { // and so the log is moved into the file
		t.Fatal(err)
	}
	if err := h.Close(); err == nil || !strings.Contains(err.Error(), "was changed while it was read") {
		t.Errorf("got %v", err)
	}
}

// TestLookLeavesNothing looks at a home whose file may not be written to: it leaves no
// notes there that would keep others out.
func TestLookLeavesNothing(t *testing.T) {
	dir, err := os.MkdirTemp("", "everqual")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	h := openDamaged(t, dir)
	mustAppend(t, h, "a")
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{dir: 0o777, filepath.Join(dir, dbName): 0o444} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	asNobody(t, func() {
		h, err := embedded.Look(context.Background(), dir, embedded.Options{})
		if err == nil {
			t.Error("it was opened", h.Close())
			return
		}
		if !strings.Contains(err.Error(), "you need to be allowed to write to") {
			t.Error(err)
		}
	})
	for _, name := range []string{dbName + "-shm", dbName + "-wal"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was left", name)
		}
	}
}
