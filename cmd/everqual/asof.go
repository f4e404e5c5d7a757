package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/report"
)

func (a *app) asOfCommand() *cobra.Command {
	var system, pdf string
	cmd := &cobra.Command{
		Use:   "as-of",
		Short: "Answer whether a system was in a qualified state at a time, as known at another",
		Long: `Reads from the ledger what was so at --time: the versions of the system's resources, the
specifications in force, what these said, and what had changed without anybody looking. Each
answer names the ledger entry that says so.

With --known-at the ledger is read as it was then: what was learned later does not count. An
entry was known at a time when neither it nor any entry before it is of a later time.

The scope and the specifications are those that were in force at --time, as the ledger has them.
The state is QUALIFIED only when every specification in force has judged, all that was judged
passed, and nothing had changed since it was seen; NOT KNOWN gives its reasons. Of a --time
after --known-at nobody could know that nothing happened in between: it is never QUALIFIED.
Times to come are refused.`,
		Example: `  everqual as-of --home lims-home --system LIMS --time 2026-03-02T12:00:00Z
  everqual as-of --system LIMS --time 2026-03-02 --known-at 2026-03-03 --pdf state.pdf`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := askedFor(cmd)
			if err != nil {
				return err
			}
			c, s, err := a.readSystem(cmd.Context(), system)
			if err != nil {
				return err
			}
			defer c.Close()
			if err := q.past(cmd.Context(), c); err != nil {
				return err
			}
			if err := intact(cmd.Context(), c); err != nil {
				return err
			}
			answer, err := c.AsOf(cmd.Context(), s, q.at, q.known)
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
	cmd.Flags().String("time", "", "when it was so: RFC 3339, or a day, which is its end in UTC, or now (default now, or the time of --known-at)")
	cmd.Flags().String("known-at", "", "by what the ledger held then, likewise (default by all that it holds)")
	cmd.Flags().StringVar(&pdf, "pdf", "", "write the answer as one page too")
	return cmd
}

// moment reads a time, or the end of a day.
func moment(flag, s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.Add(24*time.Hour - time.Nanosecond), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, usagef("--%s: %q is no time; write one such as 2026-03-02T12:00:00Z or 2026-03-02", flag, s)
	}
	return t.UTC(), nil
}

// asked are the times that somebody asks about, zero where a flag was not given.
type asked struct{ at, known time.Time }

// askedFor reads the flags. A script whose variable is not set did not mean now: an
// empty text is no time.
func askedFor(cmd *cobra.Command) (q asked, err error) {
	for flag, t := range q.each() {
		if !cmd.Flags().Changed(flag) {
			continue
		}
		if *t, err = moment(flag, cmd.Flag(flag).Value.String()); err != nil {
			return q, err
		}
	}
	return q, nil
}

// each is the times by their flags, in order.
func (q *asked) each() iter.Seq2[string, *time.Time] {
	return func(yield func(string, *time.Time) bool) {
		_ = yield("time", &q.at) && yield("known-at", &q.known)
	}
}

// past refuses what is still to come, but for the rest of today, and fills in now.
func (q *asked) past(ctx context.Context, c *flow.Corridor) error {
	now, _, err := c.Latest(ctx)
	if err != nil {
		return err
	}
	end := now.UTC().Truncate(24 * time.Hour).Add(24*time.Hour - time.Nanosecond)
	for flag, t := range q.each() {
		switch {
		case t.Equal(end): // of the day that it is
			*t = now
		case t.After(now):
			return usagef("--%s: %s is still to come; it is %s", flag, utc(*t), utc(now))
		}
	}
	if q.at.IsZero() {
		q.at = now
		if !q.known.IsZero() {
			q.at = q.known
		}
	}
	return nil
}

func printAsOf(cmd *cobra.Command, a everqual.AsOf) {
	w := cmd.OutOrStdout()
	say(w, "%s was %s at %s\n", a.System, paint(bold, string(a.State)), utc(a.At))
	for _, reason := range a.Reasons {
		say(w, "  %s\n", reason)
	}
	say(w, "As known at %s: %s\n", utc(a.KnownAt), report.KnownBy(a))
	say(w, "Scope: %s\n", report.ScopeThen(a.Scope))
	for _, s := range a.Specifications {
		say(w, "In force: %s %s (entry %d)\n", s.ID, s.Version, s.Entry)
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
