package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
)

func (a *app) keysCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "keys", Short: "Begin a new key that signs the ledger"}
	cmd.AddCommand(a.keysNew())
	return cmd
}

func (a *app) keysNew() *cobra.Command {
	var d decider
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Have a new key sign from now on, in place of one that is lost or known to others",
		Long: `Makes a new key for the home in a folder, records that it signs from now on, by whose decision and
why, and signs with it. The public key of before is kept in keys/former: what it signed stays
verifiable. The private key of before is gone then.

A key that was lost is better restored from a backup. Without it nothing is signed, and nothing is
made in its place but by this command.

What the former key signed last is held against the ledger. Where the ledger does not go on from
it, such as after an older backup of everqual.db, that is recorded too: whoever verifies sees what
was given up. Give the new public key, keys/ledger.pub, to them.`,
		Example: `  everqual keys new --home lims-home --reason "change request 1077: the disk with the key failed"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := d.check(); err != nil {
				return err
			}
			said, err := a.changeKey(cmd.Context(), d)
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), said)
			}
			say(cmd.OutOrStdout(), "%s signs from now on. Give its public key to whoever verifies: %s\n", said.To, said.Public)
			if g := said.GivenUp; g != nil {
				say(cmd.OutOrStdout(), "The key of before had signed %d records with the root %s: the ledger does not go on from there, as is recorded.\n", g.Size, g.Root)
			}
			return nil
		},
	}
	d.flags(cmd)
	return cmd
}

// changeKey records the new key before it begins: cut off in between, the same command
// takes up the same key.
func (a *app) changeKey(ctx context.Context, d decider) (said everqual.KeyChange, err error) {
	if _, onAWS := a.onAWS(); onAWS {
		return said, usagef("a home on AWS signs with the key of KMS that its deployment names: change it there")
	}
	if k, err := a.kmsKey(); err != nil || k.KeyID != "" {
		return said, errors.Join(err, usagef("a key of KMS signs for %s: name another one in keys/kms.json or EVERQUAL_KMS_KEY", a.home))
	}
	if err := a.existing(ctx); err != nil {
		return said, err
	}
	home, err := a.openHome(ctx, embedded.Options{Clock: wallClock{}})
	if err != nil {
		return said, err
	}
	defer home.Close()
	next, err := embedded.NewKey(a.home, nil)
	if err != nil {
		return said, err
	}
	gone, err := givenUp(ctx, a.home, home.Ledger)
	if err != nil {
		return said, err
	}
	if said, err = recordKey(ctx, home, next, gone, d); err != nil {
		return said, err
	}
	if err := next.Begin(said.GivenUp == nil); err != nil {
		return said, err
	}
	return said, takeOver(ctx, home)
}

// givenUp is what was signed last, where the ledger does not go on from there. Where
// that cannot be read it is given up as well, and nothing is known of it.
func givenUp(ctx context.Context, dir string, l *ledger.Ledger) (*everqual.SignedState, error) {
	size, root, err := embedded.Signed(dir)
	if err == nil {
		if err = l.Extends(ctx, size, root); err == nil || !everqual.IsPermanent(err) {
			return nil, err
		}
	}
	return &everqual.SignedState{Size: size, Root: root}, nil
}

func recordKey(ctx context.Context, home flow.Home, next embedded.NextKey, gone *everqual.SignedState, d decider) (said everqual.KeyChange, err error) {
	said = everqual.KeyChange{Former: next.Former, Public: next.Public, GivenUp: gone, By: d.by, Reason: d.reason, At: home.Clock.Now()}
	if said.From, err = origin(ctx, home.Ledger); err != nil {
		return said, err
	}
	said.To, _, _ = strings.Cut(next.Public, "+")
	records, _, err := home.Ledger.Append(ctx, ledger.Entry{
		Kind: everqual.KindKey, Key: "key:" + string(everqual.DigestOf([]byte(next.Public))), Subjects: []string{"key"}, Body: said,
	})
	if err != nil {
		return said, err
	}
	return ledger.Body[everqual.KeyChange](records[0]) // as it was recorded first
}
