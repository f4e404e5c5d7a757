package flow

import (
	"context"
	"fmt"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// RecordsOf returns which records speak of a system: of its resources and of what
// is nested in them, its specifications and baselines, and the accounts of what
// was taken in, of sweeps, of what was in force, of what was kept how long, where, and who signed.
func (c *Corridor) RecordsOf(ctx context.Context, system everqual.System) (map[uint64]bool, error) {
	members, err := c.Members(ctx, system)
	if err != nil {
		return nil, err
	}
	queries := []ledger.Query{
		{Kind: everqual.KindInForce}, {Kind: everqual.KindIntake}, {Kind: everqual.KindSweep}, {Subject: system.ID},
		{Kind: everqual.KindRetention}, {Kind: everqual.KindHold}, {Kind: everqual.KindDisposal}, {Kind: everqual.KindCompleteness},
		{Kind: everqual.KindMigration}, {Kind: everqual.KindMoved}, {Kind: everqual.KindKey},
	}
	for _, m := range members {
		queries = append(queries, ledger.Query{Subject: string(m.Resource.ID)})
		for _, p := range m.Parts {
			queries = append(queries, ledger.Query{Subject: string(p), Kind: everqual.KindChangeEvent})
		}
	}
	of := map[uint64]bool{}
	for _, q := range queries {
		for r, err := range c.Ledger.Records(ctx, q) {
			if err != nil {
				return nil, fmt.Errorf("read the records of %s: %w", system.ID, err)
			}
			of[r.Sequence] = true
		}
	}
	return of, nil
}
