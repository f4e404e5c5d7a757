package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/report"
)

// document are the flags that name the report as a controlled document.
type document struct {
	number, version, organisation, by, reason string
	at                                        time.Time
}

func (a *app) reportCommand() *cobra.Command {
	var id, out, at string
	var d document
	var check bool
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write the Installation Qualification (IQ) report of a system",
		Long: `Writes into the folder --out:
  iq-report.pdf      the report
  iq-report.json     the same report for programs
  test-results.csv   its test results as a table
  evidence/          the raw API exchanges behind it, named by their SHA-256
  specifications/    the specifications it was judged by, named by their SHA-256

A system whose system.json says "report": {"on": "change"} has its report issued by run and
worker: list and get show and write what was issued.`,
		Example: `  everqual report --system LIMS --out iq/ --number IQ-LIMS-004 --document-version 1.0
  everqual report --system LIMS --out iq/ --check   # exit 4 unless ACCEPTED`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef("name a folder to write to with --out")
			}
			if blank(d.by) || blank(d.reason) {
				return usagef("the revision history needs --by NAME and --reason \"...\"")
			}
			if at != "" {
				var err error
				if d.at, err = time.Parse(time.RFC3339, at); err != nil {
					return usagef("--generated-at is a time such as 2026-11-02T15:04:05Z, not %q", at)
				}
			}
			c, s, err := a.useSystem(cmd.Context(), id)
			if err != nil {
				return err
			}
			defer c.Close()
			r, err := writeReport(cmd.Context(), c, s, d, out)
			if err != nil {
				return err
			}
			if a.json() {
				err = report.WriteJSON(cmd.OutOrStdout(), r)
			} else {
				printReport(cmd.OutOrStdout(), r, out)
			}
			if err == nil && check && r.Conclusion.Status != report.Accepted {
				return exitCode(exitDeviation)
			}
			return err
		},
	}
	systemFlag(cmd, &id)
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "folder to write to (required)")
	f.StringVar(&d.number, "number", "", "document number (default IQ-SYSTEM)")
	f.StringVar(&d.version, "document-version", "1.0", "document version")
	f.StringVar(&d.organisation, "organisation", "", "organisation at the head of every page")
	f.StringVar(&d.by, "by", whoami(), "author in the revision history")
	f.StringVar(&d.reason, "reason", "Qualification of the installed configuration", "reason in the revision history")
	f.StringVar(&at, "generated-at", "", "time on the report, to write an earlier report again (default now)")
	f.BoolVar(&check, "check", false, "exit with 4 unless the conclusion is ACCEPTED")
	cmd.AddCommand(a.reportListCommand(), a.reportGetCommand(),
		a.reportDecide("approve", "Record that a person approves a report that was issued", everqual.Approved),
		a.reportDecide("reject", "Record that a person rejects a report that was issued", everqual.Rejected))
	return cmd
}

func printReport(w io.Writer, r report.Report, out string) {
	say(w, "%s %s %s: %s\n", paint(bold, "IQ report"), r.Document.Number, r.Document.Version, paint(bold, string(r.Conclusion.Status)))
	for _, reason := range r.Conclusion.Reasons {
		say(w, "  %s\n", reason)
	}
	cov := r.Coverage
	say(w, "  %d resources in scope: %d assessed, %d not assessed, %d without specification, %d unread; %d deleted\n",
		cov.InScope(), cov.Assessed, cov.NotAssessed, cov.WithoutSpecification, cov.Unread, cov.Deleted)
	printCounts(w, r.Counts)
	say(w, "  written to %s\n", out)
}

// writeReport reads a system's state from the ledger and writes every format.
func writeReport(ctx context.Context, c *flow.Corridor, s everqual.System, d document, out string) (report.Report, error) {
	r, err := issueReport(ctx, c, s, d)
	if err != nil {
		return r, err
	}
	missing, err := writeFiles(ctx, c, r, out)
	if err != nil {
		return r, err
	}
	return r, sayMissing(ctx, io.Discard, c, missing) // it rests on what is never disposed of
}

// issueReport composes a system's report, archives it, and records that it was issued.
func issueReport(ctx context.Context, c *flow.Corridor, s everqual.System, d document) (report.Report, error) {
	if err := c.Define(ctx); err != nil { // the system is what this report says it is
		return report.Report{}, err
	}
	r, issued, err := composeReport(ctx, c, s, d)
	if err != nil {
		return r, err
	}
	r.Proof, err = prove(ctx, c, issued)
	return r, err
}

// composeReport composes a system's report and archives it.
func composeReport(ctx context.Context, c *flow.Corridor, s everqual.System, d document) (report.Report, everqual.ReportIssued, error) {
	head, err := c.Ledger.Head(ctx) // before anything is read, so that the report shows at least this much
	if err != nil {
		return report.Report{}, everqual.ReportIssued{}, fmt.Errorf("read ledger head: %w", err)
	}
	in, err := reportInput(ctx, c, s, d)
	if err != nil {
		return report.Report{}, everqual.ReportIssued{}, err
	}
	r := report.New(in)
	data, err := report.Data(r)
	if err != nil {
		return r, everqual.ReportIssued{}, err
	}
	if err := c.Archive.Put(ctx, r.Digest, data); err != nil {
		return r, everqual.ReportIssued{}, fmt.Errorf("archive the report: %w", err)
	}
	return r, everqual.ReportIssued{
		System: s.ID, Number: r.Document.Number, Digest: r.Digest, Data: r.Digest, By: d.by, Records: head.Sequence,
	}, nil
}

