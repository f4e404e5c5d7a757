package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/report"
	"github.com/everqual/everqual/verify"
)

func (a *app) verifyCommand() *cobra.Command {
	var whom trusted
	var again bool
	var identity string
	cmd := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Check a ledger, a bundle of one, or a report, without trusting who wrote it",
		Long: `Checks every record of the home, or of the bundle FILE that 'everqual export' wrote: that the
records are those that were signed, in order and complete, that each follows from the one
before, and that the evidence and the specifications they rest on are what they were. It needs
no network and appends nothing. A FILE may also be a report, as JSON or PDF: whether it is as it
was issued, and whether the ledger that a checkpoint in it was signed for holds it.

Give the public key that you hold with --key, a file. Without it the key that lies with the
ledger is used: that shows that all is of one piece, but not whose it is.

Who else saw the ledger, and when, is checked with --witness, the public key of a witness that
must have cosigned it, and --tsa, the root certificate of an authority that must have
time-stamped it. Cosignatures and time-stamps by others are listed only. Against a checkpoint
that you kept it is compared with --checkpoint: all that was there then must still be there.

Exit codes: 0 everything is as it was signed; 4 something is not, each finding says what and
where; 1 it could not be checked.`,
		Example: `  everqual verify --home lims-home
  everqual verify for-the-auditor.tar --key lims.pub --output json
  everqual verify for-the-auditor.tar --witness witness.example/w1+90d59b5f+BLc... --tsa tsa-root.pem
  everqual verify iq-report.pdf --key lims.pub`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			trust, err := whom.read()
			if err != nil {
				return err
			}
			var r *verify.Result
			if len(args) == 1 {
				r, err = verifyFile(cmd.Context(), bundleFile{args[0], identity}, trust, again)
			} else {
				r, err = a.verifyHome(cmd.Context(), trust, again)
			}
			if err != nil {
				return err
			}
			if a.json() {
				err = printJSON(cmd.OutOrStdout(), r)
			} else {
				printVerified(cmd, r, trust)
			}
			if err == nil && !r.OK() {
				err = exitCode(exitDeviation)
			}
			return err
		},
	}
	whom.flags(cmd)
	cmd.Flags().StringVar(&identity, "identity", "", "file with the age identity that decrypts FILE")
	cmd.Flags().BoolVar(&again, "recompute", false, "make every observation again from its evidence, and every assessment from its specification")
	return cmd
}

// bundleFile is a file, and whose identity decrypts it.
type bundleFile struct{ path, identity string }

