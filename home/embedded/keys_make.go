package embedded

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/everqual/everqual/ledger"
)

// generate makes a secret key under a name that tells ledgers apart, unless there is
// one: of several processes that make one at the same time, all have the first. The
// file is the only one that decides: the public key follows from it.
func (k keys) generate(path string) error {
	random := k.random
	if random == nil {
		random = rand.Reader
	}
	id := make([]byte, 8)
	if _, err := io.ReadFull(random, id); err != nil {
		return err
	}
	secret, _, err := note.GenerateKey(random, "everqual/"+hex.EncodeToString(id))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	return errors.Join(once(path, secret+"\n"), syncDir(filepath.Dir(k.dir)))
}

// FirstKey makes the key of the home in dir that a ledger came to from elsewhere,
// whoever signed it there.
func FirstKey(dir string) error {
	k := keys{dir: filepath.Join(dir, "keys")}
	if err := k.generate(k.secret()); err != nil {
		return fmt.Errorf("make the ledger's key: %w", err)
	}
	return nil
}

// parseSecret reads a secret key of signed notes, which holds the seed of an Ed25519
// key behind its algorithm: PRIVATE+KEY+name+hash+data.
func parseSecret(text string) (ledger.Signer, string, error) {
	signer, err := note.NewSigner(text)
	if err != nil {
		return nil, "", err
	}
	_, data, _ := strings.Cut(strings.TrimPrefix(text, "PRIVATE+KEY+"+signer.Name()+"+"), "+")
	seed, err := base64.StdEncoding.DecodeString(data)
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return nil, "", errors.New("it is no key of Ed25519")
	}
	of := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	public, err := note.NewEd25519VerifierKey(signer.Name(), of)
	return signer, public, err
}

// once writes a file that is whole, unless one has the name.
func once(path, text string) error {
	err := laid(path, text, os.Link)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		err = exclusive(path, text)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// exclusive is for file systems without a second name for a file, such as FAT. A crash
// may leave half a key there, which is refused when it is read.
func exclusive(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close(), syncDir(filepath.Dir(path)))
}

// durable writes a file that is whole or not there at all, readable by its owner.
func durable(path, text string) error { return laid(path, text, os.Rename) }

// laid writes a file under another name, and then gives it its own.
func laid(path, text string, name func(from, to string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "*.tmp") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it was renamed
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := name(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// NextKey is a key that is to sign instead of the one that does, or did.
type NextKey struct {
	keys   keys
	Former string // the public key of before; "" where it is gone
	Public string
}

// NewKey makes the next key of the home in dir, which signs nothing until it begins.
// That of an attempt that was cut off is taken up.
func NewKey(dir string, random io.Reader) (NextKey, error) {
	n := NextKey{keys: keys{dir: filepath.Join(dir, "keys"), random: random}}
	if err := n.keys.generate(n.pending()); err != nil {
		return n, fmt.Errorf("make a new key: %w", err)
	}
	_, public, err := readSecret(n.pending())
	if err != nil {
		return n, err
	}
	former, err := os.ReadFile(n.keys.public())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return n, fmt.Errorf("read the ledger's public key: %w", err)
	}
	n.Former, n.Public = strings.TrimSpace(string(former)), public
	return n, nil
}

func (n NextKey) pending() string { return filepath.Join(n.keys.dir, "next.key") }

// Begin lets the key sign from now on; the secret one of before is gone then. What that
// signed last is laid aside where the ledger does not go on from it: last of all, as
// the new key must not sign either when this is cut off.
func (n NextKey) Begin(goesOn bool) error {
	if err := os.Rename(n.pending(), n.keys.secret()); err != nil {
		return fmt.Errorf("let the new key sign: %w", err)
	}
	if err := errors.Join(syncDir(n.keys.dir), n.keys.publish(n.Public)); err != nil || goesOn {
		return err
	}
	return layAside(n.keys)
}
