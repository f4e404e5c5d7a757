package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/report"
)

// systemStatus is the state of one system as last recorded.
type systemStatus struct {
	System    string           `json:"system"`
	Title     string           `json:"title"`
	Resources int              `json:"resources"` // members, deleted ones included
	Deleted   int              `json:"deleted"`
	Unread    int              `json:"unread"`   // nothing of them could be read
	Assessed  int              `json:"assessed"` // by at least one specification
	Verdicts  everqual.Counts  `json:"verdicts"`
	Open      []resourceStatus `json:"open"` // resources with FAIL or NOT EVALUATED
	// Changed are the resources that are known to have changed since they were seen.
	Changed []changedStatus `json:"changed"`
}

// settled tells whether nothing needs a person or a look.
func (s systemStatus) settled() bool { return len(s.Open)+len(s.Changed) == 0 }

type resourceStatus struct {
	Resource everqual.Resource  `json:"resource"`
	Name     string             `json:"name"`
	Version  int                `json:"version"`
	Verdicts []everqual.Verdict `json:"verdicts"`
}

type changedStatus struct {
	Resource everqual.Resource    `json:"resource"`
	Name     string               `json:"name"`
	Version  int                  `json:"version"`
	Events   []everqual.EventThen `json:"events"`
}

// statuses returns the state of one system, or of all when id is "".
func statuses(ctx context.Context, c *flow.Corridor, id string) ([]systemStatus, error) {
	systems := c.Library.Systems()
	if id != "" {
		s, err := system(c.Library, id)
		if err != nil {
			return nil, err
		}
		systems = []everqual.System{s}
	}
	all := []systemStatus{}
	for _, s := range systems {
		status, err := statusOf(ctx, c, s)
		if err != nil {
			return nil, err
		}
		all = append(all, status)
	}
	return all, nil
}

func statusOf(ctx context.Context, c *flow.Corridor, s everqual.System) (systemStatus, error) {
	status := systemStatus{System: s.ID, Title: s.Title, Open: []resourceStatus{}, Changed: []changedStatus{}}
	members, err := c.Members(ctx, s)
	if err != nil {
		return status, err
	}
	changed, err := c.Unseen(ctx, members)
	if err != nil {
		return status, err
	}
	in := report.Input{System: s, Specifications: inForce(c, s)}
	for _, m := range members {
		in.Inventory, in.Assessments = []report.Recorded{{Observation: m.Observation}}, m.Assessments
		is, results := report.Judge(in)
		status.Resources++
		switch is {
		case report.Deleted:
			status.Deleted++
		case report.Unread:
			status.Unread++
		case report.Assessed:
			status.Assessed++
		}
		if open := openVerdicts(results, &status.Verdicts); len(open) > 0 {
			status.Open = append(status.Open, resourceStatus{m.Resource, m.Name, m.Version, open})
		}
		if events := changed[m.Resource.ID]; len(events) > 0 {
			status.Changed = append(status.Changed, changedStatus{m.Resource, m.Name, m.Version, events})
		}
	}
	return status, nil
}

// inForce returns the specifications of a system that judge now.
func inForce(c *flow.Corridor, s everqual.System) []everqual.Specification {
	return slices.DeleteFunc(c.Library.InForce(c.Clock.Now()), func(spec everqual.Specification) bool { return spec.System != s.ID })
}

// openVerdicts counts a resource's verdicts and returns those that need a person.
func openVerdicts(results []report.Result, counts *everqual.Counts) (open []everqual.Verdict) {
	for _, r := range results {
		counts.Add(r.Outcome)
		if r.Outcome == everqual.Fail || r.Outcome == everqual.NotEvaluated {
			open = append(open, r.Verdict)
		}
	}
	return open
}

func printStatuses(w io.Writer, all []systemStatus) error {
	for _, s := range all {
		say(w, "\n%s %s: %d resources, %d assessed, %d unread, %d deleted\n",
			paint(bold, s.System), s.Title, s.Resources, s.Assessed, s.Unread, s.Deleted)
		printCounts(w, s.Verdicts)
		var rows [][]string
		for _, r := range s.Open {
			for _, v := range r.Verdicts {
				rows = append(rows, []string{
					string(v.Outcome), titled(r.Resource, r.Name), v.TestCase, clip(v.Title, 60),
					clip(v.Expected, 50), clip(actual(v), 60),
				})
			}
		}
		columns(w, []string{"VERDICT", "RESOURCE", "TEST", "TITLE", "EXPECTED", "ACTUAL"}, rows)
		if n := len(s.Changed); n > 0 {
			say(w, "  %s since observed, and not looked at: 'everqual run' does that where it is queued\n",
				paint(amber, count(n, "resource changed", "resources changed")))
			listChanged(w, s.Changed)
		}
	}
	return nil
}

