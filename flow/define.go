package flow

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Define records each system as it is defined now, when it is first used and when
// it changed: which resources are its own would otherwise follow from a file that
// anybody may edit, and so would all that is said of the past.
func (c *Corridor) Define(ctx context.Context) error {
	for _, s := range c.Library.Systems() {
		if err := c.define(ctx, s); err != nil {
			return fmt.Errorf("record the definition of system %s: %w", s.ID, err)
		}
	}
	return nil
}

func (c *Corridor) define(ctx context.Context, s everqual.System) error {
	now, err := json.Marshal(s)
	if err != nil {
		return everqual.Permanent(err)
	}
	after := uint64(0)
	q := ledger.Query{Kind: everqual.KindSystem, Subject: s.ID, Descending: true, Limit: 1}
	for d, err := range ledger.Bodies[everqual.System](ctx, c.Ledger, q) {
		if err != nil {
			return err
		}
		before, err := json.Marshal(d.Body)
		if err != nil || string(before) == string(now) {
			return err
		}
		after = d.Record.Sequence
	}
	_, _, err = c.Ledger.Append(ctx, ledger.Entry{
		Kind:     everqual.KindSystem,
		Key:      fmt.Sprintf("system:%s:%s:after:%d", s.ID, everqual.DigestOf(now), after),
		Subjects: []string{s.ID},
		Body:     s,
	})
	return err
}
