package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
)

func (a *app) reportDecide(verb, short string, decision everqual.Decision) *cobra.Command {
	var d decider
	cmd := &cobra.Command{
		Use:   verb + " NUMBER|DIGEST",
		Short: short,
		Long: short + `, named by its number, or by its digest
or the first twelve digits of that. The report stays as it was issued: the record names its
digest, who decided, when and why. A report is decided about once; to decide anew, issue a new
report.

It is the record of a decision and no electronic signature as in 21 CFR Part 11: the name is as
it is given, and whoever gives it does not prove who he is. The user of this machine, or the
identity that AWS knows, is recorded beside it.`,
		Example: `  everqual report list --system LIMS
  everqual report ` + verb + ` IQ-LIMS-004 --by "Q. Unit" --reason "reviewed against VP-17"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.check(); err != nil {
				return err
			}
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			made, err := a.decideReport(cmd.Context(), c, args[0], everqual.ReportDecided{Decision: decision, By: d.by, Reason: d.reason})
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), made)
			}
			say(cmd.OutOrStdout(), "%s report %s, %s\n", made.System, made.Number, made.Report)
			printDecision(cmd.OutOrStdout(), &made)
			return nil
		},
	}
	cmd.Flags().StringVar(&d.by, "by", "", "full name of who decides (required)")
	cmd.Flags().StringVar(&d.reason, "reason", "", "why (required; it is recorded)")
	return cmd
}

// decideReport records the decision, and then has people told. In this order nobody is
// told of what does not hold.
func (a *app) decideReport(ctx context.Context, c *flow.Corridor, name string, d everqual.ReportDecided) (made everqual.Decided, err error) {
	if err := intact(ctx, c); err != nil {
		return made, err
	}
	_, issued, err := findReport(ctx, c, name)
	if err != nil {
		return made, err
	}
	if issued.Number != name && len(strings.TrimPrefix(name, "sha256:")) < 12 {
		return made, usagef("a decision is about one report only: give its number, or 12 digits of its digest or more")
	}
	d.Report = issued.Digest
	if d.Principal, err = a.principal(ctx); err != nil {
		return made, err
	}
	if made, err = c.Decide(ctx, d); err != nil {
		return made, err
	}
	if _, err := c.TellDecided(ctx, d.Report, ""); err != nil {
		return made, fmt.Errorf("the decision is recorded (entry %d), and people could not be told: %w\nRun the same command again", made.Entry, err)
	}
	return made, nil
}

// principal is as whom AWS or the machine knows the one at the command line.
func (a *app) principal(ctx context.Context) (string, error) {
	if name, ok := a.onAWS(); ok {
		deployed, err := a.deployment(ctx, name)
		if err != nil {
			return "", err
		}
		return awshome.Caller(ctx, name, deployed)
	}
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("ask for this machine's name: %w", err)
	}
	return whoami() + "@" + host, nil
}

func decisionOn(all map[everqual.Digest]everqual.Decided, report everqual.Digest) *everqual.Decided {
	if d, ok := all[report]; ok {
		return &d
	}
	return nil
}

func printDecision(w io.Writer, d *everqual.Decided) {
	if d != nil {
		say(w, "  %s\n", d)
	}
}

// writeDecision writes what was decided beside a report, and takes away what lies
// there of another one.
func writeDecision(out string, d *everqual.Decided) error {
	name := filepath.Join(out, "decision.json")
	if d == nil {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return writeFile(name, func(w io.Writer) error { return printJSON(w, d) })
}
