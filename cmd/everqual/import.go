package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/verify"
)

func (a *app) importCommand() *cobra.Command {
	var key []string
	var identity string
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Make a new home out of a bundle that holds all records of a ledger",
		Long: `Checks the bundle as 'everqual verify' does, and puts its records and what they rest on into
the home named with --home, which must be new. The records stay what they were. The new home
signs with a key of its own; the public keys that signed before are kept beside it: those in
the bundle, and those given with --key. A bundle of an earlier version brings only the last one:
give the older ones of a ledger that moved, or whose key changed, as well. The new home has its
name when it is whole and verifies, until then that of a folder beside, with .importing behind it.

Specifications and rules are not part of a bundle: copy them into the home.`,
		Example: `  everqual import lims-ledger.tar --home restored --key lims.pub`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := a.importBundle(cmd.Context(), bundleFile{args[0], identity}, key)
			if err != nil {
				return err
			}
			say(cmd.OutOrStdout(), "%s: %d records and %d blobs; check it with 'everqual verify --home %s'\n", a.home, n.records, n.blobs, a.home)
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&key, "key", nil, "file with a public key that you hold (may be given several times; default: those in the bundle)")
	cmd.Flags().StringVar(&identity, "identity", "", "file with the age identity that decrypts FILE")
	return cmd
}

func (a *app) importBundle(ctx context.Context, file bundleFile, key []string) (n exported, err error) {
	if _, onAWS := a.onAWS(); onAWS {
		return n, usagef("a bundle becomes a home in a folder: name a new one with --home")
	}
	if _, err := os.Stat(a.home); !errors.Is(err, fs.ErrNotExist) {
		return n, fmt.Errorf("%s is there already: name a new folder with --home", a.home)
	}
	given, keys, err := keyFiles(key)
	if err != nil {
		return n, err
	}
	r, err := verifyFile(ctx, file, verify.Trust{Keys: keys}, false)
	if err != nil {
		return n, err
	}
	if !r.OK() {
		return n, fmt.Errorf("%s does not verify: %s; 'everqual verify %s' shows all %d findings", file.path, r.Findings[0], file.path, r.Total)
	}
	if uint64(r.Records) != r.Size {
		return n, fmt.Errorf("%s holds %d of %d records: a ledger is made of all of them", file.path, r.Records, r.Size)
	}
	c, err := file.contents()
	if err != nil {
		return n, err
	}
	former, err := formerOf(c, given)
	if err != nil {
		return n, err
	}
	if err := a.restoreWhole(ctx, c, former); err != nil {
		return n, err
	}
	return exported{records: len(c.Records), blobs: len(c.Blobs)}, nil
}

func (a *app) restore(ctx context.Context, c verify.Contents, former []string) (err error) {
	home, err := a.openHome(ctx, embedded.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, home.Close()) }()
	for _, d := range slices.Sorted(maps.Keys(c.Blobs)) {
		if err := home.Archive.Put(ctx, d, c.Blobs[d]); err != nil {
			return err
		}
	}
	if err := home.Ledger.Restore(ctx, c.Records); err != nil {
		return err
	}
	for _, key := range former {
		if err := embedded.KeepFormer(a.home, key); err != nil {
			return err
		}
	}
	if err := layLetters(ctx, home); err != nil {
		return err
	}
	if err := a.firstKey(); err != nil {
		return err
	}
	return takeOver(ctx, home)
}

// layLetters puts the open dead letters into the queue: a bundle brings the ledger alone.
func layLetters(ctx context.Context, home flow.Home) error {
	letters, err := home.Letters(ctx)
	if err != nil {
		return err
	}
	var open []everqual.DeadLetter
	for _, l := range letters {
		open = append(open, l.DeadLetter)
	}
	return home.Queue.(movable).Lay(ctx, open...)
}

// takeOver signs the records that another home signed before.
func takeOver(ctx context.Context, home flow.Home) error {
	signer, _, err := home.Signer(ctx)
	if err != nil {
		return err
	}
	_, err = home.Ledger.Checkpoint(ctx, signer)
	return err
}
