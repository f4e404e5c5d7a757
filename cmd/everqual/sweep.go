package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/collect/tfstate"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/rule"
)

// sweepers is how many workers a sweep has. It knows all of its work beforehand; most
// of it waits for AWS or for the disk, and what waits together for the disk is written
// at once. How fast AWS is asked is for others to say.
const sweepers = 32

// sweeping are the flags of sweep.
type sweeping struct {
	live
	scope        awsresource.Scope
	states       []string
	organisation bool
	check        bool
	every        bool // all types that can be listed
}

func (a *app) sweepCommand() *cobra.Command {
	var s sweeping
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "Observe and judge every resource in a scope, and account for each",
		Long: `Lists the resources in scope, observes and judges each, and says at the end what
became of every one, by account, region and type: collected, gone meanwhile, denied,
failed, or of a type without a collector.

The scope is every resource of the types that can be listed (--types for some), or
what bears all of the --tag, belongs to a --stack, or is managed by a Terraform
--state file. A sweep that was broken off goes on where it stopped, when it is
started again with the same scope within a day.

Other accounts are asked through the role --role, which has to exist in each.`,
		Example: `  everqual sweep --regions eu-central-1,eu-west-1
  everqual sweep --tag System=LIMS --regions all
  everqual sweep --stack lims-prod --state terraform.tfstate
  everqual sweep --organisation --role everqual-collector --external-id lims-7 --regions all`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.sweep(cmd, &s) },
	}
	f := cmd.Flags()
	s.settings.Workers = sweepers
	s.flags(f)
	f.StringToStringVar(&s.scope.Tags, "tag", nil, `tag that every resource bears, as Key=Value, or "Key=" for any value (may be given several times)`)
	f.StringArrayVar(&s.scope.Stacks, "stack", nil, "CloudFormation stack (may be given several times)")
	f.StringArrayVar(&s.states, "state", nil, `Terraform state file, or "-" for what 'terraform state pull' prints (may be given several times)`)
	f.StringSliceVar(&s.scope.Types, "types", nil, "resource types, separated by commas (default all that can be listed)")
	f.StringSliceVar(&s.scope.Regions, "regions", nil, `regions, separated by commas, or "all" that are enabled (default the configured one)`)
	f.StringSliceVar(&s.scope.Accounts, "accounts", nil, "accounts, separated by commas (default one's own)")
	f.BoolVar(&s.organisation, "organisation", false, "all active accounts of the organisation")
	memberFlags(f, &s.aws.Member)
	f.BoolVar(&s.check, "check", false, "exit with 4 when anything deviates")
	return cmd
}

func (a *app) sweep(cmd *cobra.Command, s *sweeping) error {
	seldomCollect()
	ctx := cmd.Context()
	if err := s.live.check(); err != nil {
		return err
	}
	if (s.organisation || len(s.scope.Accounts) > 0) && s.aws.Member.Name == "" {
		return usagef("name the role to take in other accounts with --role")
	}
	end, err := a.watched(ctx, &s.live)
	if err != nil {
		return err
	}
	defer end()
	s.aws.Share = 5 * time.Minute
	eyes, err := s.eyes(ctx, false)
	if err != nil {
		return err
	}
	if err := s.complete(ctx, eyes); err != nil {
		return err
	}
	c, err := a.corridor(ctx, parts{describer: eyes, settings: s.settings, log: s.log(a.logger())})
	if err != nil {
		return err
	}
	defer c.Close()
	bar := newProgress()
	defer bar.clear()
	c.Progress = func(n flow.WorkCounts) { bar.show("observed and judged: %d messages, %d retried", n.Done, n.Retried) }
	account, err := c.Sweep(ctx, s.name(), s.find(ctx, eyes, c.Rules, cmd.InOrStdin()))
	if err != nil {
		return err
	}
	bar.clear()
	systems, err := statuses(ctx, c, "")
	if err != nil {
		return err
	}
	if err := a.printSweep(cmd.OutOrStdout(), account, systems); err != nil {
		return err
	}
	return s.exit(account, systems)
}

// complete fills in what the flags leave to AWS: who is asking, the regions, the
// accounts, the types.
func (s *sweeping) complete(ctx context.Context, eyes *awsresource.Describer) error {
	if _, err := eyes.Caller(ctx, "", ""); err != nil {
		return fmt.Errorf("ask AWS who is calling: %w", err)
	}
	listable := slices.DeleteFunc(eyes.Types(), func(t string) bool { return !eyes.Lists(t) })
	for _, t := range s.scope.Types {
		if !slices.Contains(listable, t) {
			return usagef("resources of type %s cannot be listed; 'everqual collect --types' lists the types", t)
		}
	}
	var err error
	if s.every = len(s.scope.Types) == 0; s.every {
		s.scope.Types = listable
	}
	if slices.Equal(s.scope.Regions, []string{"all"}) {
		if s.scope.Regions, err = eyes.Regions(ctx); err != nil {
			return fmt.Errorf("list the regions: %w", err)
		}
	}
	if len(s.scope.Regions) == 0 {
		s.scope.Regions = []string{eyes.Region()}
	}
	if s.organisation {
		if s.scope.Accounts, err = eyes.Accounts(ctx); err != nil {
			return fmt.Errorf("list the accounts of the organisation: %w", err)
		}
	}
	if len(s.scope.Accounts) == 0 {
		s.scope.Accounts = []string{""}
	}
	return nil
}

