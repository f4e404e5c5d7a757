package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/cmd/everqual/estate"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/report"
	"github.com/everqual/everqual/specs"
)

func (a *app) demoCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch changes of a sample estate become records, verdicts and an IQ report",
		Long: `Works through a sample estate, a small LIMS on AWS, without an AWS account: recorded
API traffic is replayed through the ordinary collectors, everything else is the
program as it always works. Writes into --out:
  events/           the CloudTrail events of each step
  iq-report.*       the IQ report as PDF and JSON, test-results.csv
  evidence/         the raw API exchanges behind it
  specifications/   what it was judged by
  notices.json      what would have been told to people, a line each
  home/             the home, to try every other command on`,
		Example: `  everqual demo --out demo-out
  everqual drift --home demo-out/home`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef("name a folder to write to with --out")
			}
			return a.demo(cmd.Context(), cmd.OutOrStdout(), out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder to write to (required)")
	return cmd
}

// demoResult is the JSON output of demo.
type demoResult struct {
	Steps   []demoStep     `json:"steps"`
	Systems []systemStatus `json:"systems"`
	Drift   driftResult    `json:"drift"`
	Report  report.Report  `json:"report"`
}

type demoStep struct {
	Name   string               `json:"name"`
	Title  string               `json:"title"`
	Events everqual.EventCounts `json:"events"`
	Work   flow.WorkCounts      `json:"work"`
	Opened []resourceStatus     `json:"opened"` // verdicts that were not open before
}

