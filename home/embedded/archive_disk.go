package embedded

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/everqual/everqual"
)

// Archive keeps blobs in a folder: the blob with the digest sha256:abcdef...
// is the gzip file ab/abcdef....gz. Files are never changed once they have
// their name, so a backup needs no pause. Several processes may use one folder.
type Archive struct {
	dir     string
	durable sync.Map // folders whose own entry is known to be durable
}

// maxBlob bounds a blob, so that no damaged or planted file fills the memory.
const maxBlob = 64 << 20

// NewArchive returns the archive in dir, which is made with the first blob.
func NewArchive(dir string) *Archive { return &Archive{dir: filepath.Clean(dir)} }

// Put keeps b, which must have the digest d. It is durable on return: the file
// is synced before it gets its name, and the name before Put returns. A blob
// that is there already is checked, and written again if it is damaged.
func (a *Archive) Put(ctx context.Context, d everqual.Digest, b []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if got := everqual.DigestOf(b); d != got {
		return everqual.Permanent(fmt.Errorf("archive blob as %q: its digest is %s", d, got))
	}
	if len(b) > maxBlob {
		return everqual.Permanent(fmt.Errorf("archive blob %s: %d bytes are more than the %d that can be kept", d.Short(), len(b), maxBlob))
	}
	path := a.path(d)
	_, err := a.Get(ctx, d)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !everqual.IsPermanent(err) {
		return err
	}
	if err != nil {
		if err := a.write(path, b); err != nil {
			return fmt.Errorf("archive blob %s: %w", d.Short(), err)
		}
	}
	return syncDir(filepath.Dir(path)) // also where another process gave the name
}

// Get returns the blob with the digest d. A file that does not hold it is a
// permanent error that names the file.
func (a *Archive) Get(ctx context.Context, d everqual.Digest) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if d.Hex() == "" {
		return nil, everqual.Permanent(fmt.Errorf("read archive: %q is no SHA-256 digest", d))
	}
	path := a.path(d)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("blob %s is not in the archive %s: %w", d, a.dir, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("read archive: %w", err)
	}
	defer f.Close()
	b, err := expand(f)
	if err == nil && everqual.DigestOf(b) != d {
		err = fmt.Errorf("it holds a blob with the digest %s", everqual.DigestOf(b))
	}
	if io := (*fs.PathError)(nil); errors.As(err, &io) {
		return nil, fmt.Errorf("read archive: %w", err)
	}
	if err != nil {
		return nil, everqual.Permanent(fmt.Errorf("archive file %s is damaged: %w: restore it from a backup", path, err))
	}
	return b, nil
}

func (a *Archive) path(d everqual.Digest) string {
	h := d.Hex()
	return filepath.Join(a.dir, h[:2], h+".gz")
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

// write makes the file at path. A crash leaves at most a *.tmp file, which no
// one reads.
func (a *Archive) write(path string, b []byte) error {
	if err := a.makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "*.tmp") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it has its name
	if err := errors.Join(compress(f, b), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func compress(w io.Writer, b []byte) error {
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(w)
	_, err := z.Write(b)
	return errors.Join(err, z.Close())
}

// compressors are kept for the next blob: one takes most of a megabyte.
var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// makeFolder makes folder and the archive's own, and makes their entries
// durable once.
func (a *Archive) makeFolder(folder string) error {
	if _, known := a.durable.Load(folder); known {
		return nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := errors.Join(syncDir(a.dir), syncDir(filepath.Dir(a.dir))); err != nil {
		return err
	}
	a.durable.Store(folder, true)
	return nil
}
