package awshome

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"golang.org/x/mod/sumdb/note"

	"github.com/everqual/everqual/ledger"
)

// signer signs with a key that stays in KMS.
type signer struct {
	ctx      context.Context // note.Signer knows none
	kms      *kms.Client
	key      string
	public   ed25519.PublicKey
	verifier note.Verifier
}

// NewSigner returns what signs with a KMS key, which must be of the specification
// ECC_NIST_EDWARDS25519, and its public key in the form of signed notes. The name
// that it signs with comes from the public key, so that it stays with the key.
func NewSigner(ctx context.Context, client *kms.Client, key string) (ledger.Signer, string, error) {
	out, err := client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &key})
	if err != nil {
		return nil, "", said("read the public key of "+key, err)
	}
	parsed, err := x509.ParsePKIXPublicKey(out.PublicKey)
	public, ok := parsed.(ed25519.PublicKey)
	if err != nil || !ok || out.KeyUsage != types.KeyUsageTypeSignVerify {
		return nil, "", fmt.Errorf("key %s is %s for %s: checkpoints need one of ECC_NIST_EDWARDS25519 for SIGN_VERIFY", key, out.KeySpec, out.KeyUsage)
	}
	id := sha256.Sum256(public)
	text, err := note.NewEd25519VerifierKey("everqual/"+hex.EncodeToString(id[:8]), public)
	if err != nil {
		return nil, "", err
	}
	verifier, err := note.NewVerifier(text)
	if err != nil {
		return nil, "", err
	}
	return &signer{ctx, client, key, public, verifier}, text, nil
}

// Name is the name of the key.
func (s *signer) Name() string { return s.verifier.Name() }

// KeyHash tells keys of one name apart.
func (s *signer) KeyHash() uint32 { return s.verifier.KeyHash() }

// Sign has KMS sign the message, and checks what comes back: a signature that
// nobody could verify must not get into the ledger.
func (s *signer) Sign(message []byte) ([]byte, error) {
	out, err := s.kms.Sign(s.ctx, &kms.SignInput{
		KeyId: &s.key, Message: message, MessageType: types.MessageTypeRaw,
		SigningAlgorithm: types.SigningAlgorithmSpecEd25519Sha512,
	})
	if err != nil {
		return nil, said("sign with "+s.key, err)
	}
	if !ed25519.Verify(s.public, message, out.Signature) {
		return nil, errors.New("sign with " + s.key + ": the signature is not one of its public key")
	}
	return out.Signature, nil
}

// KeySigner returns what signs with a KMS key for a home on one machine; region may
// be empty where the key's ARN or the configuration says it.
func KeySigner(ctx context.Context, key, region string) (ledger.Signer, string, error) {
	cfg, err := keyConfig(ctx, key, region)
	if err != nil {
		return nil, "", err
	}
	return NewSigner(ctx, kms.NewFromConfig(cfg), key)
}

func keyConfig(ctx context.Context, key, region string) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryMaxAttempts(attempts))
	if err != nil {
		return cfg, fmt.Errorf("sign with %s: read the AWS configuration: %w", key, err)
	}
	if parts := strings.Split(key, ":"); region == "" && len(parts) == 6 { // its ARN
		region = parts[3]
	}
	if region != "" {
		cfg.Region = region
	}
	return cfg, nil
}
