package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
)

func (a *app) verifyCommand() *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Check a ledger, or a bundle of one, without trusting who wrote it",
		Long: `Checks every record of the home, or of the bundle FILE that 'everqual export' wrote: that the
records are those that were signed, in order and complete, that each follows from the one
before, and that the evidence and the specifications they rest on are what they were. It needs
no network and writes nothing.

Give the public key that you hold with --key, a file. Without it the key that lies with the
ledger is used: that shows that all is of one piece, but not whose it is.

Exit codes: 0 everything is as it was signed; 4 something is not, each finding says what and
where; 1 it could not be checked.`,
		Example: `  everqual verify --home lims-home
  everqual verify for-the-auditor.tar --key lims.pub --output json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			own, err := publicKey(key)
			if err != nil {
				return err
			}
			var r *verify.Result
			if len(args) == 1 {
				r, err = verifyFile(cmd.Context(), args[0], own)
			} else {
				r, err = a.verifyHome(cmd.Context(), own)
			}
			if err != nil {
				return err
			}
			if a.json() {
				err = printJSON(cmd.OutOrStdout(), r)
			} else {
				printVerified(cmd, r, own != nil)
			}
			if err == nil && !r.OK() {
				err = exitCode(exitDeviation)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "file with the public key that you hold (default: the one that lies with the ledger)")
	return cmd
}

// publicKey reads a public key of signed notes; nil without a name.
func publicKey(path string) (note.Verifier, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the public key: %w", err)
	}
	v, err := note.NewVerifier(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s is no public key of signed notes: %w", path, err)
	}
	return v, nil
}

func verifyFile(ctx context.Context, path string, key note.Verifier) (*verify.Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return verify.Bundle(ctx, bufio.NewReaderSize(f, 1<<20), key)
}

// verifyHome reads the home and appends nothing to it.
func (a *app) verifyHome(ctx context.Context, key note.Verifier) (*verify.Result, error) {
	if err := a.existing(); err != nil {
		return nil, err
	}
	if key == nil {
		own, err := publicKey(filepath.Join(a.home, "keys", "ledger.pub"))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("nothing of %s was signed yet: 'everqual export' signs it", a.home)
		}
		if err != nil {
			return nil, err
		}
		key = own
	}
	home, err := a.openHome(nil, nil)
	if err != nil {
		return nil, err
	}
	defer home.Close()
	return verify.Home(ctx, source{home}, key)
}

// source is a home as the verifier reads it.
type source struct{ flow.Home }

func (s source) Records(ctx context.Context, kind everqual.Kind) iter.Seq2[everqual.Record, error] {
	return s.Ledger.Records(ctx, ledger.Query{Kind: kind})
}

func (s source) Blob(ctx context.Context, d everqual.Digest) ([]byte, error) {
	return s.Archive.Get(ctx, d)
}

func printVerified(cmd *cobra.Command, r *verify.Result, given bool) {
	w := cmd.OutOrStdout()
	for _, f := range r.Findings {
		say(w, "%s\n", f.String())
	}
	if more := r.Total - len(r.Findings); more > 0 {
		say(w, "and %d more\n", more)
	}
	if r.OK() {
		say(w, "Verified: ")
	} else {
		say(w, "NOT verified, %d findings: ", r.Total)
	}
	say(w, "%d records, %d checkpoints, %d blobs; signed by %s up to record %d\n", r.Records, r.Checkpoints, r.Blobs, r.Origin, r.Size)
	if r.Unsigned > 0 {
		say(w, "The last %d records are in the chain but not signed yet.\n", r.Unsigned)
	}
	if !given {
		say(w, "The key is the one that lies with the ledger; compare it with the one that you hold, or give that with --key.\n")
	}
}
