package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/flow"
)

// live are the flags of every command that observes an account.
type live struct {
	aws      awsresource.Options
	settings flow.Settings
	steps    string // how every step is logged: "json", "text", or "" for not
}

// flags keeps the number of workers where the command has set its own.
func (l *live) flags(f *pflag.FlagSet) {
	workers := l.settings.Workers
	l.settings = flow.DefaultSettings()
	l.settings.Workers = cmp.Or(workers, l.settings.Workers)
	f.StringVar(&l.steps, "log", "", "log every step to standard error, as json or text")
	f.StringVar(&l.aws.Profile, "profile", "", "AWS profile (default as the AWS command line chooses)")
	f.StringVar(&l.aws.Region, "region", "", "AWS region for calls that name none (default as the AWS command line chooses)")
	f.StringSliceVar(&l.aws.Attach, "attach", list("EVERQUAL_ATTACH"), "what other services found, to be observed too: "+strings.Join(awsresource.Attachments(), ", ")+" [$EVERQUAL_ATTACH]")
	f.DurationVar(&l.settings.Settle, "settle", l.settings.Settle, "wait this long after an event before observing")
	f.DurationVar(&l.settings.Debounce, "debounce", l.settings.Debounce, "least time between two observations of one resource")
	f.DurationVar(&l.settings.Reports, "report-after", l.settings.Reports, "wait this long after a change before issuing the report that it asks for")
	f.IntVar(&l.settings.Workers, "workers", l.settings.Workers, "resources observed at the same time")
	f.DurationVar(&l.settings.Visibility, "visibility", l.settings.Visibility, "longest work on one message, and so the wait for what a killed run held")
	f.IntVar(&l.settings.MaxAttempts, "max-attempts", l.settings.MaxAttempts, "tries before a message is a dead letter")
}

// memberFlags are those of commands that may ask other accounts.
func memberFlags(f *pflag.FlagSet, m *awsresource.MemberRole) {
	f.StringVar(&m.Name, "role", os.Getenv("EVERQUAL_ROLE"), "name of the role to take in other accounts [$EVERQUAL_ROLE]")
	f.StringVar(&m.ExternalID, "external-id", os.Getenv("EVERQUAL_EXTERNAL_ID"), "external id that the role asks for [$EVERQUAL_EXTERNAL_ID]")
	f.StringVar(&m.Session, "session", "everqual", "name of the session, as CloudTrail shows it")
}

// list is the value of an environment variable that holds a list.
func list(name string) []string {
	return strings.FieldsFunc(os.Getenv(name), func(c rune) bool { return c == ',' || c == ' ' })
}

func (l *live) check() error {
	if l.settings.Workers < 1 || l.settings.MaxAttempts < 1 || l.settings.Settle < 0 || l.settings.Debounce < 0 || l.settings.Reports < 0 {
		return usagef("--workers and --max-attempts are at least 1, --settle, --debounce and --report-after not negative")
	}
	if l.steps != "" && l.steps != "json" && l.steps != "text" {
		return usagef("--log is json or text, not %q", l.steps)
	}
	if l.settings.Visibility < time.Second {
		return usagef("--visibility is at least 1s")
	}
	return nil
}

// eyes opens the account, unless nothing is to be observed.
func (l *live) eyes(ctx context.Context, blinded bool) (*awsresource.Describer, error) {
	if blinded {
		return blind(), nil
	}
	d, err := awsresource.Open(ctx, l.aws)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (a *app) runCommand() *cobra.Command {
	var l live
	var from []string
	var noCollect bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Take change events in, observe the resources they touched, and judge them",
		Long: `Takes change events in from CloudTrail log files and EventBridge envelopes: files
(.json, .json.gz, JSON lines), folder trees in the S3 layout, S3 itself, or standard input ("-").
Accounts for every event (read-only ones change nothing: they are counted, not kept), observes the resources that mutating events touched,
records their state, judges it by the specifications in force, and notifies.

Without --from it only works on what is already queued. With --no-collect it
accounts for the events and leaves the observations queued for a later run.
The program may be killed and started again at any time: nothing is lost, and
nothing is recorded twice.`,
		Example: `  everqual run --from AWSLogs/111122223333/CloudTrail/ --specs specs/
  everqual run --from s3://trail-bucket/AWSLogs/111122223333/CloudTrail/eu-central-1/2026/03/
  everqual run --from events.jsonl --no-collect --output json
  everqual run                      # go on with what is queued`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := l.check(); err != nil {
				return err
			}
			end, err := a.watched(cmd.Context(), &l)
			if err != nil {
				return err
			}
			defer end()
			eyes, err := l.eyes(cmd.Context(), noCollect)
			if err != nil {
				return err
			}
			c, err := a.corridor(cmd.Context(), parts{describer: eyes, settings: l.settings, log: l.log(a.logger())})
			if err != nil {
				return err
			}
			defer c.Close()
			if noCollect {
				eyes = nil
			}
			return a.run(cmd.Context(), c, inputsOf{from, l.aws.Profile}, eyes)
		},
	}
	cmd.Flags().StringArrayVar(&from, "from", nil, `file, folder, s3://BUCKET/PREFIX, or "-" for standard input (may be given several times)`)
	cmd.Flags().BoolVar(&noCollect, "no-collect", false, "account for events without observing anything")
	l.flags(cmd.Flags())
	return cmd
}

