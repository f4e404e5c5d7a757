package hometest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

func runArchive(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home) {
	tests := []struct {
		name string
		run  func(t *testing.T, a flow.Archive)
	}{
		{"gives back what was put", putGet},
		{"nothing is there before", absent},
		{"another's digest is refused", wrongDigest},
		{"putting at once", putAtOnce},
		{"erases for good", erase},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t, NewClock(start)).Archive) })
	}
}

func putGet(t *testing.T, a flow.Archive) {
	ctx := context.Background()
	large := bytes.Repeat(fmt.Appendf(nil, "%x", sha256.Sum256(nil)), 100_000)
	for name, b := range map[string][]byte{
		"nothing": {}, "text": []byte("evidence"), "bytes": {0, 0xff, '\r', '\n', 0x1a}, "large": large,
		"compressible": bytes.Repeat([]byte("a"), 1<<20),
	} {
		d := everqual.DigestOf(b)
		for range 2 {
			if err := a.Put(ctx, d, b); err != nil {
				t.Fatalf("put %s: %v", name, err)
			}
			got, err := a.Get(ctx, d)
			if err != nil || !bytes.Equal(got, b) {
				t.Errorf("get %s: %d bytes, %v; want %d bytes", name, len(got), err, len(b))
			}
		}
	}
}

func absent(t *testing.T, a flow.Archive) {
	if _, err := a.Get(context.Background(), everqual.DigestOf([]byte("never put"))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
	for _, d := range []everqual.Digest{"", "sha256:", "sha256:../../x", "md5:d41d8cd98f00b204e9800998ecf8427e"} {
		if _, err := a.Get(context.Background(), d); err == nil {
			t.Errorf("get %q: no error", d)
		}
	}
}

func wrongDigest(t *testing.T, a flow.Archive) {
	ctx := context.Background()
	right, wrong := everqual.DigestOf([]byte("right")), everqual.DigestOf([]byte("wrong"))
	for _, d := range []everqual.Digest{wrong, "", "sha256:../x"} {
		if err := a.Put(ctx, d, []byte("right")); err == nil {
			t.Errorf("bytes were kept under the digest %q", d)
		}
	}
	for _, d := range []everqual.Digest{right, wrong} {
		if _, err := a.Get(ctx, d); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("get %s: %v, want fs.ErrNotExist", d.Short(), err)
		}
	}
}

func putAtOnce(t *testing.T, a flow.Archive) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			b := bytes.Repeat([]byte{byte(i % 2)}, 100_000)
			if err := a.Put(context.Background(), everqual.DigestOf(b), b); err != nil {
				t.Errorf("put: %v", err)
			}
			if got, err := a.Get(context.Background(), everqual.DigestOf(b)); err != nil || !bytes.Equal(got, b) {
				t.Errorf("get: %d bytes, %v", len(got), err)
			}
		})
	}
	wg.Wait()
}

func erase(t *testing.T, a flow.Archive) {
	ctx, eraser := context.Background(), a.(flow.Eraser)
	var all []everqual.Digest
	for i := range 12 {
		b := fmt.Appendf(nil, "blob %d", i)
		all = append(all, everqual.DigestOf(b))
		if err := a.Put(ctx, all[i], b); err != nil {
			t.Fatal(err)
		}
	}
	if locks, err := eraser.Locks(ctx, all...); err != nil || len(locks) > 0 {
		t.Fatalf("locks %v, %v", locks, err)
	}
	for range 2 { // once more, and what was never there, is no error
		if err := eraser.Erase(ctx, append([]everqual.Digest{everqual.DigestOf([]byte("never put"))}, all[1:]...)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := eraser.Erase(ctx); err != nil {
		t.Errorf("erase nothing: %v", err)
	}
	if _, err := a.Get(ctx, all[0]); err != nil {
		t.Errorf("another blob: %v", err)
	}
	for _, d := range all[1:] {
		if _, err := a.Get(ctx, d); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("get an erased blob: %v, want fs.ErrNotExist", err)
		}
	}
	if err := a.Put(ctx, all[1], []byte("blob 1")); err != nil {
		t.Fatal(err)
	}
	if b, err := a.Get(ctx, all[1]); err != nil || string(b) != "blob 1" {
		t.Errorf("put again: %q, %v", b, err)
	}
}