func (a *app) demo(ctx context.Context, w io.Writer, out string) error {
	a.home, a.specs, a.rules = filepath.Join(out, "home"), "", "" // its own, whatever the environment says
	if _, err := os.Stat(a.home); err == nil {
		return fmt.Errorf("%s is there already: look at it with 'everqual status --home %s', or choose another --out", a.home, a.home)
	}
	phases, err := estate.Phases()
	if err != nil {
		return err
	}
	if err := copyTree(filepath.Join(a.home, "specs"), specs.Files); err != nil {
		return err
	}
	notices, err := os.OpenFile(filepath.Join(out, "notices.json"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write notices: %w", err)
	}
	defer notices.Close()
	clock := &demoClock{now: phases[0].End}
	settings := flow.DefaultSettings()
	settings.Workers, settings.Jitter = 1, func() float64 { return 0 }
	c, err := a.corridor(ctx, parts{
		describer: blind(), clock: clock, settings: settings,
		random: rand.NewChaCha8([32]byte{}), // the same key every time: what it signs is a demonstration
		notify: embedded.NewLog(slog.New(slog.NewJSONHandler(notices, &slog.HandlerOptions{ReplaceAttr: withoutTime}))),
	})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Rejudge(ctx); err != nil {
		return err
	}
	d := demonstration{app: a, corridor: c, clock: clock, out: out, w: w, open: map[string]bool{}}
	for i, p := range phases {
		if err := d.step(ctx, i, p); err != nil {
			return fmt.Errorf("step %s: %w", p.Name, err)
		}
	}
	return d.finish(ctx)
}

type demonstration struct {
	app      *app
	corridor *flow.Corridor
	clock    *demoClock
	out      string
	w        io.Writer
	result   demoResult
	open     map[string]bool // verdicts that are open, by resource and test case
}

// step takes in what CloudTrail delivered and works until the queue is empty,
// while AWS looks as it did then.
func (d *demonstration) step(ctx context.Context, i int, p estate.Phase) error {
	file := filepath.Join(d.out, "events", fmt.Sprintf("%d-%s.json", i+1, p.Name))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(file, p.Events, 0o600); err != nil {
		return err
	}
	d.clock.now = p.End
	d.corridor.Collector = collect.New(awsresource.OpenReplay(p.Exchanges), d.clock.Now)
	account, err := d.corridor.TakeIn(ctx, file, nil, func(everqual.EventCounts) {})
	if err != nil {
		return err
	}
	if account.ProblemCount > 0 {
		return fmt.Errorf("%s: %s", place(account.Problems[0].Place), account.Problems[0].Message)
	}
	s := demoStep{Name: p.Name, Title: p.Title, Events: account.Events}
	if s.Work, err = d.corridor.Work(ctx); err != nil {
		return err
	}
	if s.Opened, err = d.opened(ctx); err != nil {
		return err
	}
	d.result.Steps = append(d.result.Steps, s)
	d.print(i, s)
	if i == 0 { // the deployment is accepted: drift is measured from here
		return d.accept(ctx)
	}
	return nil
}

func (d *demonstration) accept(ctx context.Context) error {
	s, err := system(d.corridor.Library, "")
	if err != nil {
		return err
	}
	b, err := d.corridor.SetBaseline(ctx, s, "demo", "the deployment was accepted")
	if err == nil && !d.app.json() {
		say(d.w, "  baseline set: %s\n", count(len(b.Members), "resource", "resources"))
	}
	return err
}

// opened returns the verdicts that this step opened.
func (d *demonstration) opened(ctx context.Context) ([]resourceStatus, error) {
	all, err := statuses(ctx, d.corridor, "")
	if err != nil {
		return nil, err
	}
	now, opened := map[string]bool{}, []resourceStatus{}
	for _, s := range all {
		for _, r := range s.Open {
			var fresh []everqual.Verdict
			for _, v := range r.Verdicts {
				key := string(r.Resource.ID) + v.TestCase + string(v.Outcome)
				if now[key] = true; !d.open[key] {
					fresh = append(fresh, v)
				}
			}
			if r.Verdicts = fresh; len(fresh) > 0 {
				opened = append(opened, r)
			}
		}
	}
	d.open = now
	return opened, nil
}

func (d *demonstration) print(i int, s demoStep) {
	if d.app.json() {
		return
	}
	say(d.w, "%s %s\n", paint(bold, fmt.Sprintf("%d. %s", i+1, s.Title)),
		paint(faint, fmt.Sprintf("(%s, %d matched; %s done)", count(s.Events.Total, "event", "events"), s.Events.Matched,
			count(s.Work.Done, "message", "messages"))))
	for _, r := range s.Opened {
		for _, v := range r.Verdicts {
			say(d.w, "  %s %s %s: %s\n", paint(colourOf(v.Outcome), string(v.Outcome)), titled(r.Resource, r.Name), v.TestCase, v.Title)
			if v.Outcome == everqual.Fail {
				say(d.w, "       expected %s, actual %s\n", clip(v.Expected, 70), clip(v.Actual, 70))
			} else {
				say(d.w, "       %s\n", clip(actual(v), 140))
			}
		}
	}
}

func (d *demonstration) finish(ctx context.Context) error {
	s, err := system(d.corridor.Library, "")
	if err != nil {
		return err
	}
	if d.result.Systems, err = statuses(ctx, d.corridor, ""); err != nil {
		return err
	}
	if d.result.Drift, err = driftOf(ctx, d.corridor, s); err != nil {
		return err
	}
	doc := document{number: "IQ-LIMS-001", version: "1.0", organisation: "Example Life Sciences", by: "demo", reason: "Demonstration"}
	if d.result.Report, err = writeReport(ctx, d.corridor, s, doc, d.out); err != nil {
		return err
	}
	if d.app.json() {
		return printJSON(d.w, d.result)
	}
	say(d.w, "\n")
	printDrift(d.w, d.result.Drift)
	say(d.w, "\n")
	printReport(d.w, d.result.Report, d.out)
	say(d.w, `
Look at %s/iq-report.pdf, then try:
  %[4]s status  --home %[2]s
  %[4]s drift   --home %[2]s
  %[4]s history --home %[2]s %[3]s
`, d.out, d.app.home, d.firstFailed(), self())
	return nil
}

// self is how the program was called, so that hints can be copied.
func self() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./cmd/everqual"
	}
	return "everqual"
}

// firstFailed names a resource whose history is worth a look.
func (d *demonstration) firstFailed() string {
	for _, row := range d.result.Drift.Drift {
		return string(row.Resource.ID)
	}
	return d.result.Systems[0].System
}

// withoutTime leaves the time of the log line out: the notice has its own.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// copyTree writes an embedded folder to disk.
func copyTree(to string, from fs.FS) error {
	return fs.WalkDir(from, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.FromSlash(name))
		if e.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		b, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, b, 0o600)
	})
}

// demoClock stands at the time of the sample events and moves only when
// somebody sleeps, so that the demo takes no time and always gives the same.
type demoClock struct{ now time.Time }

func (c *demoClock) Now() time.Time { return c.now }

func (c *demoClock) Sleep(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	return ctx.Err()
}
