package main

import "github.com/spf13/cobra"

func (a *app) ruleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:                        "rule",
		Short:                      "Check, test, explain and measure event rules",
		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(a.ruleCheck(), a.ruleTest(), a.ruleTransformCommand(), a.ruleBench())
	return cmd
}
