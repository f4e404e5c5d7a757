package trail

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// inflater decompresses one object after the other with the same memory.
type inflater struct {
	in bytes.Reader
	z  gzip.Reader
}

// inflate decompresses a whole object, also one of several gzip members, as
// gunzip does and therefore who reads its events. Anything else behind them is
// an error. More than limit bytes are refused while they are read.
func (f *inflater) inflate(body []byte, limit int64) ([]byte, error) {
	f.in.Reset(body)
	if err := f.z.Reset(&f.in); err != nil {
		return nil, fmt.Errorf("not a gzip file: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(&f.z, limit+1))
	if err != nil {
		return nil, fmt.Errorf("gzip is broken after %d decompressed bytes: %w", len(b), err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%w: more than %d decompressed bytes", ErrTooLarge, limit)
	}
	return b, nil
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
