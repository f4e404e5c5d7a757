package verify

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

const block = 512

// maxFile bounds one file of a bundle, in bytes.
const maxFile = 256 << 20

// member is one file of a bundle.
type member struct {
	name    string
	at      int64 // of its content, from the beginning of the bundle
	content []byte
}

// errForm is where a tar is not written as a bundle's is.
type errForm struct {
	at      int64
	message string
}

func (e *errForm) Error() string { return fmt.Sprintf("byte %d: %s", e.at, e.message) }

// tarball reads the one form of tar that a bundle has: what else a header or the
// padding could say would be protected by nothing.
type tarball struct {
	from io.Reader
	at   int64
}

// next returns the next file, io.EOF after the last.
func (t *tarball) next() (member, error) {
	header := t.at
	b, err := t.read(block)
	if err != nil {
		return member{}, err
	}
	if isZero(b) {
		return member{}, t.end()
	}
	name := strings.TrimRight(string(b[:100]), "\x00")
	size, err := strconv.ParseInt(strings.TrimRight(string(b[124:136]), " \x00"), 8, 64)
	switch {
	case err != nil || size < 0:
		return member{}, &errForm{header + 124, "no size of a file"}
	case size > maxFile:
		return member{}, &errForm{header + 124, fmt.Sprintf("a file of %d bytes; at most %d are read", size, maxFile)}
	}
	want, err := headerOf(name, size)
	if err != nil {
		return member{}, &errForm{header, "no name of a file"}
	}
	if i := differs(b, want); i >= 0 {
		return member{}, &errForm{header + int64(i), fmt.Sprintf("the header of %q is not the one of a bundle", name)}
	}
	m := member{name: name, at: t.at}
	if m.content, err = t.read(int(size)); err != nil {
		return member{}, err
	}
	padding, err := t.read(int((block - size%block) % block))
	if err != nil {
		return member{}, err
	}
	if i := differs(padding, make([]byte, len(padding))); i >= 0 {
		return member{}, &errForm{t.at - int64(len(padding)) + int64(i), "something is in the padding behind " + name}
	}
	return m, nil
}

// end expects the second empty block and nothing behind it.
func (t *tarball) end() error {
	at := t.at
	b, err := t.read(block)
	if err != nil {
		return err
	}
	if i := differs(b, make([]byte, block)); i >= 0 {
		return &errForm{at + int64(i), "the end of a bundle is two empty blocks"}
	}
	if n, _ := io.ReadFull(t.from, make([]byte, 1)); n > 0 {
		return &errForm{t.at, "something follows the end"}
	}
	return io.EOF
}

func (t *tarball) read(n int) ([]byte, error) {
	b := make([]byte, n)
	got, err := io.ReadFull(t.from, b)
	t.at += int64(got)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, &errForm{t.at, "the bundle ends here, in the middle"}
	}
	return b, err
}

func headerOf(name string, size int64) ([]byte, error) {
	var b bytes.Buffer
	err := tar.NewWriter(&b).WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR,
	})
	return b.Bytes(), err
}

func isZero(b []byte) bool { return differs(b, make([]byte, len(b))) < 0 }

// differs is where two texts differ first, -1 when they do not.
func differs(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return -1
}
