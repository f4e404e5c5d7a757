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
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
)

func openArchive(t *testing.T, dir string) flow.Archive {
	t.Helper()
	home, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { home.Close() })
	return home.Archive
}

// TestArchiveTakesInFolder opens a home whose archive is a folder of files, as
// the first format had it; a damaged one stays what it was.
func TestArchiveTakesInFolder(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if home, err := embedded.Open(dir, embedded.Options{}); err != nil || home.Close() != nil {
		t.Fatal(err)
	}
	file := func(b, content []byte) everqual.Digest {
		d := everqual.DigestOf(b)
		folder := filepath.Join(dir, "archive", d.Hex()[:2])
		if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, d.Hex()+".gz"), content, 0o600)); err != nil {
			t.Fatal(err)
		}
		return d
	}
	good := file([]byte("evidence"), zipped([]byte("evidence")))
	bad := file([]byte("other"), []byte("cut"))
	a := openArchive(t, dir)
	if b, err := a.Get(ctx, good); err != nil || string(b) != "evidence" {
		t.Errorf("read %q, %v", b, err)
	}
	if _, err := a.Get(ctx, bad); !everqual.IsPermanent(err) {
		t.Errorf("the damaged one: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "archive")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func zipped(text []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(text)
	z.Close()
	return out.Bytes()
}

func TestArchiveDamage(t *testing.T) {
	ctx := context.Background()
	b := []byte("evidence")
	d := everqual.DigestOf(b)
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
			a := openArchive(t, dir)
			if err := errors.Join(a.Put(ctx, d, b), embedded.Damage(dir, d, file)); err != nil {
				t.Fatal(err)
			}
			_, err := a.Get(ctx, d)
			if err == nil || !everqual.IsPermanent(err) || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), string(d)) {
				t.Errorf("error %v, want a permanent one that names %s", err, d)
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
	a := openArchive(t, dir)
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
}

// TestArchiveProcesses puts the same blobs through two archives at once.
func TestArchiveProcesses(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	archives := []flow.Archive{openArchive(t, dir), openArchive(t, dir)}
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
}
