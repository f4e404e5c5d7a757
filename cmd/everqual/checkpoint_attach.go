package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
	"github.com/everqual/everqual/witness"
)

func (a *app) checkpointAttach() *cobra.Command {
	var size uint64
	var key []string
	cmd := &cobra.Command{
		Use:   "attach FILE",
		Short: "Record a cosignature or a time-stamp that somebody gave",
		Long: `FILE is a checkpoint with cosignatures (https://c2sp.org/tlog-cosignature), or a reply or token of
RFC 3161 in DER. It is recorded when it is really over a checkpoint of this ledger, and refused
otherwise. Name the key of each witness with --key: of a cosignature by another nobody could
tell what it is.`,
		Example: `  everqual checkpoint attach cosigned.txt --key witness.example/w1+90d59b5f+BLc... --home lims-home
  everqual checkpoint attach reply.tsr --home lims-home`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			keys, err := witnessKeys(key)
			if err != nil {
				return err
			}
			paper, err := readPaper(args[0])
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return a.withCheckpoint(cmd.Context(), size, func(c *flow.Corridor, p everqual.Checkpoint) error {
				if size == 0 {
					p = over(cmd.Context(), c, paper, p)
				}
				if err := a.attach(cmd, c, paper, p, keys); err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				return nil
			})
		},
	}
	sizeFlag(cmd, &size)
	cmd.Flags().StringArrayVar(&key, "key", nil, "public key of a witness, name+hash+key (may be given several times)")
	return cmd
}

func readPaper(path string) (*witness.Paper, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, witness.MaxPaper+1))
	if err != nil {
		return nil, err
	}
	return witness.Read(b)
}

// over is the checkpoint that a paper is over, otherwise when it is over none.
func over(ctx context.Context, c *flow.Corridor, paper *witness.Paper, otherwise everqual.Checkpoint) everqual.Checkpoint {
	for d, err := range ledger.Bodies[everqual.Checkpoint](ctx, c.Ledger, ledger.Query{Kind: everqual.KindCheckpoint, Descending: true}) {
		if err != nil {
			break // whoever reads on meets the error again
		}
		if paper.Over(d.Body) == nil {
			return d.Body
		}
	}
	return otherwise
}

// attach records what a paper says of a checkpoint, when the verifier agrees: what
// it would not accept must not get in, it could never be removed.
func (a *app) attach(cmd *cobra.Command, c *flow.Corridor, paper *witness.Paper, p everqual.Checkpoint, keys []note.Verifier) error {
	said, err := paper.Attestations(p, keys...)
	if err != nil {
		return err
	}
	own, err := a.ownKeys(cmd.Context(), c.Home)
	if err != nil {
		return err
	}
	trust := verify.Trust{Keys: own, Witnesses: keys}
	for _, s := range said {
		if _, err := trust.Attestation(s, c.Clock.Now()); err != nil {
			return err
		}
	}
	fresh, err := attest(cmd.Context(), c, said)
	if err != nil {
		return err
	}
	if a.json() {
		return printJSON(cmd.OutOrStdout(), said)
	}
	for i, s := range said {
		what, already := "cosigned", ""
		if s.Form == everqual.TimeStamp {
			what = "time-stamped"
		}
		if !fresh[i] {
			already = ", as is recorded already"
		}
		say(cmd.OutOrStdout(), "The first %d records are %s by %s at %s%s.\n", s.Size, what, s.By, utc(s.Time), already)
	}
	return nil
}

// attest records attestations, each once.
func attest(ctx context.Context, c *flow.Corridor, said []everqual.Attestation) (fresh []bool, err error) {
	entries := make([]ledger.Entry, len(said))
	for i, s := range said {
		proof := s.Token
		if s.Form == everqual.Cosignature {
			proof = []byte(s.Note)
		}
		key := fmt.Sprintf("attestation:%d:%s", s.Size, everqual.DigestOf(proof))
		entries[i] = ledger.Entry{Kind: everqual.KindAttestation, Key: key, Subjects: []string{"checkpoint"}, Body: s}
	}
	_, fresh, err = c.Ledger.Append(ctx, entries...)
	if err != nil {
		return nil, fmt.Errorf("record who vouches for the checkpoint: %w", err)
	}
	return fresh, nil
}

// witnessKeys reads the keys of witnesses, each of which may be given once.
func witnessKeys(given []string) (keys []note.Verifier, err error) {
	for _, vkey := range given {
		key, err := witness.Key(vkey)
		if err != nil {
			return nil, usageError{err}
		}
		for _, k := range keys {
			if k.Name() == key.Name() && k.KeyHash() == key.KeyHash() {
				return nil, usageError{errors.New("the key of " + k.Name() + " is given twice")}
			}
		}
		keys = append(keys, key)
	}
	return keys, nil
}
