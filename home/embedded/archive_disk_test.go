package embedded_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/home/embedded"
)

// archiveFile is where the archive in dir keeps the blob d.
func archiveFile(dir string, d everqual.Digest) string {
	return filepath.Join(dir, d.Hex()[:2], d.Hex()+".gz")
}

func TestArchiveFile(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "home", "archive")
	b := bytes.Repeat([]byte("evidence "), 1000)
	d := everqual.DigestOf(b)
	for range 2 { // as two processes
		if err := embedded.NewArchive(dir).Put(ctx, d, b); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(archiveFile(dir, d))
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() > int64(len(b))/10 {
		t.Fatalf("file %v, %v", info, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder %v, %v", info, err)
	}
	entries, err := os.ReadDir(filepath.Dir(archiveFile(dir, d)))
	if err != nil || len(entries) != 1 {
		t.Errorf("entries %v, %v: want the blob and no more", entries, err)
	}
	before := info.ModTime()
	if err := embedded.NewArchive(dir).Put(ctx, d, b); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(archiveFile(dir, d)); err != nil || !info.ModTime().Equal(before) {
		t.Errorf("putting again wrote the file again: %v", err)
	}
}

func TestArchiveDamage(t *testing.T) {
	ctx := context.Background()
	b := []byte("evidence")
	d := everqual.DigestOf(b)
	zipped := func(text []byte) []byte {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		z.Write(text)
		z.Close()
		return out.Bytes()
	}
	bomb := func() []byte {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		for range 65 {
			z.Write(make([]byte, 1<<20))
		}
		z.Close()
		return out.Bytes()
	}
	good := zipped(b)
	for name, file := range map[string][]byte{
		"empty":         {},
		"no gzip":       []byte("evidence, but not compressed"),
		"cut":           good[:len(good)-4],
		"header only":   good[:5],
		"one bit":       append(append([]byte{}, good[:12]...), append([]byte{good[12] ^ 1}, good[13:]...)...),
		"another blob":  zipped([]byte("other")),
		"bytes behind":  append(append([]byte{}, good...), "more"...),
		"a second blob": append(append([]byte{}, good...), good...),
		"bomb":          bomb(),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a := embedded.NewArchive(dir)
			if err := a.Put(ctx, d, b); err != nil {
				t.Fatal(err)
			}
			path := archiveFile(dir, d)
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := a.Get(ctx, d)
			if err == nil || !everqual.IsPermanent(err) || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want a permanent one that names %s", err, path)
			}
			if err := a.Put(ctx, d, b); err != nil {
				t.Fatal(err)
			}
			if got, err := a.Get(ctx, d); err != nil || !bytes.Equal(got, b) {
				t.Errorf("putting did not mend it: %v", err)
			}
		})
	}
}

func TestArchiveRefuses(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	dir := t.TempDir()
	a := embedded.NewArchive(dir)
	if err := a.Put(ctx, everqual.DigestOf([]byte("x")), []byte("y")); !everqual.IsPermanent(err) {
		t.Errorf("another's digest: %v, want a permanent error", err)
	}
	if _, err := a.Get(ctx, "sha256:../../etc/passwd"); !everqual.IsPermanent(err) {
		t.Errorf("no digest: %v, want a permanent error", err)
	}
	absent := everqual.DigestOf([]byte("absent"))
	if _, err := a.Get(ctx, absent); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), string(absent)) || everqual.IsPermanent(err) {
		t.Errorf("absent: %v, want fs.ErrNotExist with the digest", err)
	}
	cancel()
	if err := a.Put(ctx, everqual.DigestOf(nil), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled put: %v", err)
	}
	if _, err := a.Get(ctx, absent); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled get: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("something was written: %v, %v", entries, err)
	}
}

// TestArchiveInTheWay finds a file where a folder should be: the home is at
// fault, not the blob, so it is tried again once that is mended.
func TestArchiveInTheWay(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a := embedded.NewArchive(dir)
	b := []byte("evidence")
	if err := a.Put(ctx, everqual.DigestOf(b), b); err == nil || everqual.IsPermanent(err) {
		t.Errorf("error %v, want one to try again", err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := a.Put(ctx, everqual.DigestOf(b), b); err != nil {
		t.Errorf("after it was mended: %v", err)
	}
}

// TestArchiveProcesses puts the same blobs through two archives at once.
func TestArchiveProcesses(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	archives := []*embedded.Archive{embedded.NewArchive(dir), embedded.NewArchive(dir)}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			b := bytes.Repeat([]byte{byte(i % 10)}, 10_000)
			a := archives[i%2]
			if err := a.Put(ctx, everqual.DigestOf(b), b); err != nil {
				t.Errorf("put: %v", err)
			}
			if got, err := a.Get(ctx, everqual.DigestOf(b)); err != nil || !bytes.Equal(got, b) {
				t.Errorf("get: %v", err)
			}
		})
	}
	wg.Wait()
	names, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(names) != 10 {
		t.Errorf("%d files, %v: want 10", len(names), err)
	}
}
