package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// driftResult is the JSON output of drift.
type driftResult struct {
	System   string     `json:"system"`
	Baseline time.Time  `json:"baseline"`
	By       string     `json:"by"`
	Reason   string     `json:"reason"`
	Drift    []driftRow `json:"drift"`
}

type driftRow struct {
	flow.Drift
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
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			s, err := system(c.Library, id)
			if err != nil {
				return err
			}
			r, err := driftOf(cmd.Context(), c, s)
			if err != nil {
				return err
			}
			if a.json() {
				err = printJSON(cmd.OutOrStdout(), r)
			} else {
				printDrift(cmd.OutOrStdout(), r)
			}
			if err == nil && check && len(r.Drift) > 0 {
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
	rows, err := c.Drift(ctx, s, b)
	r := driftResult{System: s.ID, Baseline: b.At, By: b.By, Reason: b.Reason, Drift: []driftRow{}}
	for _, d := range rows {
		row := driftRow{Drift: d, Events: []eventRef{}}
		for _, e := range d.Events {
			row.Events = append(row.Events, eventRef{e.ID, e.Name, e.Time, e.Actor})
		}
		r.Drift = append(r.Drift, row)
	}
	return r, err
}

func printDrift(w io.Writer, r driftResult) {
	say(w, "%s since the baseline of %s (%s: %s)\n", bold.Render("Drift of "+r.System), utc(r.Baseline), r.By, r.Reason)
	if len(r.Drift) == 0 {
		say(w, "  %s\n", green.Render("none: every resource is as it was"))
		return
	}
	rows := make([][]string, len(r.Drift))
	for i, d := range r.Drift {
		who, when, what := "unknown: no event was heard", utc(d.SeenAt), ""
		if len(d.Events) > 0 {
			e := d.Events[0]
			who, when, what = e.Actor.Name, utc(e.Time), e.Name+" "+e.ID
			if more := len(d.Events) - 1; more > 0 {
				what += fmt.Sprintf(" (or %d other)", more)
			}
		}
		rows[i] = []string{d.Name, d.Path, clip(value(d.Before), 40), clip(value(d.After), 40), who, when, what}
	}
	columns(w, []string{"RESOURCE", "ATTRIBUTE", "BASELINE", "NOW", "BY", "AT", "EVENT"}, rows)
}

// value writes a JSON value compactly, nothing for an absent one.
func value(v any) string {
	if v == nil {
		return "null"
	}
	if s, ok := v.(string); ok {
		return s
	}
	b, _ := json.Marshal(v)
	return string(b)
}