// intact walks the ledger's chain: nothing may rest on a damaged one.
func intact(ctx context.Context, c *flow.Corridor) error {
	if err := c.Ledger.Check(ctx); err != nil {
		return fmt.Errorf("the ledger is damaged or was tampered with: %w\nKeep this home as it is, and restore it from a backup", err)
	}
	return nil
}

func reportInput(ctx context.Context, c *flow.Corridor, s everqual.System, d document) (report.Input, error) {
	if err := intact(ctx, c); err != nil {
		return report.Input{}, err
	}
	if d.at.IsZero() {
		d.at = c.Clock.Now()
	}
	if d.number == "" {
		d.number = "IQ-" + s.ID
	}
	in := report.Input{
		Organisation: d.organisation, DocumentNumber: d.number, DocumentVersion: d.version,
		GeneratedAt: d.at, ToolVersion: "v" + version(), System: s,
		Revisions: []report.Revision{{Version: d.version, Date: d.at, Change: "Issued", Reason: d.reason, By: d.by}},
	}
	for _, spec := range inForce(c, s) {
		spec.Path = "specifications/" + spec.Digest.Hex() + ".json" // as it lies beside the report
		in.Specifications = append(in.Specifications, spec)
	}
	members, err := c.Members(ctx, s)
	if err != nil {
		return in, err
	}
	changed, err := c.Unseen(ctx, members)
	if err != nil {
		return in, err
	}
	addMembers(&in, members, changed)
	if err := addDrift(ctx, c, s, &in); err != nil {
		return in, err
	}
	letters, err := c.Letters(ctx)
	if err != nil {
		return in, err
	}
	for _, l := range letters {
		l.Cause = l.Said()
		in.DeadLetters = append(in.DeadLetters, l.DeadLetter)
	}
	return in, addAccounts(ctx, c, &in)
}

func addMembers(in *report.Input, members []flow.Member, changed map[everqual.ResourceID][]everqual.EventThen) {
	for _, m := range members {
		in.Inventory = append(in.Inventory, report.Recorded{
			Observation: m.Observation, Sequence: m.Record.Sequence, Hash: m.Record.Hash, Changed: changed[m.Resource.ID],
		})
		in.Assessments = append(in.Assessments, m.Assessments...)
		if !slices.Contains(in.Callers, m.Caller) && m.Caller.ARN != "" {
			in.Callers = append(in.Callers, m.Caller)
		}
		if from := in.Period.From; from.IsZero() || m.CollectedAt.Before(from) {
			in.Period.From = m.CollectedAt
		}
	}
	in.Period.Until = in.GeneratedAt
}

func addDrift(ctx context.Context, c *flow.Corridor, s everqual.System, in *report.Input) error {
	b, ok, err := c.Baseline(ctx, s.ID)
	if err != nil || !ok {
		return err
	}
	in.Baseline = &b
	drift, err := c.Drift(ctx, s, b)
	for _, d := range drift.Differences {
		row := report.Drift{
			Resource: d.Resource, Name: d.Name, Path: d.Change.Path,
			Before: d.Change.BeforeText(), After: d.Change.AfterText(), At: d.SeenAt,
		}
		if len(d.Events) > 0 {
			e := d.Events[0]
			row.By, row.At, row.EventID, row.EventName = e.Actor.Name, e.Time, e.ID, e.Name
		}
		in.Drift = append(in.Drift, row)
	}
	for _, n := range drift.NotCompared {
		for _, u := range n.Unread {
			in.Drift = append(in.Drift, report.Drift{
				Resource: n.Resource, Name: n.Name, Path: cmp.Or(u.Path, "(whole resource)"),
				Before: "not compared", After: "could not be read: " + string(u.Reason),
			})
		}
	}
	return err
}

// addAccounts sums what the runs took in, and closes with the ledger's head.
func addAccounts(ctx context.Context, c *flow.Corridor, in *report.Input) error {
	var sum runResult
	for a, err := range ledger.Bodies[everqual.IntakeAccount](ctx, c.Ledger, ledger.Query{Kind: everqual.KindIntake}) {
		if err != nil {
			return err
		}
		sum.add(a.Body)
	}
	in.Events = sum.Events
	var err error
	if in.Unplaced, err = c.Unplaced(ctx); err != nil {
		return err
	}
	for r, err := range c.Ledger.Records(ctx, ledger.Query{Descending: true}) {
		if err != nil {
			return err
		}
		switch r.Kind {
		case everqual.KindCheckpoint, everqual.KindAttestation, everqual.KindReport, everqual.KindApproval: // say nothing that a report rests on
		default:
			in.Ledger = report.Head{Sequence: r.Sequence, Hash: r.Hash, CheckpointAt: r.Time}
			return nil
		}
	}
	return nil
}
