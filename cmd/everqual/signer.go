package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
)

// kmsKey is what keys/kms.json of a folder holds: the KMS key that signs instead of a
// file that lies beside what it signs.
type kmsKey struct {
	KeyID  string `json:"key_id"`
	Region string `json:"region,omitempty"` // where the key's ARN does not say it
}

// kmsKey reads which key of KMS signs the ledger; none: the home's own does.
func (a *app) kmsKey() (k kmsKey, err error) {
	if id := os.Getenv("EVERQUAL_KMS_KEY"); id != "" {
		return kmsKey{KeyID: id}, nil
	}
	path := filepath.Join(a.home, "keys", "kms.json")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err != nil {
		return k, fmt.Errorf("read which key signs: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&k); err != nil || k.KeyID == "" {
		return k, errors.Join(fmt.Errorf(`%s: it is an object such as {"key_id": "alias/everqual", "region": "eu-central-1"}`, path), err)
	}
	return k, nil
}

// embeddedOptions are the options of a folder, with the key that is to sign. That of
// the demonstration is worth nothing, and must not be asked of anybody.
func (a *app) embeddedOptions(opt embedded.Options) (embedded.Options, error) {
	if opt.Random != nil {
		return opt, nil
	}
	k, err := a.kmsKey()
	if err == nil && k.KeyID != "" {
		opt.Sign = func(ctx context.Context) (ledger.Signer, string, error) {
			return awshome.KeySigner(ctx, k.KeyID, k.Region)
		}
	}
	return opt, err
}
