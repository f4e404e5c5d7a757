package main

import (
	"context"
	"crypto/rand"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

func (a *app) retentionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "retention",
		Short: "Say how long evidence and reports are kept, hold them, and delete what has expired",
		Long: `Without a rule everything is kept for ever. A rule says how long, at least, what the records of
a kind rest on is kept, counted from the record: the evidence of observations and confirmations,
the data of reports, CloudTrail's digests. The records themselves, and the evidence of what a resource is now, are
never deleted. Rules, holds and deletions are records, and 'everqual verify' checks that nothing
went before its time.`,
	}
	cmd.AddCommand(a.retentionShow(), a.retentionSet(), a.retentionHold(), a.retentionRelease(), a.retentionApply())
	return cmd
}

func (a *app) retentionShow() *cobra.Command {
	return &cobra.Command{
		Use:     "show",
		Short:   "Show rules, holds, and how much may be deleted",
		Example: `  everqual retention show --home lims-home`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.retained(cmd, func(_ *flow.Corridor, s flow.Retained) error { return a.printRetained(cmd.OutOrStdout(), s) })
		},
	}
}

// retained opens the home and finds out what may be deleted.
func (a *app) retained(cmd *cobra.Command, use func(c *flow.Corridor, s flow.Retained) error) error {
	c, err := a.reader(cmd.Context())
	if err != nil {
		return err
	}
	defer c.Close()
	s, err := c.Retained(cmd.Context())
	if err != nil {
		return err
	}
	return use(c, s)
}

func (a *app) printRetained(w io.Writer, s flow.Retained) error {
	if a.json() {
		return printJSON(w, s)
	}
	var rows [][]string
	for _, kind := range flow.Disposable() {
		row := []string{string(kind), "for ever", "", ""}
		if i := slices.IndexFunc(s.Rules, func(r everqual.Retention) bool { return r.Kind == kind }); i >= 0 && s.Rules[i].Keep != "" {
			row = []string{string(kind), string(s.Rules[i].Keep), s.Rules[i].By, s.Rules[i].Reason}
		}
		rows = append(rows, row)
	}
	columns(w, []string{"KIND", "KEPT", "BY", "REASON"}, rows)
	rows = nil
	for _, h := range s.Holds {
		rows = append(rows, []string{h.ID, held(h), utc(h.At), h.By, h.Reason})
	}
	if len(rows) > 0 {
		say(w, "\n")
		columns(w, []string{"HOLD", "OF", "SINCE", "BY", "REASON"}, rows)
	}
	say(w, "\n%d blobs are kept, %d more only because of a hold; %d may be deleted.\n", s.Kept, s.Held, len(s.Expired))
	sayLocked(w, s.Locked)
	return nil
}

// held says what a hold is of.
func held(h everqual.Hold) string {
	n := len(h.Subjects)
	if slices.Contains(h.Subjects, h.System) {
		n-- // the system itself
	}
	what := count(n, "resource", "resources")
	if slices.Contains(h.Subjects, "*") {
		what = "everything"
	}
	return strings.TrimSpace(h.System + " " + what)
}

// sayLocked tells of what has expired and stays: each lock, and how many it keeps.
func sayLocked(w io.Writer, locks []flow.Lock) {
	of := map[string]int{}
	for _, l := range locks {
		of[l.String()]++
	}
	for _, lock := range slices.Sorted(maps.Keys(of)) {
		say(w, "%s %s expired and cannot be deleted: %s\n", paint(amber, "locked"), count(of[lock], "blob has", "blobs have"), lock)
	}
}

func (a *app) retentionSet() *cobra.Command {
	var d decider
	cmd := &cobra.Command{
		Use:     "set KIND TERM",
		Short:   `Say how long what a kind of record rests on is kept: a TERM such as 10y, 18m, 90d, or "ever"`,
		Example: `  everqual retention set confirmation 2y --reason "SOP-12 §4: routine checks"`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.check(); err != nil {
				return err
			}
			r := everqual.Retention{Kind: everqual.Kind(args[0]), By: d.by, Reason: d.reason}
			if !slices.Contains(flow.Disposable(), r.Kind) {
				return usagef("KIND is one of %v: nothing is ever deleted of other records", flow.Disposable())
			}
			if args[1] != "ever" {
				var err error
				if r.Keep, err = everqual.ParseTerm(args[1]); err != nil {
					return usagef("%w", err)
				}
			}
			return a.decide(cmd, func(ctx context.Context, c *flow.Corridor) error { return c.Retain(ctx, r) })
		},
	}
	d.flags(cmd)
	return cmd
}

// decide records a decision in an existing home, and says so.
func (a *app) decide(cmd *cobra.Command, do func(ctx context.Context, c *flow.Corridor) error) error {
	c, err := a.reader(cmd.Context())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := do(cmd.Context(), c); err != nil {
		return err
	}
	if !a.json() {
		say(cmd.OutOrStdout(), "Recorded.\n")
	}
	return nil
}

