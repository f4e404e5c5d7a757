package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/flow"
)

func (a *app) deadLetterCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deadletter",
		Short: "Look after messages that failed for good",
	}
	cmd.AddCommand(a.deadLetterList(), a.deadLetterShow(),
		a.deadLetterDecide("redrive", "Send the message again, after its cause was mended",
			(*flow.Corridor).Redrive),
		a.deadLetterDecide("dispose", "End the message without another try",
			(*flow.Corridor).Dispose))
	return cmd
}

func (a *app) deadLetterList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the open dead letters",
		Long: `Lists the dead letters that the ledger holds and about which nobody has decided. Where the queue
has lost one or says otherwise of it, a line below says so: it can be decided about all the same.`,
		Example: `  everqual deadletter list --output json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			letters, err := c.Letters(cmd.Context())
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), append([]flow.Letter{}, letters...))
			}
			rows := make([][]string, len(letters))
			for i, l := range letters {
				rows[i] = []string{utc(l.FailedAt), l.Kind, strconv.Itoa(l.Attempts), clip(l.Cause, 90), l.ID}
			}
			defer printStrange(cmd.OutOrStdout(), letters)
			if len(rows) == 0 {
				say(cmd.OutOrStdout(), "No dead letters.\n")
			}
			columns(cmd.OutOrStdout(), []string{"FAILED", "KIND", "ATTEMPTS", "CAUSE", "ID"}, rows)
			return nil
		},
	}
}

// printStrange says where the queue and the ledger differ.
func printStrange(w io.Writer, letters []flow.Letter) {
	for _, l := range letters {
		if l.Strange != "" {
			say(w, "%s %s: %s\n", paint(amber, "look at"), l.ID, l.Strange)
		}
	}
}

func (a *app) deadLetterShow() *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show one dead letter whole, as JSON",
		Example: `  everqual deadletter show observe:6e1f...`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			letter, err := c.DeadLetter(cmd.Context(), args[0])
			if err != nil {
				return noLetter(err)
			}
			return printJSON(cmd.OutOrStdout(), letter)
		},
	}
}

func (a *app) deadLetterDecide(action, short string, decide func(*flow.Corridor, context.Context, string, string, string) error) *cobra.Command {
	var d decider
	cmd := &cobra.Command{
		Use:     action + " ID",
		Short:   short,
		Example: "  everqual deadletter " + action + ` observe:6e1f... --reason "the role may read keys now"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.check(); err != nil {
				return err
			}
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			if err := decide(c, cmd.Context(), args[0], d.by, d.reason); err != nil {
				return noLetter(err)
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), map[string]string{"dead_letter": args[0], "action": action})
			}
			say(cmd.OutOrStdout(), "%s: %s. The decision is recorded.\n", args[0], map[string]string{
				"redrive": "sent again, 'everqual run' works on it", "dispose": "disposed"}[action])
			return nil
		},
	}
	d.flags(cmd)
	return cmd
}

func noLetter(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("%w: 'everqual deadletter list' shows the open ones", err)
	}
	return err
}
