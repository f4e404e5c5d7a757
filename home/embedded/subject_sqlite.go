package embedded

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/everqual/everqual"
)

// Records are found by their subjects through a table that says no more of a subject
// than the first eight bytes of its SHA-256.

const insertSubject = `INSERT OR IGNORE INTO record_subject VALUES (?, ?, ?)` // a record may name a subject twice

func subjectNumber(subject string) int64 {
	sum := sha256.Sum256([]byte(subject))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// named is how a record's list of subjects spells one of them.
func named(subject string) string {
	b, _ := json.Marshal(subject) // of a string: cannot fail
	return string(b)
}

// indexSubjects fills the table from the records of an older file.
func indexSubjects(ctx context.Context, tx *sql.Tx) error {
	for after := uint64(0); ; {
		records, err := someRecords(ctx, tx, after)
		if err != nil || len(records) == 0 {
			return err
		}
		for _, r := range records {
			for _, s := range r.Subjects {
				if _, err := tx.ExecContext(ctx, insertSubject, subjectNumber(s), r.Kind, r.Sequence); err != nil {
					return err
				}
			}
			after = r.Sequence
		}
	}
}

// Indexed compares the table of subjects with what the records say. What is
// compared is what was stored, not SQLite's reading of it.
func (s *store) Indexed(ctx context.Context) error {
	tx, err := s.db.read.BeginTx(ctx, nil) // both queries see one state
	if err != nil {
		return fmt.Errorf("check the index of subjects: %w", err)
	}
	defer tx.Rollback()
	index, err := tx.QueryContext(ctx, `SELECT sequence, kind, subject FROM record_subject ORDER BY sequence`)
	if err != nil {
		return fmt.Errorf("check the index of subjects: %w", err)
	}
	defer index.Close()
	rows, err := tx.QueryContext(ctx, `SELECT sequence, kind, subjects FROM record ORDER BY sequence`)
	if err != nil {
		return fmt.Errorf("check the index of subjects: %w", err)
	}
	defer rows.Close()
	found := indexRow{rows: index}
	if err := found.next(); err != nil {
		return err
	}
	for rows.Next() {
		var sequence uint64
		var kind, text string
		var subjects []string
		if err := rows.Scan(&sequence, &kind, &text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &subjects); err != nil {
			return everqual.Permanent(fmt.Errorf("record %d: read its subjects: %w", sequence, err))
		}
		if err := found.matches(sequence, kind, subjects); err != nil {
			return err
		}
	}
	if !found.ended {
		return found.strange()
	}
	return rows.Err()
}

// indexRow walks the table of subjects.
type indexRow struct {
	rows     *sql.Rows
	sequence uint64
	kind     string
	subject  int64
	ended    bool
}

func (i *indexRow) next() error {
	if i.ended = !i.rows.Next(); i.ended {
		return i.rows.Err()
	}
	return i.rows.Scan(&i.sequence, &i.kind, &i.subject)
}

// matches reads the rows of one record: each of its subjects, and no other.
func (i *indexRow) matches(sequence uint64, kind string, subjects []string) error {
	missing := map[int64]string{}
	for _, s := range subjects {
		missing[subjectNumber(s)] = s
	}
	for !i.ended && i.sequence <= sequence {
		if _, named := missing[i.subject]; i.sequence < sequence || i.kind != kind || !named {
			return i.strange()
		}
		delete(missing, i.subject)
		if err := i.next(); err != nil {
			return err
		}
	}
	for _, s := range missing {
		return everqual.Permanent(fmt.Errorf("record %d is not found by its subject %q: the index of subjects was changed", sequence, s))
	}
	return nil
}

func (i *indexRow) strange() error {
	return everqual.Permanent(fmt.Errorf("record %d is found by a subject that it does not name, or under kind %q: the index of subjects was changed", i.sequence, i.kind))
}
