package embedded

import (
	"context"
	"crypto/rand"
	"encoding/hex"
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
	other func(ctx context.Context) (ledger.Signer, string, error)
}

func (k keys) secret() string { return filepath.Join(k.dir, "ledger.key") }
func (k keys) public() string { return filepath.Join(k.dir, "ledger.pub") }

// signer reads the secret key, and makes a pair where there is none. A key that
// others may read is refused: what it signs proves nothing.
func (k keys) signer() (ledger.Signer, error) {
	info, err := os.Stat(k.secret())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := k.generate(); err != nil {
			return nil, fmt.Errorf("make the ledger's key: %w", err)
		}
	case err != nil:
		return nil, fmt.Errorf("read the ledger's key: %w", err)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%s may be read by others (%s): make it yours alone with chmod 600, and if somebody else could have read it, start a new key", k.secret(), info.Mode().Perm())
	}
	text, err := os.ReadFile(k.secret())
	if err != nil {
		return nil, fmt.Errorf("read the ledger's key: %w", err)
	}
	s, err := note.NewSigner(strings.TrimSpace(string(text)))
	if err != nil { // the error must not show the key
		return nil, fmt.Errorf("%s holds no key for signed notes", k.secret())
	}
	return s, nil
}

// pair is the signer with its public key, which lies with the home then.
func (k keys) pair(ctx context.Context) (signer ledger.Signer, public string, err error) {
	if k.other != nil {
		signer, public, err = k.other(ctx)
	} else {
		signer, public, err = k.own()
	}
	if err != nil {
		return nil, "", err
	}
	return signer, public, k.publish(public)
}

func (k keys) own() (ledger.Signer, string, error) {
	signer, err := k.signer()
	if err != nil {
		return nil, "", err
	}
	for _, path := range append(k.former(), k.public()) {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, "", fmt.Errorf("read the ledger's public key: %w", err)
		}
		public := strings.TrimSpace(string(text))
		if v, err := note.NewVerifier(public); err == nil && v.Name() == signer.Name() && v.KeyHash() == signer.KeyHash() {
			return signer, public, nil
		}
	}
	return nil, "", fmt.Errorf("no public key in %s is that of %s: restore it from a backup", k.dir, k.secret())
}

// former are the files with the public keys that signed before.
func (k keys) former() []string {
	names, _ := filepath.Glob(filepath.Join(k.dir, "former", "*.pub")) // of a pattern of ours: cannot fail
	return names
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

// generate makes a pair under a name that tells ledgers apart. The public key is
// there before the secret one: a crash in between leaves a pair to be made anew.
func (k keys) generate() error {
	random := k.random
	if random == nil {
		random = rand.Reader
	}
	id := make([]byte, 8)
	if _, err := io.ReadFull(random, id); err != nil {
		return err
	}
	secret, public, err := note.GenerateKey(random, "everqual/"+hex.EncodeToString(id))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	return errors.Join(k.publish(public), durable(k.secret(), secret+"\n"), syncDir(filepath.Dir(k.dir)))
}

// durable writes a file that is whole or not there at all, readable by its owner.
func durable(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "*.tmp") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it has its name
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
