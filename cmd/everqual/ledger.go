package main

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
)

func (a *app) ledgerCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "ledger", Short: "How large the ledger is, and what it holds"}
	cmd.AddCommand(&cobra.Command{
		Use:     "stats",
		Short:   "Count records, bytes and blobs, by kind",
		Example: `  everqual ledger stats --home lims-home`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			s, err := ledgerStats(cmd.Context(), c)
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), s)
			}
			printStats(cmd.OutOrStdout(), s)
			return nil
		},
	})
	return cmd
}

// stats is how large a ledger is. Bytes are those of the bodies.
type stats struct {
	Records  int           `json:"records"`
	Bytes    int64         `json:"bytes"`
	First    time.Time     `json:"first,omitzero"`
	Last     time.Time     `json:"last,omitzero"`
	Kinds    []statsOfKind `json:"kinds"`
	Subjects int           `json:"subjects"`
	// Signed is how many records the newest checkpoint covers.
	Signed uint64 `json:"signed"`
	// Blobs are those of the archive, and the bytes that they take there.
	Blobs     int   `json:"blobs"`
	BlobBytes int64 `json:"blob_bytes"`
}

type statsOfKind struct {
	Kind    everqual.Kind `json:"kind"`
	Records int           `json:"records"`
	Bytes   int64         `json:"bytes"`
}

// sizer is an archive that knows how large it is.
type sizer interface {
	Size(ctx context.Context) (blobs int, bytes int64, err error)
}

func ledgerStats(ctx context.Context, c *flow.Corridor) (s stats, err error) {
	kinds, subjects := map[everqual.Kind]*statsOfKind{}, map[string]bool{}
	for r, err := range c.Ledger.Records(ctx, ledger.Query{}) {
		if err != nil {
			return s, err
		}
		k := kinds[r.Kind]
		if k == nil {
			k = &statsOfKind{Kind: r.Kind}
			kinds[r.Kind] = k
		}
		k.Records++
		k.Bytes += int64(len(r.Body))
		s.Records++
		s.Bytes += int64(len(r.Body))
		if s.Last = r.Time; s.First.IsZero() {
			s.First = r.Time
		}
		for _, x := range r.Subjects {
			subjects[x] = true
		}
	}
	s.Subjects, s.Kinds = len(subjects), []statsOfKind{}
	for _, k := range slices.SortedFunc(maps.Values(kinds), func(a, b *statsOfKind) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Kind, b.Kind))
	}) {
		s.Kinds = append(s.Kinds, *k)
	}
	if s.Records > 0 {
		for d, err := range ledger.Bodies[everqual.Checkpoint](ctx, c.Ledger, ledger.Query{Kind: everqual.KindCheckpoint, Descending: true, Limit: 1}) {
			if s.Signed = d.Body.Size; err != nil {
				return s, err
			}
		}
	}
	if archive, ok := c.Archive.(sizer); ok {
		s.Blobs, s.BlobBytes, err = archive.Size(ctx)
	}
	return s, err
}

func printStats(w io.Writer, s stats) {
	var rows [][]string
	for _, k := range s.Kinds {
		rows = append(rows, []string{string(k.Kind), number(k.Records), number(int(k.Bytes))})
	}
	rows = append(rows, []string{"all", number(s.Records), number(int(s.Bytes))})
	columns(w, []string{"KIND", "RECORDS", "BYTES"}, rows)
	if s.Records == 0 {
		return
	}
	say(w, "\nFrom %s to %s, of %s; %d records are signed.\n", utc(s.First), utc(s.Last), count(s.Subjects, "subject", "subjects"), s.Signed)
	say(w, "The archive keeps %s in %s bytes.\n", count(s.Blobs, "blob", "blobs"), number(int(s.BlobBytes)))
}

func (a *app) backupCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Copy the home to a new folder, as it is at one moment, while others work in it",
		Long: `Copies the home: ledger, queue, archive, keys, specifications, rules and settings. The copy is
as secret as the home, and restored by using it: '--home COPY'. Check it with 'everqual verify'.
For somebody who is not to have the key, 'everqual export' is what to use.`,
		Example: `  everqual backup --home lims-home --out /backup/lims-2026-03-02`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef("name the folder to write with --out")
			}
			if err := a.existing(cmd.Context()); err != nil {
				return err
			}
			if err := embedded.Backup(cmd.Context(), a.home, out); err != nil {
				return err
			}
			say(cmd.OutOrStdout(), "%s: check it with 'everqual verify --home %s'\n", out, out)
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder to write, which must be new")
	return cmd
}
