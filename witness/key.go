package witness

import (
	"fmt"
	"strconv"
	"strings"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// Key reads the public key of a witness, a line name+hash+key of Ed25519 or
// ML-DSA-44. https://c2sp.org/tlog-cosignature
func Key(vkey string) (note.Verifier, error) {
	key, err := cosignature.NewVerifierForCosignatureV1(vkey)
	if err != nil {
		return nil, fmt.Errorf("%q is no key of a witness: %w; it has the form name+hash+key", vkey, err)
	}
	_, rest, _ := strings.Cut(vkey, "+")
	said, _, _ := strings.Cut(rest, "+")
	hash, err := strconv.ParseUint(said, 16, 32)
	if err != nil {
		return nil, fmt.Errorf("%q is no key of a witness: %w", vkey, err)
	}
	// Some witnesses publish their key as one of plain Ed25519, whose hash is another.
	if plain, err := note.NewVerifier(vkey); uint32(hash) != key.KeyHash() && (err != nil || plain.KeyHash() != uint32(hash)) {
		return nil, fmt.Errorf("%q is no key of a witness: its hash is not the one of its name and key: a part of it was mistyped", vkey)
	}
	return key, nil
}
