package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/function"
)

// runtimeAPI is where Lambda says that its runtime API is.
const runtimeAPI = "AWS_LAMBDA_RUNTIME_API"

// byLambda tells whether Lambda started the program: it runs a file of this name
// without arguments.
func byLambda() bool {
	return os.Getenv(runtimeAPI) != "" && len(os.Args) == 1 && filepath.Base(os.Args[0]) == "bootstrap"
}

func (a *app) lambdaCommand() *cobra.Command {
	var l live
	var name string
	cmd := &cobra.Command{
		Use:   "lambda",
		Short: "Serve one function of AWS Lambda",
		Long: `Serves one function of AWS Lambda until Lambda ends it. The program does so by itself
when Lambda starts it under the name bootstrap; as it is given no arguments then, each flag
is also read from the environment: --settle from $EVERQUAL_SETTLE, and so on.
docs/functions.md describes the functions: intake, work, judge, specification, schedule, task.`,
		Example: `  EVERQUAL_FUNCTION=work EVERQUAL_HOME=aws://prod everqual lambda`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api := os.Getenv(runtimeAPI)
			if api == "" {
				return usagef("$%s is not set: this command is for AWS Lambda, elsewhere use 'everqual worker'", runtimeAPI)
			}
			if err := errors.Join(fromEnvironment(cmd.LocalFlags()), l.check()); err != nil {
				return errors.Join(err, function.NewRuntime(api).Fail(cmd.Context(), everqual.Permanent(err)))
			}
			runtime := function.NewRuntime(api)
			end, err := a.watched(cmd.Context(), &l)
			if err != nil {
				return errors.Join(err, runtime.Fail(cmd.Context(), everqual.Permanent(err)))
			}
			defer end()
			host := a.host(name, &l)
			if err := host.Check(); err != nil {
				return errors.Join(err, runtime.Fail(cmd.Context(), everqual.Permanent(err)))
			}
			err = runtime.Serve(cmd.Context(), a.flushed(host.Invoke))
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			return errors.Join(err, host.Close())
		},
	}
	cmd.Flags().StringVar(&name, "function", "", "the function to serve")
	l.flags(cmd.Flags())
	memberFlags(cmd.Flags(), &l.aws.Member)
	return cmd
}

// fromEnvironment sets the flags that were not given from variables of their names.
// Those whose usage names a variable have read it already.
func fromEnvironment(flags *pflag.FlagSet) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		name := "EVERQUAL_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if v := os.Getenv(name); v != "" && !f.Changed && !strings.Contains(f.Usage, "[$") {
			if e := f.Value.Set(v); e != nil {
				err = errors.Join(err, usagef("$%s: %w", name, e))
			}
		}
	})
	return err
}

// host is a function in this home. Only those that look at resources have eyes.
func (a *app) host(name string, l *live) *function.Host {
	log := l.log(stepsTo("json"))
	eyes := blind()
	return &function.Host{
		Name: name, Home: strings.TrimPrefix(a.home, "aws://"), Log: log, Metrics: os.Stdout, Now: time.Now,
		Open: func(ctx context.Context) (c *flow.Corridor, err error) {
			if name == "work" || name == "schedule" || name == "task" {
				if eyes, err = l.eyes(ctx, false); err != nil {
					return nil, err
				}
			}
			c, err = a.corridor(ctx, parts{describer: eyes, settings: l.settings, log: log})
			if _, onAWS := a.onAWS(); err == nil && onAWS {
				c.Close = func() error { return nil } // the function schedule seals: each end of a function would be a checkpoint
			}
			return c, err
		},
		Library: a.library,
		Report:  archiveReport,
		Sweep: func(ctx context.Context, c *flow.Corridor, r function.SweepRequest) (everqual.SweepAccount, error) {
			return l.sweepScope(ctx, c, eyes, r)
		},
	}
}

// archiveReport issues a report and archives its files.
func archiveReport(ctx context.Context, c *flow.Corridor, r function.ReportRequest) (function.ReportIssued, error) {
	s, err := system(c.Library, r.System)
	if err != nil {
		return function.ReportIssued{}, everqual.Permanent(err)
	}
	made, err := issueReport(ctx, c, s, document{
		number: r.Number, version: cmp.Or(r.Version, "1.0"), organisation: r.Organisation, at: r.At,
		by: r.By, reason: cmp.Or(r.Reason, "Qualification of the installed configuration"),
	})
	if err != nil {
		return function.ReportIssued{}, err
	}
	issued := function.ReportIssued{
		System: s.ID, Number: made.Document.Number, Version: made.Document.Version, Digest: made.Digest,
		Files: map[string]everqual.Digest{}, Status: string(made.Conclusion.Status), Reasons: made.Conclusion.Reasons, Verdicts: made.Counts,
	}
	for _, f := range reportFormats() {
		var file bytes.Buffer
		if err := f.write(&file, made); err != nil {
			return issued, everqual.Permanent(err)
		}
		d := everqual.DigestOf(file.Bytes())
		if err := c.Archive.Put(ctx, d, file.Bytes()); err != nil {
			return issued, err
		}
		issued.Files[f.name] = d
	}
	return issued, nil
}

// sweepScope is a sweep that a schedule asks for. What it cannot end in time the
// next one with the same scope takes up.
func (l *live) sweepScope(ctx context.Context, c *flow.Corridor, eyes *awsresource.Describer, r function.SweepRequest) (everqual.SweepAccount, error) {
	s := &sweeping{live: *l, organisation: r.Organisation, scope: awsresource.Scope{
		Tags: r.Tags, Stacks: r.Stacks, Types: r.Types, Regions: r.Regions, Accounts: r.Accounts,
	}}
	if err := s.complete(ctx, eyes); err != nil {
		return everqual.SweepAccount{}, err
	}
	return c.Sweep(ctx, s.name(), s.find(ctx, eyes, c.Rules, nil))
}
