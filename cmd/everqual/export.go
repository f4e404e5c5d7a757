package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/bundle"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

func (a *app) exportCommand() *cobra.Command {
	var system, out string
	var to []string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the ledger, or a system's part of it, as one file that a stranger can verify",
		Long: `Signs the ledger as it is and writes a bundle: the signed checkpoint, the hash of every
record, the records with the evidence and the specifications that they rest on, the public
key, and a README for the auditor. 'everqual verify FILE' checks it, offline, and so can a
program that somebody else wrote from docs/ledger-format.md.

With --system only what speaks of the system is in it, and who vouches for the ledger; the hashes of all records still show
that nothing was left out of the ledger. The same ledger gives the same bytes, unless they are
encrypted.`,
		Example: `  everqual export --home lims-home --out lims-ledger.tar
  everqual export --home lims-home --system LIMS --out for-the-auditor.tar`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef("name the file to write with --out")
			}
			var c *flow.Corridor
			var s everqual.System
			var err error
			if system == "" {
				c, err = a.reader(cmd.Context())
			} else {
				c, s, err = a.readSystem(cmd.Context(), system)
			}
			if err != nil {
				return err
			}
			defer c.Close()
			n, err := a.exportLedger(cmd.Context(), c, s, out, to...)
			if err != nil {
				return err
			}
			say(cmd.OutOrStdout(), "%s: %d records and %d blobs of a ledger of %d records; check it with 'everqual verify %s'\n", out, n.records, n.blobs, n.size, out)
			return nil
		},
	}
	cmd.Flags().StringVar(&system, "system", "", "only what speaks of this system")
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	cmd.Flags().StringArrayVar(&to, "encrypt-to", nil, "age recipient (age1...) that alone can read the file; may be given several times")
	return cmd
}

// exported counts what a bundle holds.
type exported struct {
	records, blobs int
	size           uint64
}

func (a *app) exportLedger(ctx context.Context, c *flow.Corridor, system everqual.System, out string, to ...string) (n exported, err error) {
	if err := intact(ctx, c); err != nil {
		return n, err
	}
	signer, public, err := c.Signer(ctx)
	if err != nil {
		return n, err
	}
	if _, err := c.Ledger.Checkpoint(ctx, signer); err != nil {
		return n, err
	}
	checkpoint, at, err := lastCheckpoint(ctx, c)
	if err != nil {
		return n, err
	}
	n.size = checkpoint.Size
	var only map[uint64]bool // nil: all
	if system.ID != "" {
		if only, err = c.RecordsOf(ctx, system); err != nil {
			return n, err
		}
	}
	within := func(r everqual.Record) bool { // who vouches for the ledger vouches for each part of it
		return r.Sequence <= checkpoint.Size && (only == nil || only[r.Sequence] || r.Kind == everqual.KindAttestation)
	}
	blobs, err := restsOn(ctx, c, within)
	if err != nil {
		return n, err
	}
	n.blobs = len(blobs)
	former, err := a.signedBefore(ctx, c, public, within)
	if err != nil {
		return n, err
	}
	content := bundle.Content{
		Key: public, Former: former, Checkpoint: checkpoint, Blobs: blobs, Blob: c.Archive.Get, Readme: readme(checkpoint, at, system, former),
		Leaves: leaves(ctx, c), Records: func(yield func(everqual.Record, error) bool) {
			for r, err := range c.Ledger.Records(ctx, ledger.Query{}) {
				if err == nil && !within(r) {
					continue
				}
				if n.records++; !yield(r, err) {
					return
				}
			}
		},
	}
	return n, writeBundle(ctx, out, content, signer, to)
}

// writeBundle writes the file whole or not at all, readable by its owner.
func writeBundle(ctx context.Context, out string, content bundle.Content, signer ledger.Signer, to []string) error {
	return writeFile(out, func(f io.Writer) error {
		w := bufio.NewWriterSize(f, 1<<20)
		secret, err := encrypted(w, to)
		if err != nil {
			return err
		}
		return errors.Join(bundle.Write(ctx, secret, content, signer), secret.Close(), w.Flush())
	})
}

// lastCheckpoint is the newest signed state, and when it was signed.
func lastCheckpoint(ctx context.Context, c *flow.Corridor) (everqual.Checkpoint, time.Time, error) {
	for d, err := range ledger.Bodies[everqual.Checkpoint](ctx, c.Ledger, ledger.Query{Kind: everqual.KindCheckpoint, Descending: true, Limit: 1}) {
		return d.Body, d.Record.Time, err
	}
	return everqual.Checkpoint{}, time.Time{}, errors.New("the ledger is empty: there is nothing to export")
}

// leaves are the hashes of all records in the Merkle tree.
func leaves(ctx context.Context, c *flow.Corridor) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for r, err := range c.Ledger.Records(ctx, ledger.Query{}) {
			if err == nil && len(r.Tree) < 32 {
				err = fmt.Errorf("record %d has no hash in the tree", r.Sequence)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(r.Tree[:32], nil) {
				return
			}
		}
	}
}

// restsOn are the digests of all that the records rest on.
func restsOn(ctx context.Context, c *flow.Corridor, within func(everqual.Record) bool) ([]everqual.Digest, error) {
	gone, err := c.Disposed(ctx)
	if err != nil {
		return nil, err
	}
	known := map[everqual.Digest]bool{}
	var evidence []everqual.Digest
	for r, err := range c.Ledger.Records(ctx, ledger.Query{}) {
		if err != nil {
			return nil, err
		}
		if !within(r) {
			continue
		}
		for _, d := range flow.RestsOn(r) {
			if gone[d] {
				continue
			}
			if known[d] = true; r.Kind == everqual.KindObservation || r.Kind == everqual.KindConfirmation {
				evidence = append(evidence, d)
			}
		}
	}
	replies, err := sharedReplies(ctx, c, evidence)
	if err != nil {
		return nil, err
	}
	for _, d := range replies {
		known[d] = true
	}
	delete(known, "")
	return slices.Collect(maps.Keys(known)), nil
}

// readme is what an auditor reads first.
func readme(c everqual.Checkpoint, at time.Time, system everqual.System, former []string) string {
	what := "all records of the ledger"
	if system.ID != "" {
		what = fmt.Sprintf("the records of the ledger that speak of the system %s", system.ID)
	}
	before := ""
	if len(former) > 0 {
		before = "- former/: the public keys that signed before, in another home or until the key changed.\n"
	}
	return fmt.Sprintf(`# Records of a qualified state

This file holds %s, as it was signed at %s, when it had %d records.

- ledger/records/: two lines for each record, its entry and its body. The entry names the SHA-256 of
  the body; both are exactly the bytes that were hashed.
- ledger/leaves/: the Merkle leaf of every record of the ledger, 32 bytes each, also of those records
  that are not in this file. Together they give the root that is signed: none can be left out, put in,
  moved or changed.
- checkpoint: how many records there were, the root, and the signature (a signed note).
- blobs/: the replies of AWS and the specifications that the records rest on, by their SHA-256.
- ledger.pub: the public key. Compare it with the one that you were given by another road.
%s- manifest: the SHA-256 of every file here, signed by the same key.

To check all of it without a network: everqual verify FILE --key KEYFILE. The format is described in
Everqual's docs/ledger-format.md, so that somebody else's program can check it too.

Root of the %d records: %s
`, what, at.UTC().Format(time.RFC3339), c.Size, before, c.Size, c.Root)
}
