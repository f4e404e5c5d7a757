package embedded

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// archive keeps blobs as gzip files in a table: millions of small ones would be
// a burden to a folder, and each would have to be made durable by itself.
type archive struct {
	db   *database
	path string // of the file, for messages
}

// maxBlob bounds a blob, so that no damaged or planted one fills the memory.
const maxBlob = 64 << 20

// Put keeps b, which must have the digest d. It is durable on return. A blob
// that is there already is checked, and written again if it is damaged.
func (a *archive) Put(ctx context.Context, d everqual.Digest, b []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if got := everqual.DigestOf(b); d != got {
		return everqual.Permanent(fmt.Errorf("archive blob as %q: its digest is %s", d, got))
	}
	if len(b) > maxBlob {
		return everqual.Permanent(fmt.Errorf("archive blob %s: %d bytes are more than the %d that can be kept", d.Short(), len(b), maxBlob))
	}
	_, err := a.Get(ctx, d)
	if err == nil || !errors.Is(err, fs.ErrNotExist) && !everqual.IsPermanent(err) {
		return err
	}
	z, err := compress(b)
	if err == nil {
		err = a.db.write.change(ctx, func(tx *transaction) error { return keep(tx, d, z) })
	}
	if err != nil {
		return fmt.Errorf("archive blob %s: %w", d.Short(), err)
	}
	return nil
}

func keep(tx *transaction, d everqual.Digest, z []byte) error {
	return tx.write(1, "blob", `INSERT INTO blob VALUES (?, ?) ON CONFLICT (digest) DO UPDATE SET data = excluded.data`, key(d), z)
}

// key is the digest's 32 bytes.
func key(d everqual.Digest) []byte {
	b, _ := hex.DecodeString(d.Hex()) // of a digest: cannot fail
	return b
}

// Get returns the blob with the digest d. A row that does not hold it is a
// permanent error that names the file and the digest.
func (a *archive) Get(ctx context.Context, d everqual.Digest) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if d.Hex() == "" {
		return nil, everqual.Permanent(fmt.Errorf("read archive: %q is no SHA-256 digest", d))
	}
	var z []byte
	err := a.db.read.row(ctx, `SELECT data FROM blob WHERE digest = ?`, []any{key(d)}, &z)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("blob %s is not in the archive %s: %w", d, a.path, fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("read archive: %w", err)
	}
	b, err := expand(bytes.NewReader(z))
	if err == nil && everqual.DigestOf(b) != d {
		err = fmt.Errorf("it holds a blob with the digest %s", everqual.DigestOf(b))
	}
	if err != nil {
		return nil, everqual.Permanent(fmt.Errorf("blob %s in %s is damaged: %w: restore it from a backup", d, a.path, err))
	}
	return b, nil
}

// Locks are none: nothing but the ledger's retention keeps a blob here.
func (a *archive) Locks(context.Context, ...everqual.Digest) ([]flow.Lock, error) { return nil, nil }

// Erase deletes blobs.
func (a *archive) Erase(ctx context.Context, digests ...everqual.Digest) error {
	return a.db.write.change(ctx, func(tx *transaction) error {
		for _, d := range digests {
			if _, err := tx.exec(`DELETE FROM blob WHERE digest = ?`, key(d)); err != nil {
				return err
			}
		}
		return nil
	})
}

func expand(r io.Reader) ([]byte, error) {
	z, err := gzip.NewReader(r)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(z, maxBlob+1))
	if err == nil && len(b) > maxBlob {
		return nil, fmt.Errorf("it expands to more than %d bytes", maxBlob)
	}
	return b, err
}

// compress is the same bytes for the same blob.
func compress(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(&out)
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	err := z.Close()
	return out.Bytes(), err
}

// compressors are kept for the next blob: one takes most of a megabyte.
var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// takeIn moves the files of the folder in which the first format kept the
// archive into the table, as they are: a damaged one is found when it is read.
// What was cut off is done again.
func (a *archive) takeIn(ctx context.Context, folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "??", "*.gz"))
	if err != nil {
		return err
	}
	for len(files) > 0 {
		some := files[:min(len(files), 500)]
		files = files[len(some):]
		err := a.db.write.change(ctx, func(tx *transaction) error {
			for _, f := range some {
				d := everqual.Digest("sha256:" + strings.TrimSuffix(filepath.Base(f), ".gz"))
				z, err := os.ReadFile(f)
				if err == nil && d.Hex() != "" {
					err = keep(tx, d, z)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("move the archive %s into %s: %w", folder, a.path, err)
		}
	}
	return os.RemoveAll(folder)
}
