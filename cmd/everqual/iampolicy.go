package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/collect/awsresource"
	awshome "github.com/everqual/everqual/home/aws"
)

// maxPolicy is how long a managed policy may be, white space aside:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxPolicy = 6144

func (a *app) iamPolicy() *cobra.Command {
	var collecting, list bool
	var types, attach []string
	var out, role string
	cmd := &cobra.Command{
		Use:   "iam-policy",
		Short: "Print the least privilege that collecting, or a home on AWS, needs as an IAM policy",
		Long: `Prints the IAM policy with exactly the actions that observing the resource types
needs. All of them read; nothing in it can change a resource, decrypt or read data.

--function prints what a function of a home on AWS, the worker or the operator needs, as
deploy/aws gives it. The parts of the home stand in it as ${table} and so on; --home
aws://NAME puts those in their place that the home's parameter names. --home alone
prints what whoever does everything with one role needs.

IAM takes managed policies of at most 6,144 characters. --out writes as many files
as it takes, each of them a whole policy: attach all of them to the role.`,
		Example: `  everqual iam-policy --collect > collect.json
  everqual iam-policy --collect --types AWS::EC2::Instance,AWS::S3::Bucket
  everqual iam-policy --collect --list --out policies/
  everqual iam-policy --function work
  everqual iam-policy --home aws://prod --function operator`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home := cmd.Flags().Changed("home")
			switch {
			case collecting && (home || role != ""):
				return usagef("--collect is for observing resources, --function and --home for a home: ask for one at a time")
			case home || role != "":
				return a.homePolicy(cmd, role, home, out)
			case !collecting:
				return usagef("say what the policy is for: --collect, --function NAME or --home aws://NAME")
			}
			p, err := awsresource.CollectPolicy(types, list, attach...)
			if err != nil {
				return usageError{err}
			}
			if out != "" {
				return writePolicies(cmd, out, p)
			}
			if n := size(p); n > maxPolicy {
				fmt.Fprintf(cmd.ErrOrStderr(), "The policy has %d characters, and IAM takes %d: --out writes it in parts.\n", n, maxPolicy)
			}
			return printJSON(cmd.OutOrStdout(), p)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&collecting, "collect", false, "for observing resources")
	f.BoolVar(&list, "list", false, "also for listing the resources of each type, as 'everqual sweep' does")
	f.StringSliceVar(&types, "types", nil, "resource types, separated by commas (default all)")
	f.StringSliceVar(&attach, "attach", nil, "also for what other services found: "+strings.Join(awsresource.Attachments(), ", "))
	f.StringVar(&role, "function", "", "for one of those that work in a home on AWS: "+strings.Join(awshome.Roles(), ", "))
	f.StringVar(&out, "out", "", "folder for policies that IAM can take, instead of standard output")
	return cmd
}

// homePolicy prints what a role needs in a home on AWS.
func (a *app) homePolicy(cmd *cobra.Command, role string, deployed bool, out string) error {
	if out != "" {
		return usagef("--out is for --collect: the policy of a home fits into one file")
	}
	p, err := awshome.PolicyOf(role)
	if err != nil {
		return usageError{err}
	}
	if deployed {
		name, ok := a.onAWS()
		if !ok {
			return usagef("--home is aws://NAME here, not %q: a home in a folder needs no policy", a.home)
		}
		if _, err := a.deployment(cmd.Context(), name); err != nil {
			return err
		}
		var left []string
		if p, left = p.Fill(a.deployed.Names(name)); len(left) > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "The home's parameter does not tell %s: fill it in.\n", strings.Join(left, ", "))
		}
	}
	return printJSON(cmd.OutOrStdout(), p)
}

// size counts the characters of a policy as IAM does.
func size(p awsresource.IAMPolicy) int {
	b, _ := json.Marshal(p) // texts always can be
	return len(b)
}

// parted splits a policy between statements so that each part fits.
func parted(p awsresource.IAMPolicy) []awsresource.IAMPolicy {
	parts := []awsresource.IAMPolicy{{Version: p.Version}}
	for _, s := range p.Statement {
		last := parts[len(parts)-1]
		last.Statement = append(last.Statement[:len(last.Statement):len(last.Statement)], s)
		if size(last) > maxPolicy {
			last = awsresource.IAMPolicy{Version: p.Version, Statement: []awsresource.IAMStatement{s}}
			parts = append(parts, last)
		}
		parts[len(parts)-1] = last
	}
	return parts
}

func writePolicies(cmd *cobra.Command, dir string, p awsresource.IAMPolicy) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for i, part := range parted(p) {
		name := filepath.Join(dir, fmt.Sprintf("everqual-collect-%d.json", i+1))
		b, err := json.MarshalIndent(part, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, append(b, '\n'), 0o600); err != nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout(), name)
	}
	return nil
}
