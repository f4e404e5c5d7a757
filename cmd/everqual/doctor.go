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
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/home/embedded"
)

// examination are the flags of doctor.
type examination struct {
	aws                            awsresource.Options
	accounts, regions              []string
	organisation, offline, notices bool
}

func (a *app) doctorCommand() *cobra.Command {
	var e examination
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check a deployment of Everqual, and say what to fix",
		Long: `Checks that the home works as it should, and says of each check what was seen and what to do:
of a folder its files, key and disk, of a home on AWS every part of the deployment; of both the
ledger's signatures, dead letters, what waits, specifications, rules and the clock. With --accounts
or --organisation also that each account's changes arrive: the collector role, CloudTrail, and the
rules that forward.

It only reads: it appends nothing and repairs nothing. What it may not look at is NOT CHECKED, with
the permission that is missing, and never OK. Whether the records are those that were signed is
for 'everqual verify'.

Exit codes: 0 all is well, or only warnings; 4 something FAILs; 3 something could not be checked; 1
nothing could.`,
		Example: `  everqual doctor --home lims-home
  everqual doctor --home aws://production --output json
  everqual doctor --home aws://production --organisation --role production-collector --regions eu-central-1,eu-west-1`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.checkExamination(e); err != nil {
				return err
			}
			return a.printChecks(cmd.OutOrStdout(), a.examine(cmd.Context(), e))
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&e.accounts, "accounts", nil, "accounts whose changes should arrive, separated by commas")
	f.BoolVar(&e.organisation, "organisation", false, "all active accounts of the organisation")
	f.StringSliceVar(&e.regions, "regions", nil, `regions of these accounts, separated by commas, or "all" that are enabled (default the configured one)`)
	memberFlags(f, &e.aws.Member)
	f.BoolVar(&e.offline, "offline", false, "ask AWS nothing: for a folder that only takes log files in")
	f.BoolVar(&e.notices, "notify", false, "send a test notice to everybody in notify.json, or to the topic")
	return cmd
}

func (a *app) checkExamination(e examination) error {
	_, onAWS := a.onAWS()
	switch {
	case e.offline && (onAWS || e.organisation || len(e.accounts) > 0):
		return usagef("--offline is for a folder alone: a home on AWS and other accounts have to be asked")
	case (e.organisation || len(e.accounts) > 0) && e.aws.Member.Name == "":
		return usagef("name the role to take in other accounts with --role")
	}
	return nil
}

// examine makes all checks, those first on which others rest.
func (a *app) examine(ctx context.Context, e examination) []everqual.Check {
	checks := []everqual.Check{programCheck()}
	if !e.offline {
		checks = append(checks, awshome.Credentials(ctx)...)
	}
	if name, onAWS := a.onAWS(); onAWS {
		checks = append(checks, a.examineDeployment(ctx, name, e)...)
	} else {
		checks = append(checks, a.examineFolder(ctx, e)...)
	}
	return append(checks, a.examineMembers(ctx, e)...)
}

// programCheck checks what checks.
func programCheck() everqual.Check {
	v := version()
	return everqual.OK("program", "everqual %s", v).
		Else(!strings.HasSuffix(v, "+dirty"), everqual.CheckWarn, "its source was changed after the commit: use a released build")
}

// examineFolder checks the files, and then what is in them.
func (a *app) examineFolder(ctx context.Context, e examination) []everqual.Check {
	opt, err := a.embeddedOptions(embedded.Options{})
	if err != nil {
		return []everqual.Check{{Name: "key", Result: everqual.CheckFail, Seen: err.Error(), Do: "mend the setting"}}
	}
	home, unread := embedded.Look(ctx, a.home, opt)
	if unread == nil {
		defer home.Close()
	}
	checks := embedded.Inspect(ctx, a.home, opt, home.Ledger)
	if checks[0].Name == "home" {
		return checks // there is none
	}
	if k, err := a.kmsKey(); err == nil && k.KeyID != "" && !e.offline {
		checks = append(checks, awshome.InspectKey(ctx, k.KeyID, k.Region))
	}
	if unread != nil {
		checks = append(checks, everqual.Check{Name: "home", Result: everqual.CheckFail, Seen: unread.Error(), Do: "see 'everqual status'; nothing in the ledger could be checked"})
	} else {
		checks = append(checks, everqual.OK("home", "%s, of the stored format of this program", a.home))
		checks = append(checks, examineHome(ctx, home)...)
	}
	checks = append(checks, a.examineFiles(ctx)...)
	return append(checks, a.examineNotices(ctx, e.notices))
}

func (a *app) printChecks(w io.Writer, checks []everqual.Check) error {
	if a.json() {
		if err := printJSON(w, checks); err != nil {
			return err
		}
	} else {
		sayChecks(w, checks)
	}
	has := func(r everqual.CheckResult) bool {
		return slices.ContainsFunc(checks, func(c everqual.Check) bool { return c.Result == r })
	}
	switch {
	case has(everqual.CheckFail):
		return exitCode(exitDeviation)
	case has(everqual.NotChecked):
		return exitCode(exitPartly)
	}
	return nil
}

func sayChecks(w io.Writer, checks []everqual.Check) {
	n := map[everqual.CheckResult]int{}
	var rows [][]string
	for _, c := range checks {
		rows = append(rows, []string{c.Name, string(c.Result), oneLine(c.Seen), oneLine(c.Do)})
		n[c.Result]++
	}
	columns(w, []string{"CHECK", "RESULT", "SEEN", "DO"}, rows)
	var parts []string
	for _, r := range []everqual.CheckResult{everqual.CheckOK, everqual.CheckWarn, everqual.CheckFail, everqual.NotChecked} {
		if n[r] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[r], r))
		}
	}
	say(w, "\n%s: %s\n", count(len(checks), "check", "checks"), strings.Join(parts, ", "))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