// name says what is swept, the same for the same scope.
func (s *sweeping) name() string {
	var parts []string
	add := func(what string, values []string) {
		if len(values) > 0 {
			parts = append(parts, what+" "+strings.Join(slices.Sorted(slices.Values(values)), ","))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.scope.Tags)) {
		add("tag", []string{key + "=" + s.scope.Tags[key]})
	}
	add("stacks", s.scope.Stacks)
	add("states", s.states)
	switch {
	case len(parts) > 0:
	case s.every:
		parts = append(parts, "all types")
	default:
		add("types", s.scope.Types)
	}
	add("regions", s.scope.Regions)
	add("accounts", slices.DeleteFunc(slices.Clone(s.scope.Accounts), func(a string) bool { return a == "" }))
	return strings.Join(parts, "; ")
}

// find lists the scope: what AWS lists, and what the state files manage.
func (s *sweeping) find(ctx context.Context, eyes *awsresource.Describer, rules *rule.Set, stdin io.Reader) iter.Seq[everqual.Found] {
	return func(yield func(everqual.Found) bool) {
		for _, path := range s.states {
			for _, found := range managed(ctx, eyes, rules, path, stdin, s.scope.Regions[0]) {
				if !yield(found) {
					return
				}
			}
		}
		if len(s.states) > 0 && len(s.scope.Tags) == 0 && len(s.scope.Stacks) == 0 {
			return
		}
		for found := range eyes.Find(ctx, s.scope, rules) {
			if !yield(found) {
				return
			}
		}
	}
}

// managed are the resources of a Terraform state file. What it does not name so
// that it could be looked up is unlisted.
func managed(ctx context.Context, eyes *awsresource.Describer, rules *rule.Set, path string, stdin io.Reader, region string) (all []everqual.Found) {
	unlisted := func(kind, message string) {
		all = append(all, everqual.Found{Unlisted: &everqual.Unlisted{
			Source: "state " + path, Type: kind, Unread: everqual.Unread{Reason: everqual.Unsupported, Message: message},
		}})
	}
	in := stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			unlisted("", err.Error())
			return all
		}
		defer f.Close()
		in = f
	}
	entries, err := tfstate.Read(in)
	if err != nil {
		unlisted("", err.Error())
		return all
	}
	caller, err := eyes.Caller(ctx, "", "") // it was asked before
	if err != nil {
		unlisted("", err.Error())
		return all
	}
	for _, e := range entries {
		r, ok := rules.Resource(e.ARN)
		if e.ARN == "" {
			r, ok = rules.Named(e.Type, e.ID, caller.Account, region)
		}
		if !ok {
			unlisted(e.Type, e.Address+": no rule knows a resource of this kind")
			continue
		}
		all = append(all, everqual.Found{Resource: awsresource.Placed(r, caller.Account, region)})
	}
	return all
}

// exit says with the exit code what the account says.
func (s *sweeping) exit(account everqual.SweepAccount, systems []systemStatus) error {
	total := totalOf(account)
	switch {
	case len(account.Unlisted) > 0 || total.Denied+total.Failed > 0:
		return exitCode(exitPartly)
	case s.check && slices.ContainsFunc(systems, func(s systemStatus) bool { return !s.settled() }):
		return exitCode(exitDeviation)
	}
	return nil
}

func totalOf(account everqual.SweepAccount) (total everqual.Coverage) {
	for _, row := range account.Rows {
		total.Add(row)
	}
	return total
}

// sweepResult is the JSON output of sweep.
type sweepResult struct {
	Sweep   everqual.SweepAccount `json:"sweep"`
	Systems []systemStatus        `json:"systems"`
}

func (a *app) printSweep(w io.Writer, account everqual.SweepAccount, systems []systemStatus) error {
	if a.json() {
		return printJSON(w, sweepResult{account, systems})
	}
	total := totalOf(account)
	say(w, "%s %s: %s\n", paint(bold, "Swept"), account.Scope, count(total.Expected, "resource", "resources"))
	rows := make([][]string, 0, len(account.Rows)+1)
	for _, r := range append(slices.Clone(account.Rows), everqual.Coverage{Account: "all"}) {
		if r.Account == "all" {
			r.Add(total)
		}
		row := []string{r.Account, r.Region, r.Type}
		for _, n := range []int{r.Expected, r.Collected, r.Gone, r.Denied, r.Failed, r.Unsupported} {
			row = append(row, number(n))
		}
		rows = append(rows, row)
	}
	columns(w, []string{"ACCOUNT", "REGION", "TYPE", "EXPECTED", "COLLECTED", "GONE", "DENIED", "FAILED", "NO COLLECTOR"}, rows)
	if total.Partly > 0 {
		say(w, "  %s with something unread\n", count(total.Partly, "resource was collected", "resources were collected"))
	}
	for _, u := range account.Unlisted {
		where := strings.Join(slices.DeleteFunc([]string{u.Account, u.Region, u.Source, u.Type}, func(s string) bool { return s == "" }), " ")
		say(w, "%s %s: %s %s %s\n", paint(red, "not listed"), where, u.Reason, u.Call, u.Message)
	}
	return printStatuses(w, systems)
}
