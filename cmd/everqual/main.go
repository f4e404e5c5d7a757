// Command everqual keeps regulated systems on AWS in a qualified state,
// provably. This package is the only place for flags, environment and wiring;
// there is one file per command.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/spf13/cobra"
)

// release is the released version of the program.
const release = "0.1.0"

// version is the release, marked where the build says that its source was
// changed: such a build is no qualified tool.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.modified" && s.Value == "true" {
				return release + "+dirty"
			}
		}
	}
	return release
}

// Exit codes, documented in the help of the root command.
const (
	exitOK        = 0
	exitFailed    = 1 // the command could not do its work
	exitUsage     = 2 // it was called wrongly
	exitPartly    = 3 // done, but some input could not be read, a message failed for good, or nothing is signed
	exitDeviation = 4 // done with --check, and there are deviations
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	root := newRoot()
	if byLambda() {
		root.SetArgs([]string{"lambda"})
	}
	err := root.ExecuteContext(ctx)
	var code exitCode
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "everqual: stopped; what was taken in is kept, run again to go on")
		return 130
	}
	fmt.Fprintln(os.Stderr, "everqual:", plainLines(err.Error()))
	var usage usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// exitCode ends the program after everything has been said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// usageError marks a wrong call.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func newRoot() *cobra.Command {
	a := &app{}
	root := &cobra.Command{
		Use:   "everqual",
		Short: "Keep regulated (GxP) systems on AWS in a qualified state, provably",
		Long: `Everqual hears of changes in AWS accounts, observes the resources they touched,
keeps what it saw as tamper-evident records, compares it with approved build
specifications, and writes Installation Qualification (IQ) reports.

Exit codes:
  0  done
  1  the command could not do its work
  2  wrong usage
  3  done, but some input could not be read, a message failed for good, or what was recorded is not signed
  4  done with --check, and there are deviations or drift; with verify or doctor, findings`,
		Example: `  everqual demo --out demo-out
  everqual run --from cloudtrail-logs/ --home lims-home --specs specs/
  everqual report --home lims-home --system LIMS --out iq/`,
		Version:                    version(),
		SilenceUsage:               true,
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.checkGlobal()
		},
		PersistentPostRunE: func(*cobra.Command, []string) error { return a.ended() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w\nSee '%s --help'", err, cmd.CommandPath())
	})
	root.SetOut(os.Stdout)
	a.globalFlags(root.PersistentFlags())
	root.AddCommand(
		a.demoCommand(), a.runCommand(), a.sweepCommand(), a.collectCommand(), a.workerCommand(), a.lambdaCommand(),
		a.statusCommand(), a.historyCommand(), a.eventsCommand(), a.driftCommand(), a.baselineCommand(), a.reportCommand(), a.asOfCommand(), a.exportCommand(), a.importCommand(), a.keysCommand(), a.verifyCommand(), a.checkpointCommand(), a.completenessCommand(), a.retentionCommand(), a.backupCommand(), a.ledgerCommand(),
		a.doctorCommand(), a.migrateCommand(),
		a.deadLetterCommand(), a.specCommand(), a.ruleCommand(), a.scheduleCommand(), a.deployCommand(), a.iamPolicy(), a.ssmDocument(),
	)
	strict(root)
	return root
}

// strict makes wrong arguments and unknown sub-commands usage errors.
func strict(cmd *cobra.Command) {
	if cmd.Run == nil && cmd.RunE == nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			hint := "see '" + cmd.CommandPath() + " --help'"
			if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
				hint = fmt.Sprintf("did you mean %q?", nearest(args[0], similar))
			}
			return usagef("unknown command %q for %q: %s", args[0], cmd.CommandPath(), hint)
		}
		cmd.Args = cobra.ArbitraryArgs
	}
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usagef("%w: see '%s --help'", err, cmd.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		strict(sub)
	}
}

// nearest is the name that shares the longest beginning with what was typed.
func nearest(typed string, names []string) string {
	return slices.MaxFunc(names, func(a, b string) int { return cmp.Compare(common(typed, a), common(typed, b)) })
}

func common(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
