package witness

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
	"github.com/everqual/everqual"
)

// Request is the RFC 3161 request for a time-stamp of a checkpoint, over the
// SHA-256 of its note. A nonce is for whoever can compare the reply.
func Request(c everqual.Checkpoint, nonce *big.Int) ([]byte, error) {
	imprint := sha256.Sum256([]byte(c.Note))
	r := timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: imprint[:], Certificates: true, Nonce: nonce}
	b, err := r.Marshal()
	if err != nil {
		return nil, fmt.Errorf("write a time-stamp request: %w", err)
	}
	return b, nil
}

// answers tells why the paper is not the answer to a request with the nonce.
func (p *Paper) answers(nonce *big.Int) error {
	if p.stamp == nil || p.stamp.Nonce == nil || p.stamp.Nonce.Cmp(nonce) != 0 {
		return errors.New("the authority answered another request than ours")
	}
	return nil
}

// signerOf is the certificate that a token was signed with.
func signerOf(token []byte) (*x509.Certificate, error) {
	p7, err := pkcs7.Parse(token)
	if err != nil {
		return nil, fmt.Errorf("the time-stamp cannot be read: %w", err)
	}
	signer := p7.GetOnlySigner()
	if signer == nil {
		return nil, errors.New("the time-stamp must have one signer, with its certificate")
	}
	return signer, nil
}
