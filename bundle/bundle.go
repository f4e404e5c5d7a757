// Package bundle writes part of a ledger, or all of it, as one file that a
// stranger can verify with nothing but the public key: docs/ledger-format.md
// describes every byte.
package bundle

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"golang.org/x/mod/sumdb/note"
)

const (
	perRecords = 1000      // records in a file
	perFile    = 16 << 20  // bytes of records in a file, but for one that is larger by itself
	perLeaves  = 65536     // leaves in a file
	maxFile    = 256 << 20 // bytes of a file: what is larger no verifier reads
)

// Content is what goes into a bundle.
type Content struct {
	// Readme is for the auditor.
	Readme string
	// Key is the public key that the checkpoint and the bundle are signed by.
	Key string
	// Former are the public keys that older checkpoints among the records are
	// signed by, each once.
	Former     []string
	Checkpoint everqual.Checkpoint
	// Leaves yields the Merkle leaf of every record of the checkpoint, from the
	// first; Records those records that the bundle shows, in order.
	Leaves  iter.Seq2[[]byte, error]
	Records iter.Seq2[everqual.Record, error]
	// Blobs are the digests of what the records rest on, and Blob reads one.
	Blobs []everqual.Digest
	Blob  func(ctx context.Context, d everqual.Digest) ([]byte, error)
}

// Write writes the bundle. The same content gives the same bytes.
func Write(ctx context.Context, w io.Writer, c Content, signer note.Signer) error {
	b := &writer{tar: tar.NewWriter(w)}
	if err := b.head(c); err != nil {
		return err
	}
	if err := b.leaves(c); err != nil {
		return err
	}
	if err := b.records(c.Records); err != nil {
		return err
	}
	blobs := slices.Compact(slices.Sorted(slices.Values(c.Blobs)))
	for _, d := range blobs {
		blob, err := c.Blob(ctx, d)
		if err != nil {
			return fmt.Errorf("read %s from the archive: %w", d, err)
		}
		if err := b.add("blobs/"+d.Hex(), blob); err != nil {
			return err
		}
	}
	signed, err := note.Sign(&note.Note{Text: b.manifest()}, signer)
	if err != nil {
		return fmt.Errorf("sign the manifest: %w", err)
	}
	return b.end(signed)
}

type writer struct {
	tar   *tar.Writer
	lines []string // of the manifest
}

// head writes the files of which there is one each, and the former keys.
func (b *writer) head(c Content) error {
	type file struct{ name, text string }
	all := []file{{"README.md", c.Readme}, {"ledger.pub", c.Key + "\n"}}
	for i, key := range c.Former {
		all = append(all, file{fmt.Sprintf("former/%03d.pub", i+1), key + "\n"})
	}
	for _, f := range append(all, file{"checkpoint", c.Checkpoint.Note}) {
		if err := b.add(f.name, []byte(f.text)); err != nil {
			return err
		}
	}
	return nil
}

// add writes a file, with nothing in its header but name and size.
func (b *writer) add(name string, content []byte) error {
	if err := readable(name, len(content)); err != nil {
		return err
	}
	b.lines = append(b.lines, fmt.Sprintf("%x %d %s", sha256.Sum256(content), len(content), name))
	return b.file(name, content)
}

func (b *writer) file(name string, content []byte) error {
	err := b.tar.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: int64(len(content)), Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR,
	})
	if err == nil {
		_, err = b.tar.Write(content)
	}
	return err
}

// readable refuses what would make a bundle that nobody can verify.
func readable(what string, size int) error {
	if size > maxFile {
		return fmt.Errorf("%s: %d bytes; a file of a bundle has at most %d, whoever verifies it reads no more", what, size, maxFile)
	}
	return nil
}

func (b *writer) manifest() string { return "everqual bundle 1\n" + strings.Join(b.lines, "\n") + "\n" }

func (b *writer) end(manifest []byte) error {
	if err := readable("manifest", len(manifest)); err != nil {
		return err
	}
	if err := b.file("manifest", manifest); err != nil {
		return err
	}
	return b.tar.Close()
}

// leaves writes all leaves of the tree, 32 bytes each.
func (b *writer) leaves(c Content) error {
	var part bytes.Buffer
	n := uint64(0)
	flush := func() error {
		first := (n-1)/perLeaves*perLeaves + 1
		err := b.add(fmt.Sprintf("ledger/leaves/%012d", first), part.Bytes())
		part.Reset()
		return err
	}
	for leaf, err := range c.Leaves {
		if err != nil {
			return err
		}
		if n == c.Checkpoint.Size {
			break
		}
		part.Write(leaf)
		if n++; n%perLeaves == 0 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if n != c.Checkpoint.Size {
		return fmt.Errorf("the ledger has %d leaves, its checkpoint says %d", n, c.Checkpoint.Size)
	}
	if part.Len() > 0 {
		return flush()
	}
	return nil
}

// records writes the records, each as its entry and its body, a line each.
func (b *writer) records(all iter.Seq2[everqual.Record, error]) error {
	var part bytes.Buffer
	n, first := 0, uint64(0)
	flush := func() error {
		if n == 0 {
			return nil
		}
		err := b.add(fmt.Sprintf("ledger/records/%012d", first), part.Bytes())
		part.Reset()
		n = 0
		return err
	}
	for r, err := range all {
		if err != nil {
			return err
		}
		lines, err := linesOf(r)
		if err != nil {
			return err
		}
		if n == perRecords || part.Len()+len(lines) > perFile {
			if err := flush(); err != nil {
				return err
			}
		}
		if n == 0 {
			first = r.Sequence
		}
		part.Write(lines)
		n++
	}
	return flush()
}

// linesOf are the two lines of a record.
func linesOf(r everqual.Record) ([]byte, error) {
	if bytes.ContainsRune(r.Body, '\n') {
		return nil, fmt.Errorf("record %d: its body is not one line", r.Sequence)
	}
	what := fmt.Sprintf("record %d", r.Sequence)
	if err := readable(what, len(r.Body)); err != nil { // before it is copied
		return nil, err
	}
	entry := ledger.EntryOf(r)
	lines := slices.Concat(entry, []byte{'\n'}, r.Body, []byte{'\n'})
	return lines, readable(what, len(lines))
}
