package main

import (
	"context"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/flow"
)

// working are the flags of worker.
type working struct {
	live
	health    string
	check     bool
	grace     time.Duration
	schedules []string
}

func (a *app) workerCommand() *cobra.Command {
	var w working
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Work on what is queued until told to stop",
		Long: `Observes and judges what is queued, waits for more, and ends when it is told to
(SIGTERM, SIGINT): it takes nothing more, finishes what it holds within --grace, and gives
back what it could not finish. It may be killed at any time, and several may run at once.

--schedule has it judge all again when other specifications are in force (rejudge), and
sign the ledger (seal), at the times of a schedule expression in UTC; see 'everqual
schedule next'. With --health it answers GET /healthz; --check asks a running one and
exits with 1 when it is not well.`,
		Example: `  everqual worker --home lims-home --specs specs/ --schedule 'rejudge=rate(5 minutes)' --schedule 'seal=rate(1 hour)'
  everqual worker --health 127.0.0.1:8080
  everqual worker --health 127.0.0.1:8080 --check`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.worker(cmd.Context(), &w) },
	}
	f := cmd.Flags()
	w.flags(f)
	memberFlags(f, &w.aws.Member)
	f.StringVar(&w.health, "health", os.Getenv("EVERQUAL_HEALTH"), "loopback address that answers GET /healthz, as 127.0.0.1:8080 [$EVERQUAL_HEALTH]")
	f.BoolVar(&w.check, "check", false, "ask the worker at --health whether it is well")
	f.DurationVar(&w.grace, "grace", 25*time.Second, "how long to finish what is held when told to stop; less than whoever stops it waits")
	f.StringArrayVar(&w.schedules, "schedule", nil, "rejudge=EXPRESSION or seal=EXPRESSION (may be given several times)")
	return cmd
}

func (a *app) worker(until context.Context, w *working) error {
	if err := w.live.check(); err != nil {
		return err
	}
	if host, _, err := net.SplitHostPort(w.health); w.health != "" && (err != nil || !net.ParseIP(host).IsLoopback()) {
		return usagef("--health is a loopback address such as 127.0.0.1:8080, not %q", w.health)
	}
	if w.check {
		return askHealth(until, w.health)
	}
	jobs, err := parseJobs(w.schedules, wallClock{}.Now())
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(context.WithoutCancel(until))
	defer end()
	context.AfterFunc(until, func() { time.AfterFunc(w.grace, end) })
	close, err := a.watched(ctx, &w.live)
	if err != nil {
		return err
	}
	defer close()
	eyes, err := w.eyes(ctx, false)
	if err != nil {
		return err
	}
	c, err := a.corridor(ctx, parts{describer: eyes, settings: w.settings, log: w.log(stepsTo("json"))})
	if err != nil {
		return err
	}
	defer c.Close()
	k := &worker{Corridor: c, jobs: jobs, reload: a.reload, seen: time.Now()}
	if w.health != "" {
		closeHealth, err := k.serveHealth(w.health)
		if err != nil {
			return err
		}
		defer closeHealth()
	}
	return k.run(ctx, until)
}

// reload has the specifications as they are now judge what is there.
func (a *app) reload(ctx context.Context, c *flow.Corridor) error {
	library, err := a.library(ctx)
	if err != nil {
		return err
	}
	old := c.Library
	c.Library = library
	if err := c.Register(ctx); err != nil {
		c.Library = old
		return err
	}
	return c.Rejudge(ctx)
}
