package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

// sayMissing says which disposals took what a report rests on. What is missing and
// was never disposed of is an error.
func sayMissing(ctx context.Context, w io.Writer, c *flow.Corridor, missing []everqual.Digest) error {
	if len(missing) == 0 {
		return nil
	}
	disposed := ledger.Bodies[everqual.Disposal](ctx, c.Ledger, ledger.Query{Kind: everqual.KindDisposal})
	for d, err := range disposed {
		if err != nil {
			return err
		}
		left := slices.DeleteFunc(slices.Clone(missing), func(m everqual.Digest) bool { return slices.Contains(d.Body.Digests, m) })
		if n := len(missing) - len(left); n > 0 {
			say(w, "  %s that it rests on %s not among the files: deleted when the retention had passed, by %s at %s: %s (entry %d)\n",
				count(n, "blob", "blobs"), isOrAre(n), d.Body.By, utc(d.Body.At), d.Body.Reason, d.Record.Sequence)
		}
		missing = left
	}
	if len(missing) > 0 {
		return fmt.Errorf("the report is written, but %s that it rests on %s not in the archive and no disposal is recorded: %s\nSee what 'everqual verify' says, and restore a backup",
			count(len(missing), "blob", "blobs"), isOrAre(len(missing)), missing)
	}
	return nil
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
