package embedded

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Up to version 4 each record was a row.

// layOut puts the records of an older file into pages, and gives those from before
// there was a Merkle tree their hashes in it.
func layOut(ctx context.Context, tx *sql.Tx) error {
	var p ledger.Planting
	exec := func(query string, args []any) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}
	var mentions []mention
	for after := uint64(0); ; {
		records, err := someRows(ctx, tx, after)
		if err != nil {
			return err
		}
		for i := range records {
			if r := &records[i]; len(r.Tree) == 0 {
				if err := p.Place(r); err != nil {
					return err
				}
			}
			after = records[i].Sequence
		}
		if len(records) == 0 {
			break
		}
		laid := paged(records)
		for _, p := range laid.pages {
			if err := exec(insertPage, []any{p.first, p.text}); err != nil {
				return err
			}
		}
		if mentions = append(mentions, laid.mentions...); len(mentions) > 1<<17 {
			if err := insertMentions(mentions, exec); err != nil {
				return err
			}
			mentions = mentions[:0]
		}
	}
	if err := insertMentions(mentions, exec); err != nil {
		return err
	}
	return exec(`UPDATE indexed SET sequence = (SELECT sequence FROM head) WHERE sequence < (SELECT sequence FROM head);
		DROP TABLE record; DROP TABLE record_subject`, nil)
}

// someRows reads rows in the order of their sequence, without a gap between them: a
// page has none.
func someRows(ctx context.Context, tx *sql.Tx, after uint64) (records []everqual.Record, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT sequence, kind, key, subjects, time, body, previous, hash, tree
		FROM record WHERE sequence > ? ORDER BY sequence LIMIT 1000`, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := row(rows)
		if err != nil {
			return nil, err
		}
		if r.Sequence != after+1 {
			return nil, fmt.Errorf("record %d follows record %d: restore the file from a backup", r.Sequence, after)
		}
		records, after = append(records, r), r.Sequence
	}
	return records, rows.Err()
}

func row(rows *sql.Rows) (r everqual.Record, err error) {
	var subjects, at string
	var body []byte
	if err := rows.Scan(&r.Sequence, &r.Kind, &r.Key, &subjects, &at, &body, &r.Previous, &r.Hash, &r.Tree); err != nil {
		return r, err
	}
	if err := json.Unmarshal([]byte(subjects), &r.Subjects); err != nil {
		return r, fmt.Errorf("record %d: read its subjects: %w", r.Sequence, err)
	}
	if r.Time, err = time.Parse(time.RFC3339Nano, at); err != nil {
		return r, fmt.Errorf("record %d: read its time: %w", r.Sequence, err)
	}
	r.Body = body
	return r, nil
}
