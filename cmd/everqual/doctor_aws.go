package main

import (
	"context"
	"slices"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/home/embedded"
)

// examineDeployment checks every part of the home on AWS, and then what is in it.
func (a *app) examineDeployment(ctx context.Context, name string, e examination) []everqual.Check {
	rules, _ := a.deployedRules(ctx) // what is wrong with them is told below; without any, those on the bus are not checked
	checks := awshome.Inspect(ctx, name, rules, awshome.Options{})
	home, err := a.openHome(ctx, embedded.Options{})
	if err != nil { // the parameter: it was told
		return checks
	}
	defer home.Close() // nothing was appended, so nothing is signed
	checks = append(checks, examineHome(ctx, home)...)
	checks = append(checks, a.examineFiles(ctx)...)
	if e.notices {
		checks = append(checks, sendTest(ctx, home.Notify))
	}
	return checks
}

// deployedRules are the rules that should be on the bus.
func (a *app) deployedRules(ctx context.Context) (all []awshome.Rule, err error) {
	rendered, err := a.eventRules(ctx)
	for _, r := range rendered {
		all = append(all, awshome.Rule{Name: r.Name, Pattern: string(r.Pattern), Paths: r.Transformer.Paths, Template: r.Transformer.Template})
	}
	return all, err
}

// examineMembers checks the accounts whose changes should arrive.
func (a *app) examineMembers(ctx context.Context, e examination) (checks []everqual.Check) {
	if !e.organisation && len(e.accounts) == 0 {
		return nil
	}
	eyes, err := awsresource.Open(ctx, e.aws)
	if err != nil {
		return []everqual.Check{everqual.Unasked("accounts", err, "mend the AWS configuration")}
	}
	accounts, regions := e.accounts, e.regions
	if e.organisation {
		if accounts, err = eyes.Accounts(ctx); err != nil {
			return []everqual.Check{everqual.Unasked("accounts", err, "allow organizations:ListAccounts, or name them with --accounts")}
		}
	}
	if slices.Equal(regions, []string{"all"}) {
		if regions, err = eyes.Regions(ctx); err != nil {
			return []everqual.Check{everqual.Unasked("regions", err, "allow ec2:DescribeRegions, or name them with --regions")}
		}
	}
	if len(regions) == 0 {
		regions = []string{eyes.Region()}
	}
	watch, err := a.watch(ctx)
	if err != nil {
		checks = append(checks, everqual.Unasked("forwarding rules", err, "see the check of the credentials"))
	}
	for _, account := range accounts {
		checks = append(checks, eyes.Watched(ctx, account, regions, watch)...)
	}
	return checks
}

// watch says which rules have to forward to a home on AWS; to a folder come log files.
func (a *app) watch(ctx context.Context) (w awsresource.Watch, err error) {
	name, onAWS := a.onAWS()
	if !onAWS {
		return w, nil
	}
	w.Rules = []string{name + "-changes", name + "-states"}
	w.Bus, err = awshome.Bus(ctx, name)
	return w, err
}