// runResult is the JSON output of run.
type runResult struct {
	Events everqual.EventCounts `json:"events"`
	Inputs inputs               `json:"inputs"`
	// Work is absent with --no-collect.
	Work    *flow.WorkCounts `json:"work,omitempty"`
	Queued  int              `json:"queued"` // observations that wait
	Systems []systemStatus   `json:"systems"`
	// Observed are the resources that were asked for by name.
	Observed []everqual.Observation `json:"observed,omitempty"`
}

type inputs struct {
	Files        int                     `json:"files"`
	Skipped      []everqual.InputProblem `json:"skipped"`
	ProblemCount int                     `json:"problem_count"`
	Problems     []everqual.InputProblem `json:"problems"`
	AheadCount   int                     `json:"ahead_count,omitempty"`
	Ahead        []everqual.InputProblem `json:"ahead,omitempty"`
}

// inputsOf are where events come from, and with whose credentials S3 is read.
type inputsOf struct {
	paths   []string
	profile string
}

// run takes everything in and then works, where there are eyes to do so.
func (a *app) run(ctx context.Context, c *flow.Corridor, from inputsOf, eyes *awsresource.Describer, asked ...everqual.ResourceID) error {
	seldomCollect()
	bar := newProgress()
	defer bar.clear()
	r := runResult{Inputs: inputs{Skipped: []everqual.InputProblem{}, Problems: []everqual.InputProblem{}}}
	for _, path := range from.paths {
		if _, _, ok := inS3(path); ok {
			err := takeFromS3(ctx, c, from.profile, path, func(account everqual.IntakeAccount) {
				r.add(account)
				bar.show("%s events from %s", number(r.Events.Total), path)
			})
			if err != nil {
				return err
			}
			continue
		}
		account, err := c.TakeIn(ctx, path, os.Stdin, func(n everqual.EventCounts) {
			bar.show("%s events from %s", number(n.Total), path)
		})
		if err != nil {
			return err
		}
		r.add(account)
	}
	if err := c.Rejudge(ctx); err != nil {
		return err
	}
	if eyes != nil {
		if err := loggedIn(ctx, c, eyes); err != nil {
			return err
		}
		c.Progress = func(n flow.WorkCounts) {
			bar.show("observed and judged: %d messages, %d retried", n.Done, n.Retried)
		}
		n, err := c.Work(ctx)
		if err != nil {
			return err
		}
		r.Work = &n
	}
	bar.clear()
	if err := a.existing(ctx); err != nil { // an open file outlives its folder
		return fmt.Errorf("the home was removed while it was in use, nothing of this run is kept: %s", err) // it was not called wrongly
	}
	var err error
	if r.Queued, _, err = c.Queue.Pending(ctx); err != nil {
		return err
	}
	if r.Systems, err = statuses(ctx, c, ""); err != nil {
		return err
	}
	for _, id := range asked {
		o, err := c.Ledger.Latest(ctx, id)
		if err != nil {
			return err
		}
		r.Observed = append(r.Observed, o.Observation)
	}
	if err := a.printRun(os.Stdout, r); err != nil {
		return err
	}
	unread := slices.ContainsFunc(r.Observed, func(o everqual.Observation) bool { return len(o.Unread) > 0 })
	if unread || r.Inputs.ProblemCount > 0 || (r.Work != nil && r.Work.DeadLetters > 0) {
		return exitCode(exitPartly)
	}
	return nil
}

// seldomCollect lets garbage grow to four times what is in use: events and replies
// are many, small and soon forgotten.
func seldomCollect() { debug.SetGCPercent(400) }

