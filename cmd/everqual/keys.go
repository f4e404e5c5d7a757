package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
)

// publicKeys reads public keys of signed notes, one from each file.
func publicKeys(paths []string) (keys []note.Verifier, err error) {
	_, keys, err = keyFiles(paths)
	return keys, err
}

// keyFiles reads public keys, as they are written and to be used.
func keyFiles(paths []string) (texts []string, keys []note.Verifier, err error) {
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, fmt.Errorf("read the public key: %w", err)
		}
		v, err := publicKey(path, string(text))
		if err != nil {
			return nil, nil, err
		}
		texts, keys = append(texts, strings.TrimSpace(string(text))), append(keys, v)
	}
	return texts, keys, nil
}

func publicKey(where, text string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("%s is no public key of signed notes: %w", where, err)
	}
	return v, nil
}

// ownKeys are the public keys that lie with the home, also those of former homes.
func (a *app) ownKeys(ctx context.Context, home flow.Home) ([]note.Verifier, error) {
	texts, err := a.ownKeyTexts(ctx, home)
	if err != nil {
		return nil, err
	}
	var keys []note.Verifier
	for _, text := range texts {
		v, err := publicKey("what lies with "+a.home, text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, v)
	}
	return keys, nil
}

// ownKeyTexts are the public keys as they are written, each once, the former ones
// first.
func (a *app) ownKeyTexts(ctx context.Context, home flow.Home) ([]string, error) {
	former, err := a.formerKeys(ctx)
	if err != nil {
		return nil, err
	}
	own, err := a.ownKey(ctx, home)
	if errors.Is(err, awshome.ErrNoKey) && len(former) > 0 {
		return former, nil // they signed what was brought here
	}
	if err != nil {
		return nil, err
	}
	if i := slices.Index(former, own); i >= 0 { // it signs again
		former = slices.Delete(former, i, i+1)
	}
	return append(former, own), nil
}

func (a *app) ownKey(ctx context.Context, home flow.Home) (string, error) {
	if _, onAWS := a.onAWS(); onAWS {
		_, public, err := home.Signer(ctx)
		return public, err
	}
	text, err := os.ReadFile(filepath.Join(a.home, "keys", "ledger.pub"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", a.noKey(ctx, home)
	}
	if err != nil {
		return "", fmt.Errorf("read the public key: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// noKey says why no public key lies with the home: nobody signed, or it is gone.
func (a *app) noKey(ctx context.Context, home flow.Home) error {
	name, err := origin(ctx, home.Ledger)
	if err != nil {
		return err
	}
	if name == "" {
		return fmt.Errorf("nothing of %s was signed yet: 'everqual export' signs it", a.home)
	}
	return fmt.Errorf("the ledger of %s was signed by %s, and its public key is not there (keys/ledger.pub): restore the folder keys from a backup, or give the public key that you hold with --key", a.home, name)
}

// formerKeys are the public keys that signed before: of the homes that the ledger
// came from, and of keys that were replaced.
func (a *app) formerKeys(ctx context.Context) (texts []string, err error) {
	files, err := a.folder(ctx, "keys")
	if err != nil || files == nil {
		return nil, err
	}
	names, err := fs.Glob(files, "former/*.pub")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the public key: %w", err)
		}
		if t := strings.TrimSpace(string(text)); !slices.Contains(texts, t) {
			texts = append(texts, t)
		}
	}
	return texts, nil
}
