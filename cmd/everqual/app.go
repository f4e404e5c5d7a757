package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/specification"
	"github.com/everqual/everqual/telemetry"
)

// app holds the flags that all commands share and wires the corridor.
type app struct {
	home, specs, rules string
	output             string
	verbose            bool
	deployed           *awshome.Config // of a home on AWS, once it was read
	telemetry          *telemetry.Telemetry
	unclosed           atomic.Bool // a home could not be closed well
}

func (a *app) globalFlags(f *pflag.FlagSet) {
	f.StringVar(&a.home, "home", env("EVERQUAL_HOME", "everqual-home"), "folder of the embedded home, or aws://NAME [$EVERQUAL_HOME]")
	f.StringVar(&a.specs, "specs", os.Getenv("EVERQUAL_SPECS"), "folder of specifications (default HOME/specs) [$EVERQUAL_SPECS]")
	f.StringVar(&a.rules, "rules", os.Getenv("EVERQUAL_RULES"), "folder of rule files (default HOME/rules, else the shipped rules) [$EVERQUAL_RULES]")
	f.StringVarP(&a.output, "output", "o", "text", "output format: text or json")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "log every step to standard error")
}

func env(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

func (a *app) checkGlobal() error {
	if a.output != "text" && a.output != "json" {
		return usagef("--output is text or json, not %q", a.output)
	}
	if _, onAWS := a.onAWS(); !onAWS && strings.HasPrefix(strings.ToLower(a.home), "aws:") {
		return usagef("a home on AWS is aws://NAME, not %q", a.home)
	}
	if strings.HasSuffix(filepath.Clean(a.home), importing) {
		return usagef("%s is what an import makes, or left half when it was cut off: import again", a.home)
	}
	return nil
}

func (a *app) json() bool { return a.output == "json" }

func (a *app) logger() *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// parts are what the wiring needs from a command.
type parts struct {
	describer collect.Describer
	clock     flow.Clock
	settings  flow.Settings
	notify    flow.Notifier // nil: as HOME/notify.json says, or the topic on AWS
	log       *slog.Logger
	random    io.Reader // nil: the machine's
	asks      bool      // the command only asks: it records no use of the specifications
}

// corridor opens the home and wires everything that works in it. Close the
// corridor's home when done.
func (a *app) corridor(ctx context.Context, p parts) (*flow.Corridor, error) {
	library, err := a.library(ctx)
	if err != nil {
		return nil, err
	}
	set, err := a.ruleSet(ctx)
	if err != nil {
		return nil, err
	}
	if p.log == nil {
		p.log = a.logger()
	}
	if _, onAWS := a.onAWS(); p.notify == nil && !onAWS {
		if p.notify, err = notifiers(a.home); err != nil {
			return nil, err
		}
	}
	if p.clock == nil {
		p.clock = wallClock{}
	}
	home, err := a.openHome(ctx, embedded.Options{Clock: p.clock, Notify: p.notify, Random: p.random})
	if err != nil {
		return nil, err
	}
	c := &flow.Corridor{
		Home: home, Rules: set, Library: library, Settings: p.settings, Log: p.log,
		Collector: collect.New(p.describer, p.clock.Now), Report: reportOnChange, Watch: a.telemetry.Watch(),
	}
	if p.asks {
		return c, nil
	}
	if err := c.Register(ctx); err != nil {
		home.Close()
		return nil, err
	}
	return c, nil
}

// system finds the system that a command is about; with one system in the
// library nobody needs to name it.
func system(l *specification.Library, id string) (everqual.System, error) {
	systems := l.Systems()
	var ids []string
	for _, s := range systems {
		if s.ID == id || (id == "" && len(systems) == 1) {
			return s, nil
		}
		ids = append(ids, s.ID)
	}
	switch {
	case len(systems) == 0:
		return everqual.System{}, usagef("no system is defined: put a system.json and its specifications into HOME/specs, or name their folder with --specs")
	case id == "":
		return everqual.System{}, usagef("name the system with --system: %s", strings.Join(ids, ", "))
	}
	return everqual.System{}, usagef("no system %q; there is %s", id, strings.Join(ids, ", "))
}

func systemFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "system", "", "id of the system (not needed where there is only one)")
}

// whoami is the operating system's user, the default of --by.
func whoami() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

// wallClock is the time outside, as records keep it.
type wallClock struct{ flow.MachineClock }

func (wallClock) Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
