package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/rule"
)

func (a *app) collectCommand() *cobra.Command {
	var l live
	var list bool
	cmd := &cobra.Command{
		Use:   "collect ARN...",
		Short: "Observe and judge resources now, without a change event",
		Example: `  everqual collect arn:aws:ec2:eu-central-1:111122223333:instance/i-0abc
  everqual collect --types          # the resource types that can be observed`,
		RunE: func(cmd *cobra.Command, arns []string) error {
			if list {
				types := awsresource.Open(l.aws).Types()
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
			return a.collect(cmd, l, arns)
		},
	}
	cmd.Flags().BoolVar(&list, "types", false, "list the resource types that can be observed")
	l.flags(cmd.Flags())
	return cmd
}

func (a *app) collect(cmd *cobra.Command, l live, arns []string) error {
	c, err := a.corridor(cmd.Context(), parts{aws: l.aws, settings: l.settings})
	if err != nil {
		return err
	}
	defer c.Close()
	var resources []everqual.Resource
	for _, arn := range arns {
		r, err := resourceOf(c.Rules, arn, l.aws.Region)
		if err != nil {
			return err
		}
		resources = append(resources, r)
	}
	for _, r := range slices.Compact(resources) {
		if err := c.Request(cmd.Context(), r); err != nil {
			return err
		}
	}
	return a.run(cmd.Context(), c, nil, true)
}

// resourceOf tells what an ARN names, by the rules' ARN templates.
func resourceOf(set *rule.Set, arn, region string) (everqual.Resource, error) {
	r, ok := set.Resource(everqual.ResourceID(arn))
	if !ok {
		return r, usagef("%q is no ARN of a known resource type; 'everqual collect --types' lists the types", arn)
	}
	if r.Region == "" {
		r.Region = region
	}
	return r, nil
}
