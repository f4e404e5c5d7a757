package trail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// sidecar ends the name of the file with an object's metadata.
const sidecar = ".metadata.json"

// maxObject is the stored size at which an object is not read.
const maxObject = 512 << 20

type folder struct{ dir, bucket string }

// Folder is a copy of a bucket on disk: an object's key is its slash path below
// dir, and beside it <key>.metadata.json may hold its metadata as a flat JSON
// object of strings. Without one a digest is checked by the signature that the
// next digest repeats, and the newest cannot be. An empty bucket stands for the
// one that the digests themselves state. Keys come from digests: none leads out
// of dir.
func Folder(dir, bucket string) Files { return folder{dir, bucket} }

func (f folder) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		err := filepath.WalkDir(f.dir, func(name string, d fs.DirEntry, err error) error {
			if err := errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			key, err := filepath.Rel(f.dir, name)
			if err != nil || d.IsDir() {
				return err
			}
			key = filepath.ToSlash(key)
			if strings.HasPrefix(key, prefix) && !strings.HasSuffix(key, sidecar) && !yield(key, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield("", fmt.Errorf("list %s: %w", f.dir, err))
		}
	}
}

func (f folder) Get(ctx context.Context, key string) (Object, error) {
	o := Object{Bucket: f.bucket, Key: key}
	if err := ctx.Err(); err != nil {
		return o, err
	}
	var err error
	if o.Body, err = f.read(key); err != nil {
		return o, err
	}
	raw, err := f.read(key + sidecar)
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	if err != nil {
		return o, fmt.Errorf("%w: %w", ErrMetadata, err)
	}
	o.Metadata, err = parseMetadata(raw)
	return o, err
}

// read reads a file below the folder.
func (f folder) read(key string) ([]byte, error) {
	if !fs.ValidPath(key) || path.Clean(key) != key {
		return nil, fmt.Errorf("%q is no path in a folder: %w", key, fs.ErrNotExist)
	}
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name := filepath.FromSlash(key)
	if err := readable(root.Stat(name)); err != nil { // before it is opened: a pipe would wait for ever
		return nil, err
	}
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := readable(file.Stat()); err != nil { // it may be another one now
		return nil, err
	}
	return io.ReadAll(file)
}

func readable(info fs.FileInfo, err error) error {
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("is no regular file")
	case info.Size() > maxObject:
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, info.Size())
	}
	return nil
}

// parseMetadata reads a sidecar. Names may be as S3's headers spell them.
func parseMetadata(raw []byte) (map[string]string, error) {
	var m map[string]string
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMetadata, err)
	}
	out := map[string]string{}
	for name, value := range m {
		out[strings.TrimPrefix(strings.ToLower(name), "x-amz-meta-")] = value
	}
	return out, nil
}
