package bundle_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/bundle"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
	"github.com/everqual/everqual/verify"
	"golang.org/x/mod/sumdb/note"
)

// ledgerOf is a signed ledger whose bodies have these sizes.
func ledgerOf(t *testing.T, sizes []int) (c bundle.Content, signer note.Signer) {
	t.Helper()
	ctx := t.Context()
	l := ledger.New(&ledgertest.Memory{}, func() time.Time { return time.Unix(1_000_000_000, 0) })
	secret, public, err := note.GenerateKey(rand.Reader, "everqual/test")
	check(t, err)
	signer, err = note.NewSigner(secret)
	check(t, err)
	var entries []ledger.Entry
	for i, size := range sizes {
		entries = append(entries, ledger.Entry{Kind: "test", Key: fmt.Sprint(i), Body: strings.Repeat("x", size-2)}) // and two quotes
	}
	_, _, err = l.Append(ctx, entries...)
	check(t, err)
	c = bundle.Content{Key: public}
	c.Checkpoint, err = l.Checkpoint(ctx, signer)
	check(t, err)
	var records []everqual.Record
	for r, err := range l.Records(ctx, ledger.Query{Limit: len(sizes)}) {
		check(t, err)
		records = append(records, r)
	}
	c.Records = all(records...)
	c.Leaves = func(yield func([]byte, error) bool) {
		for _, r := range records {
			if !yield(r.Tree[:32], nil) {
				return
			}
		}
	}
	return c, signer
}

func all(records ...everqual.Record) iter.Seq2[everqual.Record, error] {
	return func(yield func(everqual.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A file of records ends where a thousand are in it, or before it would be larger than
// 16 MiB: a bundle of any ledger can be verified.
func TestFilesOfRecords(t *testing.T) {
	const mb = 1_000_000
	for _, c := range []struct {
		name  string
		sizes []int
		first []string
	}{
		{"a thousand and one", slices.Repeat([]int{10}, 1001), []string{"1", "1001"}},
		{"large ones", slices.Repeat([]int{5 * mb}, 7), []string{"1", "4", "7"}},
		{"one larger than a file", []int{10, 20 * mb, 10, 10}, []string{"1", "2", "3"}},
		{"larger ones at both ends", []int{20 * mb, 10, 17 * mb}, []string{"1", "2", "3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			content, signer := ledgerOf(t, c.sizes)
			var b bytes.Buffer
			check(t, bundle.Write(t.Context(), &b, content, signer))
			var first []string
			for _, name := range names(t, b.Bytes()) {
				if n, ok := strings.CutPrefix(name, "ledger/records/"); ok {
					first = append(first, strings.TrimLeft(n, "0"))
				}
			}
			if !slices.Equal(first, c.first) {
				t.Errorf("files begin with records %v, want %v", first, c.first)
			}
			r, err := verify.Trust{}.Bundle(t.Context(), &b)
			if check(t, err); !r.OK() || r.Records != len(c.sizes) {
				t.Errorf("%+v", r)
			}
		})
	}
}

func names(t *testing.T, b []byte) (names []string) {
	t.Helper()
	for from := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := from.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		check(t, err)
		names = append(names, h.Name)
	}
}

// What a verifier would not read is not written, and named.
func TestTooLarge(t *testing.T) {
	const most = 256 << 20
	content, signer := ledgerOf(t, []int{10, 10})
	with := func(change func(*bundle.Content)) bundle.Content {
		c := content
		change(&c)
		return c
	}
	d := everqual.DigestOf(nil)
	for _, c := range []struct {
		name, want string
		bundle.Content
	}{
		{"a body", "record 2: 268435457 bytes; a file of a bundle has at most 268435456", with(func(c *bundle.Content) {
			c.Records = all(everqual.Record{Sequence: 2, Body: make([]byte, most+1)})
		})},
		{"a record with its entry", "record 2: 2684356", with(func(c *bundle.Content) {
			c.Records = all(everqual.Record{Sequence: 2, Body: make([]byte, most)})
		})},
		{"a blob", "blobs/" + d.Hex() + ": 268435457 bytes", with(func(c *bundle.Content) {
			c.Blobs = []everqual.Digest{d}
			c.Blob = func(context.Context, everqual.Digest) ([]byte, error) { return make([]byte, most+1), nil }
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := bundle.Write(t.Context(), io.Discard, c.Content, signer)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// The same limit is told by who verifies.
func TestTooLargeIsNotRead(t *testing.T) {
	var b bytes.Buffer
	check(t, tar.NewWriter(&b).WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "README.md", Size: 256<<20 + 1, Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}))
	r, err := verify.Trust{}.Bundle(t.Context(), &b)
	if check(t, err); r.OK() || r.Findings[0].String() != "the tar, byte 124: a file of 268435457 bytes; at most 268435456 are read" {
		t.Errorf("%+v", r)
	}
}
