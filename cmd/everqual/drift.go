package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/assess"
	"github.com/everqual/everqual/flow"
)

// driftResult is the JSON output of drift.
type driftResult struct {
	System   string     `json:"system"`
	Baseline time.Time  `json:"baseline"`
	By       string     `json:"by"`
	Reason   string     `json:"reason"`
	Drift    []driftRow `json:"drift"`
	// NotCompared could not be read: whether they differ is not known.
	NotCompared []flow.NotCompared `json:"not_compared"`
}

type driftRow struct {
	Resource everqual.Resource `json:"resource"`
	Name     string            `json:"name"`
	Change   assess.Change     `json:"change"`
	Version  int               `json:"version"` // first with the present value
	SeenAt   time.Time         `json:"seen_at"`
	// Events explain the change, most likely first. None: never heard of.
	Events []eventRef `json:"events"`
}

type eventRef struct {
	ID    string         `json:"id"`
	Name  string         `json:"name"`
	Time  time.Time      `json:"time"`
	Actor everqual.Actor `json:"actor"`
}

func (a *app) driftCommand() *cobra.Command {
	var id string
	var check bool
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Show what differs from the baseline: attribute, who, when, and by which event",
		Example: `  everqual drift --system LIMS
  everqual drift --system LIMS --check --output json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, s, err := a.readSystem(cmd.Context(), id)
			if err != nil {
				return err
			}
			defer c.Close()
			r, err := driftOf(cmd.Context(), c, s)
			if err != nil {
				return err
			}
			if a.json() {
				err = printJSON(cmd.OutOrStdout(), r)
			} else {
				printDrift(cmd.OutOrStdout(), r)
			}
			if err == nil && check && len(r.Drift)+len(r.NotCompared) > 0 {
				return exitCode(exitDeviation)
			}
			return err
		},
	}
	systemFlag(cmd, &id)
	cmd.Flags().BoolVar(&check, "check", false, "exit with 4 when anything differs")
	return cmd
}

func driftOf(ctx context.Context, c *flow.Corridor, s everqual.System) (driftResult, error) {
	b, ok, err := c.Baseline(ctx, s.ID)
	if err != nil {
		return driftResult{}, err
	}
	if !ok {
		return driftResult{}, fmt.Errorf("system %s has no baseline: accept its present state with 'everqual baseline set --system %s --reason ...'", s.ID, s.ID)
	}
	drift, err := c.Drift(ctx, s, b)
	r := driftResult{
		System: s.ID, Baseline: b.At, By: b.By, Reason: b.Reason, Drift: []driftRow{},
		NotCompared: append([]flow.NotCompared{}, drift.NotCompared...),
	}
	for _, d := range drift.Differences {
		row := driftRow{d.Resource, d.Name, d.Change, d.Version, d.SeenAt, []eventRef{}}
		for _, e := range d.Events {
			row.Events = append(row.Events, eventRef{e.ID, e.Name, e.Time, e.Actor})
		}
		r.Drift = append(r.Drift, row)
	}
	return r, err
}

func printDrift(w io.Writer, r driftResult) {
	say(w, "%s since the baseline of %s (%s: %s)\n", paint(bold, "Drift of "+r.System), utc(r.Baseline), r.By, r.Reason)
	if len(r.Drift)+len(r.NotCompared) == 0 {
		say(w, "  %s\n", paint(green, "none: every resource is as it was"))
	}
	last := everqual.ResourceID("")
	for _, d := range r.Drift {
		if d.Resource.ID != last {
			say(w, "%s %s\n", paint(bold, titled(d.Resource, d.Name)), paint(faint, string(d.Resource.ID)))
			last = d.Resource.ID
		}
		say(w, "  %s: %s -> %s\n", d.Change.Path, shown(d.Change.BeforeText()), shown(d.Change.AfterText()))
		say(w, "      %s\n", explained(d))
	}
	for _, n := range r.NotCompared {
		for _, u := range n.Unread {
			say(w, "%s %s %s: %s\n", paint(amber, "not compared"), titled(n.Resource, n.Name), cmp.Or(u.Path, "(all)"), u.Reason)
		}
	}
}

func shown(value string) string {
	if value == "" {
		return "(absent)"
	}
	return clip(value, 100)
}

// explained says who made a change, when, and by which event.
func explained(d driftRow) string {
	if len(d.Events) == 0 {
		return "no event was heard, seen " + utc(d.SeenAt)
	}
	e := d.Events[0]
	text := fmt.Sprintf("%s by %s, %s, event %s", e.Name, e.Actor.Name, utc(e.Time), e.ID)
	if more := len(d.Events) - 1; more > 0 {
		text += fmt.Sprintf(" (or %s)", count(more, "other event", "other events"))
	}
	return text
}
