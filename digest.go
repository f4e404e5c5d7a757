package everqual

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Digest is "sha256:" and 64 lower-case hexadecimal digits.
type Digest string

// DigestOf returns the SHA-256 digest of b.
func DigestOf(b []byte) Digest {
	sum := sha256.Sum256(b)
	text := append(make([]byte, 0, 7+2*len(sum)), "sha256:"...)
	return Digest(hex.AppendEncode(text, sum[:]))
}

// Hex returns the hexadecimal part, or "" when d is no SHA-256 digest. It is
// safe to use as a file name.
func (d Digest) Hex() string {
	h, ok := strings.CutPrefix(string(d), "sha256:")
	if !ok || len(h) != 2*sha256.Size || strings.Trim(h, "0123456789abcdef") != "" {
		return ""
	}
	return h
}

// Short returns the first 12 hexadecimal digits, for tables that people read.
func (d Digest) Short() string {
	if h := d.Hex(); h != "" {
		return h[:12]
	}
	return string(d)
}
