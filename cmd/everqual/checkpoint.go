package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

func (a *app) checkpointCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "checkpoint",
		Short: "Have others vouch for the ledger's signed states: witnesses and time-stamping authorities",
		Long: `A checkpoint is a signed state of the ledger: how many records there are, and the root of their
Merkle tree. The ledger's own key signs it. A witness that cosigns it, or an authority that
time-stamps it, is somebody else who saw it: after that nobody can change what was there
before without contradicting them, not even with the ledger's key.

What they give becomes a record. 'everqual verify' checks it with --witness and --tsa.

Without --size the commands are about the newest checkpoint that covers more than what others
vouched for before.`,
	}
	cmd.AddCommand(a.checkpointList(), a.checkpointShow(), a.checkpointAttach(), a.checkpointRequest(), a.checkpointTimestamp(), a.checkpointWitness())
	return cmd
}

// vouchedFor is a checkpoint and who vouches for it.
type vouchedFor struct {
	Size         uint64             `json:"size"`
	Root         everqual.Digest    `json:"root"`
	Time         time.Time          `json:"time"`
	SignedBy     string             `json:"signed_by"`
	Record       uint64             `json:"record"`
	Attestations []attestationShown `json:"attestations"`
}

// attestationShown is who vouches, without what proves it.
type attestationShown struct {
	Record uint64                   `json:"record"`
	Form   everqual.AttestationForm `json:"form"`
	By     string                   `json:"by"`
	Time   time.Time                `json:"time"`
}

func (v vouchedFor) by(form everqual.AttestationForm) string {
	var all []string
	for _, t := range v.Attestations {
		if t.Form == form {
			all = append(all, fmt.Sprintf("%s at %s", t.By, utc(t.Time)))
		}
	}
	return strings.Join(all, "; ")
}

func (a *app) checkpointList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the checkpoints, who signed, cosigned and time-stamped them",
		Example: `  everqual checkpoint list --home lims-home --output json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			all, err := checkpoints(cmd.Context(), c)
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), all)
			}
			if len(all) == 0 {
				say(cmd.OutOrStdout(), "Nothing is signed yet.\n")
			}
			rows := make([][]string, len(all))
			for i, v := range all {
				rows[i] = []string{strconv.FormatUint(v.Size, 10), v.Root.Short(), utc(v.Time), v.SignedBy, v.by(everqual.Cosignature), v.by(everqual.TimeStamp)}
			}
			columns(cmd.OutOrStdout(), []string{"SIZE", "ROOT", "SIGNED", "BY", "COSIGNED BY", "TIME-STAMPED BY"}, rows)
			return nil
		},
	}
}

// checkpoints are all signed states with those who vouch for them, the oldest first.
func checkpoints(ctx context.Context, c *flow.Corridor) ([]vouchedFor, error) {
	all, place := []vouchedFor{}, map[uint64]int{}
	for d, err := range ledger.Bodies[everqual.Checkpoint](ctx, c.Ledger, ledger.Query{Kind: everqual.KindCheckpoint}) {
		if err != nil {
			return nil, err
		}
		origin, _, _ := strings.Cut(d.Body.Note, "\n")
		place[d.Body.Size] = len(all)
		all = append(all, vouchedFor{d.Body.Size, d.Body.Root, d.Record.Time, origin, d.Record.Sequence, []attestationShown{}})
	}
	for d, err := range ledger.Bodies[everqual.Attestation](ctx, c.Ledger, ledger.Query{Kind: everqual.KindAttestation}) {
		if err != nil {
			return nil, err
		}
		i, ok := place[d.Body.Size]
		if !ok {
			return nil, fmt.Errorf("record %d vouches for a checkpoint of %d records, and there is none: 'everqual verify' says more", d.Record.Sequence, d.Body.Size)
		}
		all[i].Attestations = append(all[i].Attestations, attestationShown{d.Record.Sequence, d.Body.Form, d.Body.By, d.Body.Time})
	}
	return all, nil
}

func (a *app) checkpointShow() *cobra.Command {
	var size uint64
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print a checkpoint as a signed note, to hand to a witness",
		Long: `Prints the signed note (https://c2sp.org/tlog-checkpoint) to the byte: a witness cosigns its
text, and a time-stamp is over the SHA-256 of the whole of it.`,
		Example: `  everqual checkpoint show --home lims-home > checkpoint`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withCheckpoint(cmd.Context(), size, func(_ *flow.Corridor, p everqual.Checkpoint) error {
				if a.json() {
					return printJSON(cmd.OutOrStdout(), p)
				}
				_, err := cmd.OutOrStdout().Write([]byte(p.Note)) // its own line, to the byte
				return err
			})
		},
	}
	sizeFlag(cmd, &size)
	return cmd
}

func sizeFlag(cmd *cobra.Command, to *uint64) {
	cmd.Flags().Uint64Var(to, "size", 0, "how many records the checkpoint has (default: see 'everqual checkpoint --help')")
}

// withCheckpoint opens the home for a command about one checkpoint.
func (a *app) withCheckpoint(ctx context.Context, size uint64, use func(*flow.Corridor, everqual.Checkpoint) error) error {
	c, err := a.reader(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	p, err := chosen(ctx, c, size)
	if err != nil {
		return err
	}
	return use(c, p)
}

// chosen is the checkpoint with so many records. Without a number it is the first
// one that covers all but checkpoints and attestations: a new one for each of these
// would never end.
func chosen(ctx context.Context, c *flow.Corridor, size uint64) (everqual.Checkpoint, error) {
	if size > 0 {
		r, found, err := c.Ledger.Find(ctx, fmt.Sprintf("checkpoint:%d", size))
		if err != nil {
			return everqual.Checkpoint{}, err
		}
		if !found {
			return everqual.Checkpoint{}, usagef("no checkpoint has %d records: 'everqual checkpoint list' shows them", size)
		}
		return ledger.Body[everqual.Checkpoint](r)
	}
	for r, err := range c.Ledger.Records(ctx, ledger.Query{Descending: true}) {
		if err != nil {
			return everqual.Checkpoint{}, err
		}
		if r.Kind != everqual.KindCheckpoint && r.Kind != everqual.KindAttestation {
			return covering(ctx, c, r.Sequence)
		}
	}
	return everqual.Checkpoint{}, errors.New("the ledger is empty: there is nothing to vouch for")
}
