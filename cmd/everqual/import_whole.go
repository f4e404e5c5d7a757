package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/verify"
)

// importing ends the name of a home that is not whole yet.
const importing = ".importing"

// restoreWhole makes the home in a folder beside its own, which it gets when it is whole
// and verifies: half a ledger is chained and signed like a whole one, and nobody could
// tell that its end is missing. What an import left that was killed is begun anew.
func (a *app) restoreWhole(ctx context.Context, c verify.Contents, former []string) error {
	home := filepath.Clean(a.home)
	a.home = home + importing
	defer func() { a.home = home }()
	if err := removePart(a.home); err != nil {
		return err
	}
	err := a.restore(ctx, c, former)
	if err == nil {
		err = a.whole(ctx, c)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(a.home))
	}
	if err := os.Rename(a.home, home); err != nil {
		return fmt.Errorf("give the new home its name: %w", err)
	}
	return embedded.Sync(filepath.Dir(home))
}

// removePart removes what is left of an import, and nothing else that has its name.
func removePart(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for what an import left: %w", err)
	}
	for _, e := range entries {
		switch e.Name() {
		case "everqual.db", "everqual.db-wal", "everqual.db-shm", "keys":
		default:
			return fmt.Errorf("%s is not what an import left, it holds %s: move it away", dir, e.Name())
		}
	}
	return os.RemoveAll(dir)
}

// whole checks what was made as it lies there: all records of the bundle, and signed.
func (a *app) whole(ctx context.Context, c verify.Contents) (err error) {
	home, err := a.openHome(ctx, embedded.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, home.Close()) }()
	own, err := a.ownKeys(ctx, home)
	if err != nil {
		return err
	}
	r, err := (verify.Trust{Keys: own}).Home(ctx, source{home})
	if err != nil {
		return err
	}
	if !r.OK() || r.Records < len(c.Records) {
		return fmt.Errorf("the new home does not verify, and is removed: %d of %d records, %v: is another import into it at work?", r.Records, len(c.Records), r.Findings)
	}
	last := c.Records[len(c.Records)-1]
	there, _, err := home.Ledger.Find(ctx, last.Key)
	if err == nil && there.Hash != last.Hash {
		err = fmt.Errorf("record %d is another one than that of the bundle: another import into the new home is at work", last.Sequence)
	}
	return err
}

// firstKey makes the key of a home that a ledger came to, unless one of KMS signs.
func (a *app) firstKey() error {
	k, err := a.kmsKey()
	if err != nil || k.KeyID != "" {
		return err
	}
	return embedded.FirstKey(a.home)
}