func (a *app) retentionHold() *cobra.Command {
	var d decider
	var h everqual.Hold
	var all bool
	cmd := &cobra.Command{
		Use:   "hold",
		Short: "Keep everything about a system, about resources, or about all, until the hold is released",
		Long: `Keeps what would be deleted, until the hold is released. One of a system keeps the data of its
reports and the evidence of all its resources, also of those that join it later; every hold keeps
CloudTrail's digests, which speak of all. The hold is a record, and 'everqual verify' checks that
nothing was deleted in spite of it.`,
		Example: `  everqual retention hold --system LIMS --reason "inspection 2026-14"
  everqual retention hold --all --reason "litigation: counsel's letter of 3 March"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := d.check(); err != nil {
				return err
			}
			if all {
				h.Subjects = append(h.Subjects, "*")
			}
			if (len(h.Subjects) == 0) == (h.System == "") {
				return usagef("a hold is of a --system, or of resources by --resource, or of --all")
			}
			if h.By, h.Reason = d.by, d.reason; blank(h.ID) {
				h.ID = rand.Text()[:8]
			}
			err := a.decide(cmd, func(ctx context.Context, c *flow.Corridor) error {
				if h.System != "" {
					if _, err := system(c.Library, h.System); err != nil {
						return err
					}
				}
				var err error
				h, err = c.Hold(ctx, h)
				return err
			})
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), h)
			}
			say(cmd.OutOrStdout(), "'everqual retention release %s' ends the hold.\n", h.ID)
			return nil
		},
	}
	cmd.Flags().StringVar(&h.ID, "id", "", "name of the hold, to release it by (default: a random one)")
	cmd.Flags().StringVar(&h.System, "system", "", "id of a system: its reports, and its resources with those that join it later")
	cmd.Flags().StringArrayVar(&h.Subjects, "resource", nil, "id of a resource (may be given several times)")
	cmd.Flags().BoolVar(&all, "all", false, "everything")
	d.flags(cmd)
	return cmd
}

func (a *app) retentionRelease() *cobra.Command {
	var d decider
	cmd := &cobra.Command{
		Use:     "release HOLD",
		Short:   "End a hold",
		Example: `  everqual retention release K7QW2M4A --reason "inspection closed without findings"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.check(); err != nil {
				return err
			}
			return a.decide(cmd, func(ctx context.Context, c *flow.Corridor) error {
				holds, err := c.Holds(ctx)
				if err != nil {
					return err
				}
				i := slices.IndexFunc(holds, func(h everqual.Hold) bool { return h.ID == args[0] })
				if i < 0 {
					return usagef("no hold %q is in force: 'everqual retention show' lists them", args[0])
				}
				return c.Release(ctx, holds[i], d.by, d.reason)
			})
		},
	}
	d.flags(cmd)
	return cmd
}

func (a *app) retentionApply() *cobra.Command {
	var d decider
	var dry bool
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Delete what has expired; each deletion is recorded first",
		Long: `Deletes what has expired and is under no hold, and records each deletion before it is made. What
was recorded and is still there, because something was cut off, goes with the next run.

On AWS all versions of an object are deleted. What Object Lock or a legal hold of S3 keeps stays, is
not recorded as deleted, and is told with the date until which it is locked.

Exit codes: 0 done; 3 done, but some that has expired is locked; 1 it could not be deleted.`,
		Example: `  everqual retention apply --dry-run
  everqual retention apply --reason "yearly disposal, SOP-12 §6"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !dry {
				if err := d.check(); err != nil {
					return err
				}
			}
			return a.retained(cmd, func(c *flow.Corridor, s flow.Retained) error {
				if dry || len(s.Expired)+len(s.Locked) == 0 {
					return a.printRetained(cmd.OutOrStdout(), s)
				}
				if err := intact(cmd.Context(), c); err != nil {
					return err
				}
				if err := c.DisposeOf(cmd.Context(), s, d.by, d.reason); err != nil {
					return err
				}
				return a.printDisposed(cmd.OutOrStdout(), s)
			})
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only show what would be deleted")
	d.flags(cmd)
	return cmd
}

func (a *app) printDisposed(w io.Writer, s flow.Retained) (err error) {
	if a.json() {
		err = printJSON(w, map[string]any{"deleted": len(s.Expired), "locked": append([]flow.Lock{}, s.Locked...)})
	} else {
		if len(s.Expired) > 0 {
			say(w, "%s deleted, and that is recorded.\n", count(len(s.Expired), "blob", "blobs"))
		}
		sayLocked(w, s.Locked)
	}
	if err == nil && len(s.Locked) > 0 {
		return exitCode(exitPartly)
	}
	return err
}