func (b bundleFile) read(use func(from *bufio.Reader) error) error {
	f, err := os.Open(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	from, err := opened(f, b.identity)
	if err != nil {
		return err
	}
	return use(from)
}

// contents are those of a bundle that verifies.
func (b bundleFile) contents() (c verify.Contents, err error) {
	err = b.read(func(from *bufio.Reader) (err error) {
		c, err = verify.Read(from)
		return err
	})
	return c, err
}

// verifyFile checks a bundle, or a report in its JSON or PDF form.
func verifyFile(ctx context.Context, file bundleFile, trust verify.Trust, again bool) (r *verify.Result, err error) {
	err = file.read(func(from *bufio.Reader) error {
		beginning, err := from.Peek(512) // of a tar
		switch isPDF := bytes.HasPrefix(beginning, []byte("%PDF-")); {
		case err != nil && !errors.Is(err, io.EOF):
			return err
		case isPDF || bytes.HasPrefix(beginning, []byte("{")):
			r, err = verifyReport(from, isPDF, trust)
			again = false
		case !bytes.HasPrefix(beginning, []byte("README.md")) && !bytes.Contains(beginning, []byte("ustar")):
			r = found(verify.Finding{File: filepath.Base(file.path), Message: "it begins neither as a bundle, nor as a report in JSON or PDF"})
		default:
			r, err = trust.Bundle(ctx, from)
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return err
	})
	var changed errChanged
	if errors.As(err, &changed) {
		return found(verify.Finding{File: filepath.Base(file.path), Message: changed.Error()}), nil
	}
	if err != nil || !again || !r.OK() { // what is not what was signed need not be made again
		return r, err
	}
	c, err := file.contents()
	if err != nil {
		return nil, err
	}
	all := func(yield func(everqual.Record, error) bool) {
		for _, record := range c.Records {
			if !yield(record, nil) {
				return
			}
		}
	}
	return r, recompute(ctx, r, all, func(_ context.Context, d everqual.Digest) ([]byte, error) {
		if b, ok := c.Blobs[d]; ok {
			return b, nil
		}
		return nil, fmt.Errorf("%s is not in the bundle: %w", d, fs.ErrNotExist)
	})
}

func found(f verify.Finding) *verify.Result {
	r := &verify.Result{}
	r.Find(f)
	return r
}

// maxReport bounds a report, in bytes.
const maxReport = 512 << 20

// verifyReport checks a report. Its PDF must be the one that its data gives, to the
// byte: what people read is then what was signed.
func verifyReport(from io.Reader, isPDF bool, trust verify.Trust) (*verify.Result, error) {
	switch {
	case trust.Keys == nil:
		return nil, usagef("a report brings no public key: give the ledger's with --key")
	case trust.Witnesses != nil || trust.Authorities != nil || trust.Kept != nil:
		return nil, usagef("a report brings no cosignatures, time-stamps and older checkpoints: --witness, --tsa and --checkpoint are for a home or a bundle")
	}
	whole, err := io.ReadAll(io.LimitReader(from, maxReport+1))
	if err != nil || len(whole) > maxReport {
		return nil, errors.Join(err, fmt.Errorf("a report has at most %d bytes", maxReport))
	}
	if !isPDF {
		return verify.Report(whole, trust.Keys...), nil
	}
	data, err := report.Attached(whole)
	if err != nil {
		return found(verify.Finding{Message: err.Error()}), nil
	}
	r := verify.Report(data, trust.Keys...)
	if err := report.SamePDF(whole, data); err != nil {
		r.Find(verify.Finding{Field: "pages", Message: err.Error()})
	}
	return r, nil
}

// verifyHome reads the home and appends nothing to it.
func (a *app) verifyHome(ctx context.Context, trust verify.Trust, again bool) (_ *verify.Result, err error) {
	if err := a.existing(ctx); err != nil {
		return nil, err
	}
	home, err := a.openHome(ctx, embedded.Options{})
	if err != nil {
		return nil, err
	}
	defer home.Close()
	if trust.Keys == nil {
		if trust.Keys, err = a.ownKeys(ctx, home); err != nil {
			return nil, err
		}
	}
	s := source{home}
	r, err := trust.Home(ctx, s)
	if err == nil {
		if hidden := home.Ledger.Indexed(ctx); hidden != nil {
			r.Find(verify.Finding{Field: "index", Message: hidden.Error()})
		}
		err = errors.Join(compareLetters(ctx, home, r), a.held(ctx, home.Ledger, r))
	}
	if err != nil || !again || !r.OK() {
		return r, err
	}
	return r, recompute(ctx, r, s.Records(ctx, ""), s.Blob)
}

// compareLetters holds the queue's dead letters against the ledger's open ones, where
// that is what was signed. What a kill in between explains is no finding.
func compareLetters(ctx context.Context, home flow.Home, r *verify.Result) error {
	if !r.OK() {
		return nil
	}
	letters, err := home.Letters(ctx)
	for _, l := range letters {
		if l.Strange != "" && !l.Heals {
			r.Find(verify.Finding{Record: l.Entry, Field: "dead letter", Message: l.ID + ": " + l.Strange})
		}
	}
	return err
}

// held holds the ledger against what its signer remembers, where it is in a folder: what
// was cut off behind a checkpoint, or made anew without one, is not missing in the chain.
func (a *app) held(ctx context.Context, l *ledger.Ledger, r *verify.Result) error {
	if _, onAWS := a.onAWS(); onAWS {
		return nil
	}
	size, root, err := embedded.Signed(a.home)
	if err == nil {
		err = l.Extends(ctx, size, root)
	}
	if err != nil && !everqual.IsPermanent(err) {
		return err
	}
	if err != nil {
		r.Find(verify.Finding{Field: "past", Message: err.Error()})
	}
	return nil
}

// source is a home as the verifier reads it.
type source struct{ flow.Home }

func (s source) Records(ctx context.Context, kind everqual.Kind) iter.Seq2[everqual.Record, error] {
	return s.Ledger.Records(ctx, ledger.Query{Kind: kind})
}

func (s source) Head(ctx context.Context) (uint64, everqual.Digest, error) {
	head, err := s.Ledger.Head(ctx)
	return head.Sequence, head.Hash, err
}

func (s source) Blob(ctx context.Context, d everqual.Digest) ([]byte, error) {
	return s.Archive.Get(ctx, d)
}

func printVerified(cmd *cobra.Command, r *verify.Result, trust verify.Trust) {
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
	signed := "nothing of it is signed by a key that is known"
	switch {
	case !r.OK() && r.Size == 0 && r.Checkpoints > 0:
		signed = "no checkpoint holds for them"
	case r.Origin != "":
		signed = fmt.Sprintf("signed by %s up to record %d", r.Origin, r.Size)
	}
	say(w, "%d records, %d checkpoints, %d blobs; %s\n", r.Records, r.Checkpoints, r.Blobs, signed)
	if r.Deleted > 0 {
		say(w, "%s deleted when the retention had passed.\n", count(r.Deleted, "blob was", "blobs were"))
	}
	if r.Recomputed+r.NotRecomputed > 0 {
		say(w, "%d observations and assessments made again are the same", r.Recomputed)
		if r.NotRecomputed > 0 {
			say(w, "; %d cannot be compared: another version of a collector made them, or their evidence was deleted under the retention", r.NotRecomputed)
		}
		say(w, ".\n")
	}
	if r.OK() && r.Unsigned > 0 {
		say(w, "The last %d records are in the chain but not signed yet.\n", r.Unsigned)
	}
	printVouching(w, r, trust)
	if trust.Keys == nil {
		say(w, "The key is the one that lies with the ledger; compare it with the one that you hold, or give that with --key.\n")
	}
}