// loggedIn asks AWS once who is calling, before the same failure is met for
// every resource.
func loggedIn(ctx context.Context, c *flow.Corridor, eyes *awsresource.Describer) error {
	n, _, err := c.Queue.Pending(ctx)
	if err != nil || n == 0 {
		return err
	}
	if _, err := eyes.Caller(ctx, "", ""); err != nil {
		return fmt.Errorf("ask AWS who is calling: %w\nNothing is lost, %s queued: log in (or name a --profile) and run again", err, count(n, "message stays", "messages stay"))
	}
	return nil
}

func (r *runResult) add(a everqual.IntakeAccount) {
	e := &r.Events
	e.Total += a.Events.Total
	e.Duplicate += a.Events.Duplicate
	e.ReadOnly += a.Events.ReadOnly
	e.Failed += a.Events.Failed
	e.Matched += a.Events.Matched
	e.Unmatched += a.Events.Unmatched
	e.Unparsable += a.Events.Unparsable
	r.Inputs.Files += a.Files
	r.Inputs.Skipped = append(r.Inputs.Skipped, a.Skipped...)
	r.Inputs.ProblemCount += a.ProblemCount
	r.Inputs.Problems = append(r.Inputs.Problems, a.Problems...)
	r.Inputs.AheadCount += a.AheadCount
	r.Inputs.Ahead = append(r.Inputs.Ahead, a.Ahead...)
}

func (a *app) printRun(w io.Writer, r runResult) error {
	if a.json() {
		return printJSON(w, r)
	}
	if r.Events.Total > 0 || r.Inputs.Files > 0 {
		say(w, "%s %s from %d files\n", paint(bold, "Events"), number(r.Events.Total), r.Inputs.Files)
		printEvents(w, r.Events)
	}
	for _, p := range r.Inputs.Problems {
		say(w, "%s %s: %s\n", paint(red, "not read"), place(p.Place), p.Message)
	}
	if more := r.Inputs.ProblemCount - len(r.Inputs.Problems); more > 0 {
		say(w, "... and %s more\n", number(more))
	}
	if ahead := r.Inputs.Ahead; len(ahead) > 0 {
		say(w, "%s %s in the future, the first %s: %s\n", paint(amber, "look at"), count(r.Inputs.AheadCount, "event", "events"), place(ahead[0].Place), ahead[0].Message)
	}
	if n := len(r.Inputs.Skipped); n > 0 {
		say(w, "%d files hold no change events and were skipped (--output json lists them)\n", n)
	}
	if r.Work != nil {
		say(w, "%s %s done, %d retried, %s\n", paint(bold, "Work"), count(r.Work.Done, "message", "messages"), r.Work.Retried, count(r.Work.DeadLetters, "dead letter", "dead letters"))
		if r.Work.DeadLetters > 0 {
			say(w, "  look at them with: everqual deadletter list --home %s\n", a.home)
		}
	}
	printObserved(w, r.Observed)
	if r.Queued > 0 {
		say(w, "%s %s observations wait; 'everqual run --home %s' makes them\n", paint(bold, "Queued"), number(r.Queued), a.home)
	}
	if r.Events.Unmatched > 0 {
		say(w, "%s\n", paint(faint, "Unmatched mutating events: everqual events --class unmatched --home "+a.home))
	}
	return printStatuses(w, r.Systems)
}

// printObserved says of each resource that was asked for what became of it.
func printObserved(w io.Writer, observed []everqual.Observation) {
	for _, o := range observed {
		say(w, "%s version %d, %s, %s attributes\n", paint(bold, titled(o.Resource, o.Name)), o.Version, o.State, number(len(o.Attributes)))
		for _, u := range o.Unread {
			say(w, "  %s %s: %s %s\n", paint(amber, "not read"), cmp.Or(u.Path, "(all)"), u.Reason, u.Message)
		}
	}
}

func printEvents(w io.Writer, n everqual.EventCounts) {
	for _, row := range []struct {
		name  string
		count int
		note  string
	}{
		{"duplicate", n.Duplicate, "already known"},
		{"read only", n.ReadOnly, "change nothing"},
		{"failed", n.Failed, "mutating calls that AWS refused"},
		{"matched", n.Matched, "a rule names the resources"},
		{"unmatched", n.Unmatched, "mutating, but touch nothing that a rule describes"},
		{"unparsable", n.Unparsable, "could not be read"},
	} {
		say(w, "  %-11s%8s  %s\n", row.name, number(row.count), paint(faint, row.note))
	}
}

func place(p everqual.Place) string {
	s := p.Input
	if p.Line > 0 {
		s += fmt.Sprintf(":%d (byte %d)", p.Line, p.Offset)
	}
	return s
}
