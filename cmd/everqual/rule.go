package main

import "github.com/spf13/cobra"

func (a *app) ruleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rule",
		Short: "Check, test, explain and measure event rules",
	}
	cmd.AddCommand(a.ruleCheck(), a.ruleTest(), a.ruleBench())
	return cmd
}
