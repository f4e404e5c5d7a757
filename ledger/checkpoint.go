package ledger

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/everqual/everqual"
	"golang.org/x/mod/sumdb/note"
)

// Signer signs checkpoints. Its name is their origin.
type Signer = note.Signer

// Remembering is a signer that knows what it signed last, from elsewhere than the
// ledger, and signs only what goes on from there.
type Remembering interface {
	Signer
	// Last is the size and the root that were signed last; a size of 0: nothing was.
	Last() (size uint64, root everqual.Digest, err error)
	// Remember is durable on return.
	Remember(c everqual.Checkpoint) error
}

// Checkpoint signs the ledger as it is and appends the signed state, unless
// nothing came after the last one that the signer signed. A checkpoint covers every
// record before it. A signer that remembers is told before the checkpoint is appended:
// what it covers is durable and stays, also when the checkpoint does not get in.
func (l *Ledger) Checkpoint(ctx context.Context, signer Signer) (everqual.Checkpoint, error) {
	var made everqual.Checkpoint
	_, _, err := l.decide(ctx, func() ([]Entry, error) {
		head, err := l.store.Head(ctx)
		if err != nil || head.Sequence == 0 {
			return nil, err
		}
		remembers, _ := signer.(Remembering)
		if err := l.goesOn(ctx, remembers); err != nil {
			return nil, err
		}
		last, err := l.store.Range(ctx, Query{After: head.Sequence - 1, Limit: 1})
		if err != nil || len(last) == 1 && signedBy(last[0], signer) {
			return nil, err
		}
		if made, err = l.sign(ctx, head.Sequence, signer); err != nil {
			return nil, err
		}
		if remembers != nil {
			if err := remembers.Remember(made); err != nil {
				return nil, fmt.Errorf("remember what was signed: %w", err)
			}
		}
		return []Entry{{
			Kind: everqual.KindCheckpoint, Key: fmt.Sprintf("checkpoint:%d", made.Size), Subjects: []string{"checkpoint"}, Body: made,
		}}, nil
	})
	return made, err
}

func (l *Ledger) goesOn(ctx context.Context, signer Remembering) error {
	if signer == nil {
		return nil
	}
	size, root, err := signer.Last()
	if err != nil {
		return err
	}
	if err := l.Extends(ctx, size, root); err != nil {
		return fmt.Errorf("%w: nothing is signed: 'everqual doctor' says what to do", err)
	}
	return nil
}

// Extends tells whether the ledger goes on from a state that was signed: its first
// records are still those.
func (l *Ledger) Extends(ctx context.Context, size uint64, root everqual.Digest) error {
	if size == 0 {
		return nil
	}
	head, err := l.store.Head(ctx)
	if err != nil {
		return fmt.Errorf("read ledger head: %w", err)
	}
	seen := fmt.Sprintf("there are only %d", head.Sequence)
	if head.Sequence >= size {
		now, err := l.Root(ctx, size)
		if err != nil || now == root {
			return err
		}
		seen = fmt.Sprintf("the root of as many is %s", now)
	}
	return everqual.Permanent(fmt.Errorf("the ledger was signed with %d records and root %s by this key; what is here now is another past: %s", size, root, seen))
}

// signedBy tells whether a record is a checkpoint of the signer. One of another signer,
// before a ledger moved, does not let whoever holds the new public key check anything.
func signedBy(r everqual.Record, signer Signer) bool {
	if r.Kind != everqual.KindCheckpoint {
		return false
	}
	c, err := Body[everqual.Checkpoint](r)
	return err == nil && strings.HasPrefix(c.Note, signer.Name()+"\n")
}

func (l *Ledger) sign(ctx context.Context, size uint64, signer Signer) (everqual.Checkpoint, error) {
	root, err := l.Root(ctx, size)
	if err != nil {
		return everqual.Checkpoint{}, err
	}
	signed, err := note.Sign(&note.Note{Text: CheckpointText(signer.Name(), size, root)}, signer)
	if err != nil {
		return everqual.Checkpoint{}, fmt.Errorf("sign a checkpoint of %d records: %w", size, err)
	}
	return everqual.Checkpoint{Size: size, Root: root, Note: string(signed)}, nil
}

// Seal signs what this process appended, if anything, so that whoever holds the
// public key can tell whether any of it is changed later. The key is asked for only
// then.
func (l *Ledger) Seal(ctx context.Context, key func(ctx context.Context) (Signer, string, error)) error {
	if !l.Appended() {
		return nil
	}
	signer, _, err := key(ctx)
	if err == nil {
		_, err = l.Checkpoint(ctx, signer)
	}
	if err != nil {
		return fmt.Errorf("what was recorded is kept, but it is not signed: %w", err)
	}
	return nil
}

// CheckpointText is what a checkpoint's signatures are over: origin, size and
// root, each in a line. https://c2sp.org/tlog-checkpoint
func CheckpointText(origin string, size uint64, root everqual.Digest) string {
	b, _ := hex.DecodeString(root.Hex()) // of a digest: cannot fail
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(b))
}
