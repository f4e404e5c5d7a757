package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"golang.org/x/mod/sumdb/note"
)

// keys are the files that hold the ledger's key pair, in the form of signed notes:
// the secret one to sign checkpoints, the public one to give to whoever verifies.
// https://pkg.go.dev/golang.org/x/mod/sumdb/note
type keys struct {
	dir    string
	random io.Reader // nil: the machine's
	// other is a key that is kept elsewhere; nil: there is none.
	other   func(ctx context.Context) (ledger.Signer, string, error)
	records *ledger.Ledger // that it signs
}

func (k keys) secret() string { return filepath.Join(k.dir, "ledger.key") }
func (k keys) public() string { return filepath.Join(k.dir, "ledger.pub") }
func (k keys) signed() string { return filepath.Join(k.dir, "signed") }

// pair is the signer with its public key, which lies with the home then.
func (k keys) pair(ctx context.Context) (signer ledger.Signer, public string, err error) {
	if k.other != nil {
		signer, public, err = k.other(ctx)
	} else {
		signer, public, err = k.own(ctx)
	}
	if err != nil {
		return nil, "", err
	}
	return remembering{signer, k.signed()}, public, k.publish(public)
}

// own reads the secret key, and makes one for a ledger that nobody signed yet.
func (k keys) own(ctx context.Context) (ledger.Signer, string, error) {
	signer, public, err := readSecret(k.secret())
	if !errors.Is(err, fs.ErrNotExist) {
		return signer, public, err
	}
	if lost := k.lost(ctx); lost != nil {
		// Whoever makes the key publishes it afterwards: where its public part, or
		// what it signed, was seen just now, it is there.
		if signer, public, err = readSecret(k.secret()); errors.Is(err, fs.ErrNotExist) {
			err = lost
		}
		return signer, public, err
	}
	if err := k.generate(k.secret()); err != nil {
		return nil, "", fmt.Errorf("make the ledger's key: %w", err)
	}
	return readSecret(k.secret())
}

// readSecret reads a secret key, from which its public part follows. A key that others
// may read is refused: what it signs proves nothing.
func readSecret(path string) (ledger.Signer, string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", fmt.Errorf("read the ledger's key: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, "", fmt.Errorf("%s may be read by others (%s): make it yours alone with chmod 600, and if somebody else could have read it, begin a new key with 'everqual keys new'", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, "", fmt.Errorf("read the ledger's key: %w", err)
	}
	signer, public, err := parseSecret(strings.TrimSpace(string(text)))
	if err != nil { // the error must not show the key
		return nil, "", fmt.Errorf("%s holds no key for signed notes: restore it from a backup, or begin a new key with 'everqual keys new'", path)
	}
	return signer, public, nil
}

// lost says what is missing where there is no secret key although one signed: a new
// one, made silently, would be another signer that nobody heard of. A ledger that came
// from elsewhere, whose signer is a former one, gets the first key of its own.
func (k keys) lost(ctx context.Context) error {
	const do = "restore keys/ from a backup (or name the key of KMS that signs, in keys/kms.json or EVERQUAL_KMS_KEY), or begin a new key knowingly with 'everqual keys new --reason ...'"
	if _, err := os.Stat(k.public()); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s is gone, and %s is there: %s", k.secret(), k.public(), do))
	}
	for c, err := range ledger.Bodies[everqual.Checkpoint](ctx, k.records, ledger.Query{Kind: everqual.KindCheckpoint, Descending: true, Limit: 1}) {
		if err != nil {
			return fmt.Errorf("ask who signed the ledger: %w", err)
		}
		if _, err := note.Open([]byte(c.Body.Note), note.VerifierList(k.former()...)); err == nil {
			return nil
		}
		name, _, _ := strings.Cut(c.Body.Note, "\n")
		return fmt.Errorf("%s is gone, and the ledger was signed by %s up to record %d: %s", k.secret(), name, c.Body.Size, do)
	}
	return nil
}

// former are the public keys that signed before.
func (k keys) former() (all []note.Verifier) {
	names, _ := filepath.Glob(filepath.Join(k.dir, "former", "*.pub")) // of a pattern of ours: cannot fail
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // then nothing holds by it
		}
		if v, err := note.NewVerifier(strings.TrimSpace(string(text))); err == nil {
			all = append(all, v)
		}
	}
	return all
}

// publish has the public key lie with the home. Another one that signed before is
// kept first: what it signed must stay verifiable.
func (k keys) publish(public string) error {
	old, err := os.ReadFile(k.public())
	was := strings.TrimSpace(string(old))
	switch {
	case err == nil && was == public:
		return nil
	case err == nil:
		if err := keepFormer(k.dir, was); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read the ledger's public key: %w", err)
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return fmt.Errorf("keep the ledger's public key: %w", err)
	}
	return durable(k.public(), public+"\n")
}

// KeepFormer keeps a public key that signed the ledger before, so that what it
// signed stays verifiable.
func KeepFormer(dir, public string) error { return keepFormer(filepath.Join(dir, "keys"), public) }

func keepFormer(keys, public string) error {
	folder := filepath.Join(keys, "former")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("keep the public key that signed before: %w", err)
	}
	return durable(filepath.Join(folder, everqual.DigestOf([]byte(public)).Short()+".pub"), public+"\n")
}
