package embedded

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// anotherPast is what to do when the ledger does not go on from what was signed.
const anotherPast = "nothing is signed: see 'everqual verify' and whoever else saw the ledger for what changed, restore the home from a backup, or where that past is given up knowingly, begin a new key with 'everqual keys new --reason ...'"

// remembering is a signer that keeps what it signed last in a file beside the key: a
// past that is rewritten in the database alone is not signed again. Of two processes
// that sign at the same time one may write the older state last; both are the past of
// the ledger, and the next signature writes a newer one.
type remembering struct {
	ledger.Signer
	path string
}

func (r remembering) Last() (uint64, everqual.Digest, error) {
	note, err := os.ReadFile(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("read what was signed last: %w", err)
	}
	size, root, err := signedState(string(note))
	if err != nil {
		return 0, "", everqual.Permanent(fmt.Errorf("%s: %w: restore it from a backup, or begin a new key with 'everqual keys new'", r.path, err))
	}
	return size, root, nil
}

func (r remembering) Remember(c everqual.Checkpoint) error { return durable(r.path, c.Note) }

// signedState reads size and root of a checkpoint: the second and third line.
func signedState(note string) (size uint64, root everqual.Digest, err error) {
	lines := strings.SplitN(note, "\n", 4)
	if len(lines) < 4 {
		return 0, "", errors.New("it is no checkpoint")
	}
	size, err = strconv.ParseUint(lines[1], 10, 63)
	if err != nil || size == 0 {
		return 0, "", errors.New("it is no checkpoint: line 2 is a number of records")
	}
	sum, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(sum) != 32 {
		return 0, "", errors.New("it is no checkpoint: line 3 is a root")
	}
	return size, everqual.Digest("sha256:" + hex.EncodeToString(sum)), nil
}

// Signed is what a key of the home in dir signed last; a size of 0: nothing.
func Signed(dir string) (size uint64, root everqual.Digest, err error) {
	return remembering{path: keys{dir: filepath.Join(dir, "keys")}.signed()}.Last()
}

// layAside keeps what a former key signed last.
func layAside(k keys) error {
	text, err := os.ReadFile(k.signed())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("lay aside what was signed last: %w", err)
	}
	former := filepath.Join(k.dir, "former")
	if err := os.MkdirAll(former, 0o700); err != nil {
		return fmt.Errorf("lay aside what was signed last: %w", err)
	}
	if err := os.Rename(k.signed(), filepath.Join(former, everqual.DigestOf(text).Short()+".signed")); err != nil {
		return fmt.Errorf("lay aside what was signed last: %w", err)
	}
	return errors.Join(syncDir(former), syncDir(k.dir))
}
