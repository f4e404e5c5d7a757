package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/report"
)

// reportOnChange composes the report that a record asks for. Its number ends with
// how much of the ledger it shows, so that no two have the same.
func reportOnChange(ctx context.Context, c *flow.Corridor, s everqual.System, why uint64) (everqual.ReportIssued, flow.Notice, error) {
	head, err := c.Ledger.Head(ctx)
	if err != nil {
		return everqual.ReportIssued{}, flow.Notice{}, err
	}
	r, issued, err := composeReport(ctx, c, s, document{
		number: fmt.Sprintf("IQ-%s-%d", s.ID, head.Sequence), version: "1.0", by: "everqual " + version(),
		reason: fmt.Sprintf("A change was recorded: ledger entry %d", why),
	})
	return issued, reportNotice(r), err
}

func reportNotice(r report.Report) flow.Notice {
	n := flow.Notice{
		ID: "report:" + string(r.Digest), Severity: "info", System: r.System.ID, Time: r.Document.GeneratedAt,
		Title: fmt.Sprintf("%s report %s: %s", r.System.ID, r.Document.Number, r.Conclusion.Status),
		Text:  strings.Join(r.Conclusion.Reasons, "\n"),
		Fields: []flow.Field{
			{Name: "Verdicts", Value: fmt.Sprintf("%d PASS, %d FAIL, %d NOT EVALUATED, %d NOT APPLICABLE",
				r.Counts.Pass, r.Counts.Fail, r.Counts.NotEvaluated, r.Counts.NotApplicable)},
			{Name: "Digest", Value: string(r.Digest)},
			{Name: "Files", Value: "everqual report get " + r.Digest.Short() + " --out DIR"},
		},
	}
	if r.Conclusion.Status != report.Accepted {
		n.Severity = "warning"
	}
	return n
}

// issuedReport is a report that the ledger holds, and what was decided about it.
type issuedReport struct {
	everqual.ReportIssued
	Entry    uint64            `json:"entry"`
	Time     string            `json:"time"`
	Decision *everqual.Decided `json:"decision,omitempty"`
}

func (a *app) reportListCommand() *cobra.Command {
	var id string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the reports that were issued, and what was decided about them",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			decided, err := c.Decisions(cmd.Context())
			if err != nil {
				return err
			}
			list := []issuedReport{}
			for r, err := range ledger.Bodies[everqual.ReportIssued](cmd.Context(), c.Ledger, ledger.Query{Kind: everqual.KindReport}) {
				if err != nil {
					return err
				}
				if id == "" || id == r.Body.System {
					list = append(list, issuedReport{r.Body, r.Record.Sequence, utc(r.Record.Time), decisionOn(decided, r.Body.Digest)})
				}
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), list)
			}
			for _, r := range list {
				say(cmd.OutOrStdout(), "%s  %s  %s %s  by %s\n", r.Digest.Short(), r.Time, r.System, r.Number, r.By)
				printDecision(cmd.OutOrStdout(), r.Decision)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&id, "system", "", "those of this system only")
	return cmd
}

func (a *app) reportGetCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "get NUMBER|DIGEST",
		Short: "Write a report that was issued, with all that it rests on",
		Long: `Writes the files of 'everqual report' from the archived data of a report that was issued,
named by its number, its digest or the beginning of that. The PDF is drawn anew from the data and
is the same to the byte. What was decided about the report is beside it, as decision.json. Of what
it rests on, what was deleted when its retention had passed is not written, and told.`,
		Example: `  everqual report list
  everqual report get 0e2a5ea6c1c0 --out iq/`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return usagef("name a folder to write to with --out")
			}
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			r, err := getReport(cmd.Context(), c, args[0])
			if err != nil {
				return err
			}
			decided, err := c.Decisions(cmd.Context())
			if err != nil {
				return err
			}
			decision := decisionOn(decided, r.Digest)
			missing, err := writeFiles(cmd.Context(), c, r, out)
			if err := errors.Join(err, writeDecision(out, decision)); err != nil {
				return err
			}
			if a.json() {
				err = report.WriteJSON(cmd.OutOrStdout(), r)
			} else {
				printReport(cmd.OutOrStdout(), r, out)
				printDecision(cmd.OutOrStdout(), decision)
			}
			return errors.Join(err, sayMissing(cmd.Context(), a.told(cmd), c, missing))
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder to write to (required)")
	return cmd
}

// getReport reads the report with this number or digest out of the archive.
func getReport(ctx context.Context, c *flow.Corridor, name string) (report.Report, error) {
	record, issued, err := findReport(ctx, c, name)
	if err != nil {
		return report.Report{}, err
	}
	data, err := c.Archive.Get(ctx, issued.Data)
	if errors.Is(err, fs.ErrNotExist) {
		if gone, err := c.Disposed(ctx); err == nil && gone[issued.Data] {
			return report.Report{}, fmt.Errorf("the data of report %s was deleted when its retention had passed: it cannot be written again ('everqual history retention' lists the disposals)", issued.Digest)
		}
	}
	if err != nil {
		return report.Report{}, fmt.Errorf("read report %s from the archive: %w", issued.Digest, err)
	}
	var r report.Report
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("read report %s: %w", issued.Digest, err)
	}
	if r.Digest = issued.Digest; !report.Verify(r) {
		return r, fmt.Errorf("report %s was written by another version of the program: use that version to get it", issued.Digest)
	}
	r.Proof, err = proofOf(ctx, c, record)
	return r, err
}

// findReport finds the one report with a number, or with a digest that begins so.
func findReport(ctx context.Context, c *flow.Corridor, name string) (found everqual.Record, issued everqual.ReportIssued, err error) {
	n := 0
	for r, err := range ledger.Bodies[everqual.ReportIssued](ctx, c.Ledger, ledger.Query{Kind: everqual.KindReport}) {
		if err != nil {
			return found, issued, err
		}
		if r.Body.Number == name || strings.HasPrefix(r.Body.Digest.Hex(), strings.TrimPrefix(name, "sha256:")) {
			found, issued = r.Record, r.Body
			n++
		}
	}
	switch {
	case n == 0:
		return found, issued, fmt.Errorf("no report with the number or digest %q was issued: see 'everqual report list'", name)
	case n > 1:
		return found, issued, usagef("%d reports have the number %q, or a digest that begins so: give more of the digest", n, name)
	}
	return found, issued, nil
}
