package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// entry is the JSON that stands for a record in chain and tree. Its members come
// in this order, without white space, and no character is escaped that need not
// be.
type entry struct {
	Sequence uint64          `json:"sequence"`
	Kind     everqual.Kind   `json:"kind"`
	Key      string          `json:"key"`
	Subjects []string        `json:"subjects"`
	Time     string          `json:"time"`
	Body     everqual.Digest `json:"body"`
	Previous everqual.Digest `json:"previous"`
}

// entryOf is the entry of a record with a body of that digest.
func entryOf(r everqual.Record, body everqual.Digest) ([]byte, error) {
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	err := to.Encode(entry{
		r.Sequence, r.Kind, r.Key, append([]string{}, r.Subjects...), r.Time.UTC().Format(time.RFC3339Nano), body, r.Previous,
	})
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

func sum(b []byte) everqual.Digest {
	s := sha256.Sum256(b)
	return everqual.Digest("sha256:" + hex.EncodeToString(s[:]))
}

// tree grows leaf by leaf, as RFC 6962 has it.
type tree struct{ edge *compact.Range }

func newTree() *tree {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &tree{factory.NewEmptyRange(0)}
}

func leafOf(entry []byte) []byte { return rfc6962.DefaultHasher.HashLeaf(entry) }

func (t *tree) add(leaf []byte) error { return t.edge.Append(leaf, nil) }

// grow adds a leaf and returns it, and the nodes above it that are complete by it.
func (t *tree) grow(leaf []byte) (nodes []byte, err error) {
	err = t.edge.Append(leaf, func(_ compact.NodeID, hash []byte) { nodes = append(nodes, hash...) })
	return nodes, err
}

func (t *tree) root() (everqual.Digest, error) {
	if t.edge.End() == 0 {
		return sum(nil), nil
	}
	h, err := t.edge.GetRootHash(nil)
	return everqual.Digest("sha256:" + hex.EncodeToString(h)), err
}

func rootOf(c checkpoint) []byte {
	b, _ := hex.DecodeString(c.root.Hex()) // of a digest: cannot fail
	return b
}

// checkpoint is what a signed note says of a ledger.
type checkpoint struct {
	origin string
	size   uint64
	root   everqual.Digest
}

// open reads a checkpoint that one of the keys signed.
func open(text []byte, keys note.Verifiers) (checkpoint, error) {
	n, err := openNote(text, keys)
	if err != nil {
		return checkpoint{}, fmt.Errorf("its signature: %w", err)
	}
	return checkpointOf(n.Text, n.Sigs[0].Name)
}

// checkpointOf reads what a note says that somebody signed.
func checkpointOf(text, signer string) (checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return checkpoint{}, fmt.Errorf("%d lines are signed; origin, size and root are three", len(lines)-1)
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || strconv.FormatUint(size, 10) != lines[1] {
		return checkpoint{}, fmt.Errorf("%q is no size", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != sha256.Size {
		return checkpoint{}, fmt.Errorf("%q is no root", lines[2])
	}
	if signer != lines[0] {
		return checkpoint{}, fmt.Errorf("it is a checkpoint of %q, signed by %q", lines[0], signer)
	}
	return checkpoint{lines[0], size, everqual.Digest("sha256:" + hex.EncodeToString(root))}, nil
}

// openNote opens a signed note in its one form: base64 has bits at its end that
// say nothing, and a signature that nobody can check could be anything.
func openNote(text []byte, keys note.Verifiers) (*note.Note, error) {
	n, err := note.Open(text, keys)
	if err != nil {
		return nil, err
	}
	if len(n.UnverifiedSigs) > 0 {
		return nil, fmt.Errorf("there is one of %q, whose key is not known", n.UnverifiedSigs[0].Name)
	}
	return n, asWritten(n.Text, n.Sigs, text)
}

// asWritten tells why a note of these parts is not written as notes are.
func asWritten(text string, sigs []note.Signature, whole []byte) error {
	written := text + "\n"
	for _, s := range sigs {
		if _, err := base64.StdEncoding.Strict().DecodeString(s.Base64); err != nil {
			return fmt.Errorf("it is not written as signatures are: %w", err)
		}
		written += "\u2014 " + s.Name + " " + s.Base64 + "\n"
	}
	if written != string(whole) {
		return errors.New("the note is not written as notes are")
	}
	return nil
}
