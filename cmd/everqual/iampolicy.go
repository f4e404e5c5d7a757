package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/collect/awsresource"
)

// maxPolicy is how long a managed policy may be, white space aside:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxPolicy = 6144

func (a *app) iamPolicy() *cobra.Command {
	var collecting, list bool
	var types, attach []string
	var out string
	cmd := &cobra.Command{
		Use:   "iam-policy",
		Short: "Print the least privilege that collecting needs, as an IAM policy",
		Long: `Prints the IAM policy with exactly the actions that observing the resource types
needs. All of them read; nothing in it can change a resource, decrypt or read data.

IAM takes managed policies of at most 6,144 characters. --out writes as many files
as it takes, each of them a whole policy: attach all of them to the role.`,
		Example: `  everqual iam-policy --collect > collect.json
  everqual iam-policy --collect --types AWS::EC2::Instance,AWS::S3::Bucket
  everqual iam-policy --collect --list --out policies/`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !collecting {
				return usagef("say what the policy is for: --collect")
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
	f.StringVar(&out, "out", "", "folder for policies that IAM can take, instead of standard output")
	return cmd
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
