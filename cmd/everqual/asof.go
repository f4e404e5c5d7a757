package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/report"
)

func (a *app) asOfCommand() *cobra.Command {
	var system, at, known, pdf string
	cmd := &cobra.Command{
		Use:   "as-of",
		Short: "Answer whether a system was in a qualified state at a time, as known at another",
		Long: `Reads from the ledger what was so at --time: the versions of the system's resources, the
specifications in force, what these said, and what had changed without anybody looking. Each
answer names the ledger entry that says so.

With --known-at the ledger is read as it was then: what was learned later does not count. The
state is QUALIFIED only when all that was judged passed and nothing had changed since it was
seen; NOT KNOWN gives its reasons.`,
		Example: `  everqual as-of --home lims-home --system LIMS --time 2026-03-02T12:00:00Z
  everqual as-of --system LIMS --time 2026-03-02 --known-at 2026-03-03 --pdf state.pdf`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			when, err := moment("time", at)
			if err != nil {
				return err
			}
			knowing, err := moment("known-at", known)
			if err != nil {
				return err
			}
			c, s, err := a.readSystem(cmd.Context(), system)
			if err != nil {
				return err
			}
			defer c.Close()
			if err := intact(cmd.Context(), c); err != nil {
				return err
			}
			answer, err := c.AsOf(cmd.Context(), s, when, knowing)
			if err != nil {
				return err
			}
			if pdf != "" {
				if err := writeFile(pdf, func(w io.Writer) error { return report.WriteAsOfPDF(w, answer) }); err != nil {
					return err
				}
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), answer)
			}
			printAsOf(cmd, answer)
			return nil
		},
	}
	cmd.Flags().StringVar(&system, "system", "", "the system")
	cmd.Flags().StringVar(&at, "time", "", "when it was so: RFC 3339, or a day, which is its end in UTC (default now)")
	cmd.Flags().StringVar(&known, "known-at", "", "by what the ledger held then (default now)")
	cmd.Flags().StringVar(&pdf, "pdf", "", "write the answer as one page too")
	return cmd
}

// moment reads a time, or the end of a day.
func moment(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Now().UTC(), nil
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.Add(24*time.Hour - time.Nanosecond), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, usagef("--%s: %q is no time; write one such as 2026-03-02T12:00:00Z or 2026-03-02", flag, s)
	}
	return t.UTC(), nil
}

func printAsOf(cmd *cobra.Command, a everqual.AsOf) {
	w := cmd.OutOrStdout()
	say(w, "%s was %s at %s\n", a.System, paint(bold, string(a.State)), utc(a.At))
	for _, reason := range a.Reasons {
		say(w, "  %s\n", reason)
	}
	say(w, "As known at %s: %d ledger entries\n", utc(a.KnownAt), a.Records)
	for _, s := range a.Specifications {
		say(w, "In force: %s %s (entry %d)\n", s.ID, s.Version, a.InForce)
	}
	if b := a.Baseline; b != nil {
		say(w, "Baseline: %s by %s, %s (entry %d)\n", utc(b.At), b.By, b.Reason, b.Entry)
	}
	if a.Report != nil {
		say(w, "Last report: %s\n", a.Report)
	}
	if a.Decided != nil && a.Decided != a.Report {
		say(w, "Last report that was decided about: %s\n", a.Decided)
	}
	printCounts(w, a.Verdicts)
	rows := make([][]string, len(a.Resources))
	for i, r := range a.Resources {
		rows[i] = []string{
			titled(r.Resource, r.Name), fmt.Sprintf("%s v%d", r.State, r.Version), utc(r.SeenAt), strconv.FormatUint(r.Entry, 10), clip(report.OpenThen(r), 100),
		}
	}
	columns(w, []string{"RESOURCE", "STATE", "SEEN", "ENTRY", "OPEN"}, rows)
}
