package main

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

func (a *app) eventsCommand() *cobra.Command {
	var class string
	var limit int
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List the mutating change events that were received",
		Long: `Lists the recorded change events, oldest first. Read-only events change nothing and
are counted by 'run' only. The class "unmatched" are mutating events that touch no resource that is described: as the
rule says that stands beside them, or, without one, because no rule knows them.`,
		Example: `  everqual events --class unmatched
  everqual events --class failed --output json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			classes := []everqual.Class{"", everqual.Matched, everqual.Unmatched, everqual.Failed}
			if !slices.Contains(classes, everqual.Class(class)) {
				return usagef("--class is matched, unmatched or failed, not %q", class)
			}
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			events := []everqual.ReceivedEvent{}
			q := ledger.Query{Kind: everqual.KindChangeEvent}
			for e, err := range ledger.Bodies[everqual.ReceivedEvent](cmd.Context(), c.Ledger, q) {
				if err != nil {
					return err
				}
				if (class == "" || e.Body.Class == everqual.Class(class)) && (limit == 0 || len(events) < limit) {
					events = append(events, e.Body)
				}
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), events)
			}
			rows := make([][]string, len(events))
			for i, e := range events {
				rows[i] = []string{utc(e.Time), string(e.Class), cmp.Or(e.Rule, "-"), e.Service, e.Name, e.Actor.Name, e.Account, e.Region, e.ErrorCode, e.ID}
			}
			columns(cmd.OutOrStdout(), []string{"TIME", "CLASS", "RULE", "SERVICE", "EVENT", "BY", "ACCOUNT", "REGION", "ERROR", "ID"}, rows)
			return nil
		},
	}
	cmd.Flags().StringVar(&class, "class", "", "only matched, unmatched or failed events")
	cmd.Flags().IntVar(&limit, "limit", 0, "at most so many (0: all)")
	return cmd
}