func listChanged(w io.Writer, changed []changedStatus) {
	rows := make([][]string, len(changed))
	for i, r := range changed {
		last := r.Events[len(r.Events)-1]
		rows[i] = []string{titled(r.Resource, r.Name), fmt.Sprintf("v%d", r.Version), count(len(r.Events), "event", "events"), last.Name, utc(last.Time), last.ID}
	}
	columns(w, []string{"CHANGED", "OBSERVED", "BY", "LAST", "AT", "EVENT"}, rows)
}

// actual is the value, or why there is none.
func actual(v everqual.Verdict) string {
	if v.Outcome == everqual.NotEvaluated {
		return string(v.Reason) + ": " + v.Detail
	}
	return v.Actual
}

func printCounts(w io.Writer, n everqual.Counts) {
	say(w, "  %s %s   %s %s   %s %s   %s %s   of %s verdicts\n",
		number(n.Pass), paint(green, "PASS"), number(n.Fail), paint(red, "FAIL"),
		number(n.NotEvaluated), paint(amber, "NOT EVALUATED"), number(n.NotApplicable), paint(faint, "NOT APPLICABLE"), number(n.Total))
}

func (a *app) statusCommand() *cobra.Command {
	var id string
	var check bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what is known of each system now",
		Example: `  everqual status --home lims-home
  everqual status --check || echo "deviations are open"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			if err := a.tellUnused(cmd.Context(), c); err != nil {
				return err
			}
			if check {
				if err := intact(cmd.Context(), c); err != nil {
					return err
				}
			}
			all, err := statuses(cmd.Context(), c, id)
			if err != nil {
				return err
			}
			if a.json() {
				err = printJSON(cmd.OutOrStdout(), all)
			} else {
				err = printStatuses(cmd.OutOrStdout(), all)
			}
			for _, s := range all {
				if check && !s.settled() && err == nil {
					err = exitCode(exitDeviation)
				}
			}
			return err
		},
	}
	cmd.Flags().StringVar(&id, "system", "", "only this system")
	cmd.Flags().BoolVar(&check, "check", false, "also walk the ledger's chain, and exit with 4 when a verdict is FAIL or NOT EVALUATED, or a known change was not looked at")
	return cmd
}

// reader opens an existing home for a command that observes nothing. It records
// nothing by itself, not even the first use of a specification.
func (a *app) reader(ctx context.Context) (*flow.Corridor, error) {
	if err := a.existing(ctx); err != nil {
		return nil, err
	}
	c, err := a.corridor(ctx, parts{describer: blind(), settings: flow.DefaultSettings(), asks: true})
	if err != nil {
		return nil, err
	}
	m, left, err := c.Ledger.MovedTo(ctx)
	if err != nil {
		c.Close()
		return nil, err
	}
	if left.Sequence > 0 {
		a.logger().Warn("this home ends where its ledger moved: what came later is there", "to", m.To.Name, "at", utc(m.At))
	}
	return c, nil
}

// readSystem opens an existing home for a command that asks about one system.
func (a *app) readSystem(ctx context.Context, id string) (*flow.Corridor, everqual.System, error) {
	return a.openSystem(ctx, id, a.tellUnused)
}

// useSystem opens an existing home for a command whose record rests on the
// specifications as they are: it is a use of them.
func (a *app) useSystem(ctx context.Context, id string) (*flow.Corridor, everqual.System, error) {
	return a.openSystem(ctx, id, func(ctx context.Context, c *flow.Corridor) error { return c.Register(ctx) })
}

func (a *app) openSystem(ctx context.Context, id string, first func(context.Context, *flow.Corridor) error) (*flow.Corridor, everqual.System, error) {
	c, err := a.reader(ctx)
	if err != nil {
		return nil, everqual.System{}, err
	}
	s, err := system(c.Library, id)
	if err == nil {
		err = first(ctx, c)
	}
	if err != nil {
		c.Close()
		return nil, s, err
	}
	return c, s, nil
}

// tellUnused says which specifications the answer does not rest on.
func (a *app) tellUnused(ctx context.Context, c *flow.Corridor) error {
	said, err := c.Unused(ctx)
	for _, s := range said {
		a.logger().Warn(s)
	}
	return err
}

// blind observes nothing and needs no credentials.
func blind() *awsresource.Describer { return awsresource.OpenReplay(nil) }

// decider are the flags of a command that records a person's decision.
type decider struct{ by, reason string }

func (d *decider) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&d.by, "by", whoami(), "who decides")
	cmd.Flags().StringVar(&d.reason, "reason", "", "why (required; it is recorded)")
}

func (d *decider) check() error {
	if blank(d.reason) || blank(d.by) {
		return usagef("a recorded decision needs --reason \"...\" and --by NAME")
	}
	return nil
}

// blank tells whether somebody said nothing.
func blank(s string) bool { return strings.TrimSpace(s) == "" }

func count(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", one)
	}
	return fmt.Sprintf("%s %s", number(n), many)
}
