package trail

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
)

// algorithm is the only one that CloudTrail signs with.
const algorithm = "SHA256withRSA"

// stringToSign is what CloudTrail signs for a digest, as its user guide says
// under "Custom implementations of CloudTrail log file integrity validation":
// the end time, the location, the hash of the decompressed digest, and the
// signature of the previous one, "null" at the start of a chain.
func stringToSign(d document, hash string) []byte {
	previous := "null"
	if d.PreviousSignature != nil {
		previous = *d.PreviousSignature
	}
	return []byte(d.EndText + "\n" + d.Bucket + "/" + d.Object + "\n" + hash + "\n" + previous)
}

func verifies(key *rsa.PublicKey, signed, signature []byte) bool {
	sum := sha256.Sum256(signed)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
}

// sha256Info precedes the hash in a PKCS #1 v1.5 signature (RFC 8017, 9.2).
var sha256Info = []byte{0x00, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}

// madeBy tells whether a signature was made with a key, whatever it signs. So a
// digest that was changed is told from a signature that was.
func madeBy(key *rsa.PublicKey, signature []byte) bool {
	size := key.Size()
	if len(signature) != size || size < len(sha256Info)+sha256.Size+11 {
		return false
	}
	s := new(big.Int).SetBytes(signature)
	if s.Cmp(key.N) >= 0 {
		return false
	}
	block := s.Exp(s, big.NewInt(int64(key.E)), key.N).FillBytes(make([]byte, size))
	info := size - sha256.Size - len(sha256Info)
	padding := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, info-2)...)
	return bytes.Equal(block[:info], padding) && bytes.Equal(block[info:info+len(sha256Info)], sha256Info)
}

// maker returns the key that made one of the signatures.
func (k Keys) maker(signatures ...[]byte) (key PublicKey, ok bool) {
	for _, key := range k {
		for _, s := range signatures {
			if madeBy(key.Key, s) {
				return key, true
			}
		}
	}
	return key, false
}
