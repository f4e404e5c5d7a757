package main

import (
	"context"
	"crypto/rand"
	"io"
	"math/big"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/witness"
)

func (a *app) checkpointRequest() *cobra.Command {
	var size uint64
	var out string
	cmd := &cobra.Command{
		Use:     "timestamp-request",
		Short:   "Write the request for a time-stamp, to send it by another road",
		Example: `  everqual checkpoint timestamp-request --out checkpoint.tsq --home lims-home`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef("name the file to write with --out")
			}
			return a.withCheckpoint(cmd.Context(), size, func(_ *flow.Corridor, p everqual.Checkpoint) error {
				request, err := witness.Request(p, nil)
				if err != nil {
					return err
				}
				if err := writeFile(out, func(w io.Writer) error { _, err := w.Write(request); return err }); err != nil {
					return err
				}
				if a.json() {
					return printJSON(cmd.OutOrStdout(), map[string]any{"file": out, "size": p.Size})
				}
				say(cmd.OutOrStdout(), "%s: for the checkpoint of %d records; give the answer to 'everqual checkpoint attach'\n", out, p.Size)
				return nil
			})
		},
	}
	sizeFlag(cmd, &size)
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	return cmd
}

// patience is how long a witness or an authority may take to answer.
const patience = 30 * time.Second

func (a *app) checkpointTimestamp() *cobra.Command {
	var size uint64
	var tsa string
	var again bool
	cmd := &cobra.Command{
		Use:   "timestamp",
		Short: "Have a time-stamping authority stamp a checkpoint, RFC 3161",
		Long: `Asks the authority for a time-stamp, over https, and records it. What is time-stamped already is
left as it is: the command may run every hour.`,
		Example: `  everqual checkpoint timestamp --tsa https://tsa.example.com/tsr --home lims-home`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if tsa == "" {
				return usagef("name the authority's address with --tsa")
			}
			return a.withCheckpoint(cmd.Context(), size, func(c *flow.Corridor, p everqual.Checkpoint) error {
				all, err := checkpoints(cmd.Context(), c)
				if err != nil {
					return err
				}
				if !again && vouching(all, p.Size, func(s attestationShown) bool { return s.Form == everqual.TimeStamp }) {
					return a.nothingNew(cmd, "The checkpoint of %d records is time-stamped already; --again asks for another.\n", p.Size)
				}
				nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
				if err != nil {
					return err
				}
				paper, err := witness.NewClient(patience).Stamp(cmd.Context(), tsa, p, nonce)
				if err != nil {
					return err
				}
				return a.attach(cmd, c, paper, p, nil)
			})
		},
	}
	sizeFlag(cmd, &size)
	cmd.Flags().StringVar(&tsa, "tsa", "", "address of the authority")
	cmd.Flags().BoolVar(&again, "again", false, "also what is time-stamped already, by another authority for example")
	return cmd
}

func (a *app) checkpointWitness() *cobra.Command {
	var size uint64
	var url, key string
	cmd := &cobra.Command{
		Use:   "witness",
		Short: "Have a witness cosign a checkpoint",
		Long: `Gives the checkpoint to a witness (https://c2sp.org/tlog-witness), over https, with the proof that
the ledger only grew since the one that it cosigned last, and records its cosignature. The
witness must know the ledger's public key, keys/ledger.pub. What it cosigned already is left as
it is: the command may run every hour.`,
		Example: `  everqual checkpoint witness --url https://witness.example.com/ --key witness.example/w1+90d59b5f+BLc... --home lims-home`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if url == "" || key == "" {
				return usagef("name the witness with --url and --key")
			}
			keys, err := witnessKeys([]string{key})
			if err != nil {
				return err
			}
			return a.withCheckpoint(cmd.Context(), size, func(c *flow.Corridor, p everqual.Checkpoint) error {
				return a.cosign(cmd, c, p, url, keys[0])
			})
		},
	}
	sizeFlag(cmd, &size)
	cmd.Flags().StringVar(&url, "url", "", "address of the witness, before /add-checkpoint")
	cmd.Flags().StringVar(&key, "key", "", "public key of the witness, name+hash+key")
	return cmd
}

func (a *app) cosign(cmd *cobra.Command, c *flow.Corridor, p everqual.Checkpoint, url string, key note.Verifier) error {
	ctx := cmd.Context()
	its := func(s attestationShown) bool { return s.Form == everqual.Cosignature && s.By == key.Name() }
	all, err := checkpoints(ctx, c)
	if err != nil {
		return err
	}
	var last uint64 // what it cosigned, as far as is known here: it says so itself otherwise
	for _, v := range all {
		for _, s := range v.Attestations {
			if its(s) {
				last = max(last, v.Size)
			}
		}
	}
	if vouching(all, p.Size, its) {
		return a.nothingNew(cmd, "%s cosigned the checkpoint of %d records already.\n", key.Name(), p.Size)
	}
	prove := func(ctx context.Context, old uint64) ([]everqual.Digest, error) {
		return c.Ledger.Consistency(ctx, old, p.Size)
	}
	paper, err := witness.NewClient(patience).Cosign(ctx, url, p, min(last, p.Size), prove)
	if err != nil {
		return err
	}
	return a.attach(cmd, c, paper, p, []note.Verifier{key})
}

// nothingNew says why there is nothing to record.
func (a *app) nothingNew(cmd *cobra.Command, format string, args ...any) error {
	if a.json() {
		return printJSON(cmd.OutOrStdout(), []everqual.Attestation{})
	}
	say(cmd.OutOrStdout(), format, args...)
	return nil
}

// vouching tells whether one of those who vouch for a checkpoint is as wished.
func vouching(all []vouchedFor, size uint64, wished func(attestationShown) bool) bool {
	return slices.ContainsFunc(all, func(v vouchedFor) bool { return v.Size == size && slices.ContainsFunc(v.Attestations, wished) })
}
