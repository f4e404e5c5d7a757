package embedded

import (
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

	"github.com/everqual/everqual/ledger"
	"golang.org/x/mod/sumdb/note"
)

// keys are the files that hold the ledger's key pair, in the form of signed notes:
// the secret one to sign checkpoints, the public one to give to whoever verifies.
// https://pkg.go.dev/golang.org/x/mod/sumdb/note
type keys struct {
	dir    string
	random io.Reader // nil: the machine's
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

// pair is the signer with its public key.
func (k keys) pair() (ledger.Signer, string, error) {
	signer, err := k.signer()
	if err != nil {
		return nil, "", err
	}
	public, err := os.ReadFile(k.public())
	if err != nil {
		return nil, "", fmt.Errorf("read the ledger's public key: %w", err)
	}
	return signer, strings.TrimSpace(string(public)), nil
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
	return errors.Join(durable(k.public(), public+"\n"), durable(k.secret(), secret+"\n"), syncDir(filepath.Dir(k.dir)))
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
