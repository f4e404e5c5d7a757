package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/collect/awsresource"
)

func (a *app) ssmDocument() *cobra.Command {
	return &cobra.Command{
		Use:   "ssm-document linux|windows",
		Short: "Print the Systems Manager document that reads facts inside an instance",
		Long: `Prints the Systems Manager document that '--attach os' runs on instances: it reads
facts of the operating system and digests of files, and changes nothing. Create it in
the account; a document with any other content is not run.`,
		Example: `  everqual ssm-document linux > linux.json
  aws ssm create-document --name Everqual-LinuxFacts --document-type Command --content file://linux.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, text, err := awsresource.Document(args[0])
			if err != nil {
				return usageError{err}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s", text)
			return err
		},
	}
}
