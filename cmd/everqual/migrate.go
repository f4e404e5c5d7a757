package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
)

func (a *app) migrateCommand() *cobra.Command {
	var from, to string
	var check bool
	var m migration
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Move a home to another one, such as a folder to AWS, and verify it there",
		Long: `Checks the home --from as 'everqual verify' does, copies it into the home --to and checks it
there: archive, records with their times and hashes, messages and dead letters, specifications
and rules, and the public keys that signed before. Head and root must be the same in both.
The home --to then signs with its own key. What notify.json says is not moved.

The home --to must be empty. When it was cut off, the same command goes on where it stopped.
End what works in --from before: what it appends meanwhile is carried over by another pass, or
reported.

When all has arrived, both homes record the move: from where and to where, how many records, head
and root, by whom and why. The home --from then ends with that record: it can be read, verified and
exported as before, and refuses to append. Where the new home is lost, move the old one again, to
another new home: both moves stay recorded. To rehearse, move a backup.

Deploy the home on AWS first. It works by itself when the last step, the specifications, has
arrived.

Exit codes: 0 moved; 3 moved, but something was appended to --from meanwhile or is damaged
there, or it could not be told that it moved; 1 it could not be moved.`,
		Example: `  everqual migrate --from lims-home --to aws://production --check
  everqual migrate --from lims-home --to aws://production --reason "change request 1077"
  everqual migrate --from aws://production --to back-home`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from == "" || to == "" || from == to {
				return usagef("name the home to move with --from, and where to with --to")
			}
			if err := a.sides(cmd.Context(), &m, from, to, check); err != nil {
				return err
			}
			moved, err := m.run(cmd.Context(), check)
			if err := errors.Join(err, m.close()); err != nil {
				return err
			}
			return a.printMoved(cmd.OutOrStdout(), moved)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "home to move: a folder, or aws://NAME")
	cmd.Flags().StringVar(&to, "to", "", "home to move it to: a folder, or aws://NAME")
	cmd.Flags().BoolVar(&check, "check", false, "only check both, and say what would be moved")
	cmd.Flags().StringVar(&m.by, "by", whoami(), "who moves it")
	cmd.Flags().StringVar(&m.reason, "reason", "", "why, to be recorded with it")
	return cmd
}

// moved is what a migration did, or would do.
type moved struct {
	From     string          `json:"from"`
	To       string          `json:"to"`
	Checked  bool            `json:"only_checked"`
	Before   bool            `json:"moved_before"`
	Records  uint64          `json:"records"`
	Head     everqual.Digest `json:"head"`
	Root     everqual.Digest `json:"root"`
	There    uint64          `json:"records_there"` // when it began
	Blobs    int             `json:"blobs"`
	Messages int             `json:"messages"`
	Letters  int             `json:"dead_letters"`
	Files    int             `json:"files"`
	Keys     int             `json:"keys"`
	Signer   string          `json:"signer,omitempty"` // who signs from now on
	// Damaged are blobs that no record rests on and that cannot be read.
	Damaged []string `json:"damaged"`
	Later   uint64   `json:"appended_meanwhile"` // to the home it came from, and not moved
	// Untold is why the home that it came from could not record that it moved.
	Untold string `json:"untold,omitempty"`
	Told   bool   `json:"-"` // it did before
}

func (a *app) printMoved(w io.Writer, m moved) (err error) {
	if a.json() {
		err = printJSON(w, m)
	} else {
		sayMoved(w, m)
	}
	if err == nil && (m.Later > 0 || len(m.Damaged) > 0 || m.Untold != "") {
		return exitCode(exitPartly)
	}
	return err
}

func sayMoved(w io.Writer, m moved) {
	if m.Before {
		say(w, "%s holds all %d records of %s: it was moved before.\n", m.To, m.Records, m.From)
	} else {
		what := "Moved"
		if m.Checked {
			what = "To be moved"
		}
		say(w, "%s from %s to %s: %d records (%d are there), %s, %s, %s, %s.\n", paint(bold, what), m.From, m.To, m.Records, m.There,
			count(m.Blobs, "blob", "blobs"), count(m.Messages, "message", "messages"), count(m.Letters, "dead letter", "dead letters"), count(m.Files, "file", "files"))
	}
	say(w, "Head %s\nRoot %s\n", m.Head, m.Root)
	for _, d := range m.Damaged {
		say(w, "%s not moved, no record rests on it: %s\n", paint(amber, "damaged"), d)
	}
	if m.Later > 0 {
		say(w, "%s %d records were appended to %s meanwhile: end what works there\n", paint(red, "not moved"), m.Later, m.From)
	}
	if m.Untold != "" {
		say(w, "%s %s could not record that it moved, and nothing keeps anybody from appending to it: %s\n", paint(red, "not told"), m.From, m.Untold)
	}
	switch {
	case m.Checked || m.Before:
	case m.Signer == "":
		say(w, "%s has no key: nothing that is appended there is signed\n", m.To)
	default:
		say(w, "Both are the same. %s signs from now on; keep %s as it is: it can be read, and ends here.\n", m.Signer, m.From)
	}
}

// migration moves one home to another.
type migration struct {
	from, to   *side
	by, reason string
}

func (a *app) sides(ctx context.Context, m *migration, from, to string, check bool) (err error) {
	if m.from, err = a.side(ctx, from, true); err != nil {
		return err
	}
	if m.to, err = a.toBe(ctx, to, check); err != nil {
		return errors.Join(err, m.from.Close())
	}
	return nil
}

func (m migration) close() error { return errors.Join(m.from.Close(), m.to.Close()) }
