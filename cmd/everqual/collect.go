package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
)

func (a *app) collectCommand() *cobra.Command {
	var l live
	var list bool
	var kind string
	cmd := &cobra.Command{
		Use:   "collect ARN...",
		Short: "Observe and judge resources now, without a change event",
		Long: `Observes and judges resources now. With --output json the observed attributes are
shown as specifications name them. A type without a collector is read by Cloud
Control API.`,
		Example: `  everqual collect arn:aws:ec2:eu-central-1:111122223333:instance/i-0abc
  everqual collect --type AWS::Route53Resolver::ResolverRule arn:aws:route53resolver:eu-central-1:111122223333:resolver-rule/rslvr-rr-0abc
  everqual collect --types          # the resource types that have a collector`,
		RunE: func(cmd *cobra.Command, arns []string) error {
			if list {
				types := blind().Types()
				if a.json() {
					return printJSON(cmd.OutOrStdout(), types)
				}
				for _, t := range types {
					fmt.Fprintln(cmd.OutOrStdout(), t)
				}
				return nil
			}
			if len(arns) == 0 {
				return usagef("name at least one resource by its ARN")
			}
			if err := l.check(); err != nil {
				return err
			}
			return a.collect(cmd, l, kind, arns)
		},
	}
	cmd.Flags().StringVar(&kind, "type", "", "CloudFormation type of the resources, where their ARNs do not tell it")
	cmd.Flags().BoolVar(&list, "types", false, "list the resource types that have a collector")
	l.flags(cmd.Flags())
	return cmd
}

func (a *app) collect(cmd *cobra.Command, l live, kind string, arns []string) error {
	ctx := cmd.Context()
	end, err := a.watched(ctx, &l)
	if err != nil {
		return err
	}
	defer end()
	eyes, err := l.eyes(ctx, false)
	if err != nil {
		return err
	}
	c, err := a.corridor(ctx, parts{describer: eyes, settings: l.settings, log: l.log(a.logger())})
	if err != nil {
		return err
	}
	defer c.Close()
	var asked []everqual.ResourceID
	for _, arn := range arns {
		r, ok := c.Rules.Resource(everqual.ResourceID(arn))
		if kind != "" && !(ok && r.Type == kind) {
			var parts everqual.ARN
			parts, ok = everqual.ResourceID(arn).Parts()
			ok = ok && eyes.Describes(kind)
			r = everqual.Resource{ID: everqual.ResourceID(arn), Type: kind, Account: parts.Account, Region: parts.Region}
		}
		if !ok {
			return usagef("%q is no ARN of a known resource type; name the type with --type, 'everqual collect --types' lists those with a collector", arn)
		}
		if r.Account == "" { // the ARN of a bucket does not say whose it is
			caller, err := eyes.Caller(ctx, "", r.Region)
			if err != nil {
				return fmt.Errorf("ask AWS who is calling: %w", err)
			}
			r.Account = caller.Account
		}
		if err := c.Request(ctx, r); err != nil {
			return err
		}
		asked = append(asked, r.ID)
	}
	return a.run(ctx, c, inputsOf{}, eyes, asked...)
}
