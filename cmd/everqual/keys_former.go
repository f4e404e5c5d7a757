package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
)

// keyring are public keys, each once however it is spelled.
type keyring struct {
	texts []string
	keys  []note.Verifier
}

func (k *keyring) add(where string, texts ...string) error {
	for _, text := range texts {
		key, err := publicKey(where, text)
		if err != nil {
			return err
		}
		if k.index(key.Name(), key.KeyHash()) < 0 {
			k.texts, k.keys = append(k.texts, text), append(k.keys, key)
		}
	}
	return nil
}

func (k *keyring) index(name string, hash uint32) int {
	return slices.IndexFunc(k.keys, func(v note.Verifier) bool { return v.Name() == name && v.KeyHash() == hash })
}

// signed are those of the keys that checkpoints among the records are signed by, in the
// order of their first. stranger is the first one that none of them signed.
func (k *keyring) signed(records iter.Seq2[everqual.Record, error]) (texts []string, stranger, err error) {
	list := note.VerifierList(k.keys...)
	for r, err := range records {
		var c everqual.Checkpoint
		switch {
		case err != nil:
			return nil, nil, err
		case r.Kind != everqual.KindCheckpoint || json.Unmarshal(r.Body, &c) != nil: // which the verifier tells of
			continue
		}
		n, err := note.Open([]byte(c.Note), list)
		if err != nil {
			if stranger == nil {
				stranger = fmt.Errorf("record %d: the checkpoint of %s: %w", r.Sequence, originOf(c), err)
			}
			continue
		}
		if text := k.texts[k.index(n.Sigs[0].Name, n.Sigs[0].Hash)]; !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts, stranger, nil
}

// originOf is the name of the key that a checkpoint says that it is signed by.
func originOf(c everqual.Checkpoint) string {
	name, _, _ := strings.Cut(c.Note, "\n")
	return name
}

// signedBefore are the public keys, but for the one that signs now, that the
// checkpoints within a bundle are signed by.
func (a *app) signedBefore(ctx context.Context, c *flow.Corridor, public string, within func(everqual.Record) bool) ([]string, error) {
	former, err := a.formerKeys(ctx)
	if err != nil || len(former) == 0 {
		return nil, err
	}
	var k keyring
	if err := k.add("what lies with "+a.home, append([]string{public}, former...)...); err != nil {
		return nil, err
	}
	texts, _, err := k.signed(func(yield func(everqual.Record, error) bool) {
		for r, err := range c.Ledger.Records(ctx, ledger.Query{Kind: everqual.KindCheckpoint}) {
			if (err != nil || within(r)) && !yield(r, err) {
				return
			}
		}
	})
	return slices.DeleteFunc(texts, func(text string) bool { return text == public }), err
}

// formerOf are the public keys that signed the ledger of a bundle: the ones that it
// brings, and those that are given. Without the key of a checkpoint the new home
// would never verify.
func formerOf(c verify.Contents, given []string) ([]string, error) {
	var k keyring
	if err := k.add("what the bundle brings", append([]string{c.Key}, c.Former...)...); err != nil {
		return nil, err
	}
	if err := k.add("what --key names", given...); err != nil {
		return nil, err
	}
	_, stranger, err := k.signed(func(yield func(everqual.Record, error) bool) {
		for _, r := range c.Records {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err == nil && stranger != nil {
		err = fmt.Errorf("%w\nThe key that signed it is not in the bundle: give the public keys of the homes that the ledger was in before with --key as well", stranger)
	}
	return k.texts, err
}
