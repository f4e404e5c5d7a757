package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

// prove records that a report was issued, and returns the proof that the ledger
// says so. The same report has one record, and always the same proof: by the first
// checkpoint that covers it.
func prove(ctx context.Context, c *flow.Corridor, issued everqual.ReportIssued) (string, error) {
	record, err := c.Issued(ctx, issued)
	if err != nil {
		return "", err
	}
	return proofOf(ctx, c, record)
}

// proofOf is the proof that the ledger holds a record.
func proofOf(ctx context.Context, c *flow.Corridor, record everqual.Record) (string, error) {
	checkpoint, err := covering(ctx, c, record.Sequence)
	if err != nil {
		return "", err
	}
	path, err := c.Ledger.Proof(ctx, record.Sequence, checkpoint.Size)
	if err != nil {
		return "", err
	}
	lines := []string{string(ledger.EntryOf(record)), string(record.Body), "c2sp.org/tlog-proof@v1", fmt.Sprintf("index %d", record.Sequence-1)}
	for _, d := range path {
		h, _ := hex.DecodeString(d.Hex()) // of a digest: cannot fail
		lines = append(lines, base64.StdEncoding.EncodeToString(h))
	}
	return strings.Join(lines, "\n") + "\n\n" + checkpoint.Note, nil
}

// covering is the first checkpoint that covers a record; it is signed when there is
// none.
func covering(ctx context.Context, c *flow.Corridor, sequence uint64) (everqual.Checkpoint, error) {
	for range 2 {
		for d, err := range ledger.Bodies[everqual.Checkpoint](ctx, c.Ledger, ledger.Query{Kind: everqual.KindCheckpoint, After: sequence}) {
			if err != nil {
				return everqual.Checkpoint{}, err
			}
			if d.Body.Size >= sequence {
				return d.Body, nil
			}
		}
		signer, _, err := c.Signer(ctx)
		if err != nil {
			return everqual.Checkpoint{}, err
		}
		if _, err := c.Ledger.Checkpoint(ctx, signer); err != nil {
			return everqual.Checkpoint{}, err
		}
	}
	return everqual.Checkpoint{}, fmt.Errorf("no checkpoint covers record %d", sequence)
}
