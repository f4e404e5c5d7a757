package embedded

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	sqlite3 "modernc.org/sqlite/lib"
)

// store keeps the ledger's records.
type store struct{ db *database }

const columns = `r.sequence, r.kind, r.key, r.subjects, r.time, r.body, r.previous, r.hash, r.tree`

const readHead = `SELECT sequence, hash FROM head`

// Head returns what the head row says.
func (s *store) Head(ctx context.Context) (h ledger.Head, err error) {
	err = s.db.read.row(ctx, readHead, nil, &h.Sequence, &h.Hash)
	return h, err
}

// AtOnce knows no bound.
func (s *store) AtOnce() int { return 0 }

// Append writes the records in one transaction, which holds the write lock
// while it compares the head.
func (s *store) Append(ctx context.Context, after ledger.Head, records []everqual.Record) error {
	if len(records) == 0 {
		return nil
	}
	return s.db.write.change(ctx, func(tx *transaction) error {
		var head ledger.Head
		if err := tx.row(readHead, nil, &head.Sequence, &head.Hash); err != nil {
			return fmt.Errorf("read ledger head: %w", err)
		}
		if head != after {
			return ledger.ErrConflict
		}
		for _, r := range records {
			if err := insert(tx, r); err != nil {
				return err
			}
		}
		last := records[len(records)-1]
		_, err := tx.exec(`UPDATE head SET sequence = ?, hash = ?`, last.Sequence, last.Hash)
		return err
	})
}

func insert(tx *transaction, r everqual.Record) error {
	subjects, err := json.Marshal(r.Subjects)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.Sequence, r.Kind, r.Key, string(subjects),
		r.Time.UTC().Format(time.RFC3339Nano), []byte(r.Body), r.Previous, r.Hash, blob(r.Tree))
	if err != nil {
		return insertError(tx, r, err)
	}
	for _, name := range r.Subjects {
		if _, err := tx.exec(insertSubject, subjectNumber(name), r.Kind, r.Sequence); err != nil {
			return err
		}
	}
	return nil
}

// insertError tells a key that is taken, which is a conflict, from a record
// beyond the head, which no append of ours can have left.
func insertError(tx *transaction, r everqual.Record, err error) error {
	if codeOf(err)&0xff != sqlite3.SQLITE_CONSTRAINT {
		return err
	}
	var taken bool
	if e := tx.row(`SELECT EXISTS (SELECT 1 FROM record WHERE key = ?)`, []any{r.Key}, &taken); e != nil {
		return e
	}
	if taken {
		return ledger.ErrConflict
	}
	return fmt.Errorf("insert record %d: %w", r.Sequence, err)
}

// Find returns the record with the key.
func (s *store) Find(ctx context.Context, key string) (everqual.Record, bool, error) {
	records, err := s.read(ctx, `SELECT `+columns+` FROM record r WHERE r.key = ?`, key)
	if err != nil || len(records) == 0 {
		return everqual.Record{}, false, err
	}
	return records[0], true, nil
}

// Range returns records in the order of their sequence.
func (s *store) Range(ctx context.Context, q ledger.Query) ([]everqual.Record, error) {
	query, args := rangeQuery(q)
	return s.read(ctx, query, args...)
}

func (s *store) read(ctx context.Context, query string, args ...any) ([]everqual.Record, error) {
	rows, err := s.db.read.query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return scanAll(rows)
}

// scanAll reads records to the end.
func scanAll(rows *sql.Rows) (records []everqual.Record, err error) {
	defer rows.Close()
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, rows.Err()
}

// rangeQuery walks one index, whatever the query selects. CROSS JOIN keeps
// SQLite from turning the tables round.
func rangeQuery(q ledger.Query) (string, []any) {
	from, where, args := `record r`, []string(nil), []any(nil)
	sequence, kind := `r.sequence`, `r.kind`
	if q.Subject != "" {
		from = `record_subject s CROSS JOIN record r ON r.sequence = s.sequence`
		sequence, kind = `s.sequence`, `s.kind`
		where = append(where, `s.subject = ?`, `instr(r.subjects, ?)`)
		args = append(args, subjectNumber(q.Subject), named(q.Subject))
	}
	if q.Kind != "" {
		where, args = append(where, kind+` = ?`), append(args, q.Kind)
	}
	compare, order := `>`, `ASC`
	after := int64(min(q.After, math.MaxInt64))
	if q.Descending {
		compare, order = `<`, `DESC`
		if q.After == 0 {
			after = math.MaxInt64
		}
	}
	where, args = append(where, sequence+` `+compare+` ?`), append(args, after)
	limit := -1
	if q.Limit > 0 {
		limit = q.Limit
	}
	return `SELECT ` + columns + ` FROM ` + from + ` WHERE ` + strings.Join(where, ` AND `) +
		` ORDER BY ` + sequence + ` ` + order + ` LIMIT ?`, append(args, limit)
}

// scan reads one record. A row that no append wrote is an error, with its
// sequence.
func scan(row *sql.Rows) (everqual.Record, error) {
	var r everqual.Record
	var subjects, at string
	var body []byte
	err := row.Scan(&r.Sequence, &r.Kind, &r.Key, &subjects, &at, &body, &r.Previous, &r.Hash, &r.Tree)
	if err != nil {
		return everqual.Record{}, err
	}
	if err := json.Unmarshal([]byte(subjects), &r.Subjects); err != nil {
		return everqual.Record{}, everqual.Permanent(fmt.Errorf("record %d: read its subjects: %w", r.Sequence, err))
	}
	if r.Time, err = time.Parse(time.RFC3339Nano, at); err != nil {
		return everqual.Record{}, everqual.Permanent(fmt.Errorf("record %d: read its time: %w", r.Sequence, err))
	}
	if r.Body = body; len(r.Tree) == 0 {
		r.Tree = nil
	}
	return r, nil
}
