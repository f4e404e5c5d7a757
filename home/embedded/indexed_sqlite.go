package embedded

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/everqual/everqual"
)

// Indexed compares the table of mentions with what the pages say.
func (s *store) Indexed(ctx context.Context) error {
	tx, m, err := s.snapshot(ctx)
	if err != nil {
		return fmt.Errorf("check the index: %w", err)
	}
	defer tx.Rollback()
	index, err := tx.QueryContext(ctx, `SELECT name, kind, first FROM mention ORDER BY first`)
	if err != nil {
		return fmt.Errorf("check the index: %w", err)
	}
	defer index.Close()
	pages, err := tx.QueryContext(ctx, `SELECT first, records FROM page WHERE first <= ? ORDER BY first`, m.indexed)
	if err != nil {
		return fmt.Errorf("check the index: %w", err)
	}
	i := indexRows{rows: index}
	if err := i.next(); err != nil {
		return err
	}
	wrong := error(nil)
	err = each(pages, func(page []everqual.Record) bool {
		wrong = i.match(page)
		return wrong == nil
	})
	if err == nil && wrong == nil && !i.ended {
		wrong = i.strange()
	}
	if wrong != nil {
		return wrong
	}
	return err
}

// indexRows walks the table.
type indexRows struct {
	rows  *sql.Rows
	at    mention
	ended bool
}

func (i *indexRows) next() error {
	if i.ended = !i.rows.Next(); i.ended {
		return i.rows.Err()
	}
	return i.rows.Scan(&i.at.name, &i.at.kind, &i.at.first)
}

// match reads the rows of one page: each of its mentions, and no other.
func (i *indexRows) match(page []everqual.Record) error {
	missing := map[mention]bool{}
	for _, m := range mentioned(nil, page) {
		missing[m] = true
	}
	for !i.ended && i.at.first <= page[0].Sequence {
		if !missing[i.at] {
			return i.strange()
		}
		delete(missing, i.at)
		if err := i.next(); err != nil {
			return err
		}
	}
	if len(missing) == 0 {
		return nil
	}
	for n, r := range page {
		own := slices.DeleteFunc(mentioned(nil, page[n:n+1]), func(m mention) bool {
			m.first = page[0].Sequence
			return !missing[m]
		})
		if len(own) > 0 {
			return everqual.Permanent(fmt.Errorf("record %d is not found by its key, its kind or one of its subjects: the index was changed", r.Sequence))
		}
	}
	return nil
}

func (i *indexRows) strange() error {
	return everqual.Permanent(fmt.Errorf("the records from %d on are found by what they do not mention, or under another kind: the index was changed", i.at.first))
}
