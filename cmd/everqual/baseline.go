package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
)

func (a *app) baselineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Accept the present state of a system, or show what was accepted last",
	}
	cmd.AddCommand(a.baselineSet(), a.baselineShow())
	return cmd
}

func (a *app) baselineSet() *cobra.Command {
	var id string
	var d decider
	cmd := &cobra.Command{
		Use:     "set",
		Short:   "Accept the present state of a system: drift is measured from it",
		Example: `  everqual baseline set --system LIMS --reason "release 4.2 deployed, CR-1042"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := d.check(); err != nil {
				return err
			}
			c, s, err := a.useSystem(cmd.Context(), id)
			if err != nil {
				return err
			}
			defer c.Close()
			if err := intact(cmd.Context(), c); err != nil {
				return err
			}
			b, err := c.SetBaseline(cmd.Context(), s, d.by, d.reason)
			if err != nil {
				return err
			}
			if err := a.printBaseline(cmd, b); err != nil {
				return err
			}
			now, err := statusOf(cmd.Context(), c, s)
			if err == nil {
				sayOpen(a.told(cmd), now)
			}
			return err
		},
	}
	systemFlag(cmd, &id)
	d.flags(cmd)
	return cmd
}

// told is where words for people go: beside the JSON where that was asked for.
func (a *app) told(cmd *cobra.Command) io.Writer {
	if a.json() {
		return cmd.ErrOrStderr()
	}
	return cmd.OutOrStdout()
}

// sayOpen warns of what a baseline was set in spite of.
func sayOpen(w io.Writer, now systemStatus) {
	if n := now.Verdicts; n.Fail+n.NotEvaluated > 0 {
		say(w, "It was set with %d FAIL and %d NOT EVALUATED open.\n", n.Fail, n.NotEvaluated)
	}
	if len(now.Changed) > 0 {
		say(w, "It was set while %s changed since observed, and not been looked at: the versions in it may no longer be what is there.\n",
			count(len(now.Changed), "resource had", "resources had"))
		listChanged(w, now.Changed)
	}
}

func (a *app) baselineShow() *cobra.Command {
	var id string
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "Show the last baseline of a system",
		Example: `  everqual baseline show --system LIMS --output json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, s, err := a.readSystem(cmd.Context(), id)
			if err != nil {
				return err
			}
			defer c.Close()
			b, ok, err := c.Baseline(cmd.Context(), s.ID)
			if err != nil {
				return err
			}
			if !ok {
				say(cmd.OutOrStdout(), "system %s has no baseline yet\n", s.ID)
				return nil
			}
			return a.printBaseline(cmd, b)
		},
	}
	systemFlag(cmd, &id)
	return cmd
}

func (a *app) printBaseline(cmd *cobra.Command, b everqual.Baseline) error {
	w := cmd.OutOrStdout()
	if a.json() {
		return printJSON(w, b)
	}
	say(w, "%s of %s: %s by %s, %s: %s\n", paint(bold, "Baseline"), b.System,
		count(len(b.Members), "resource", "resources"), b.By, utc(b.At), b.Reason)
	return nil
}
