package embedded

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
)

// applicationID marks a SQLite file as an everqual home: "EvQl" in its header.
const applicationID = 0x4576516c

//go:embed schema_1.sql
var schema1 string

//go:embed schema_2.sql
var schema2 string

//go:embed schema_3.sql
var schema3 string

//go:embed schema_4.sql
var schema4 string

//go:embed schema_5.sql
var schema5 string

// migration is one step of the stored format: statements, and what they cannot say.
type migration struct {
	sql  string
	fill func(ctx context.Context, tx *sql.Tx) error
}

// migrations lists every step. Step n lifts a file from version n-1 to version n,
// SQLite's user_version. A released step is never edited: a change of the format
// is a new step.
func migrations() []migration {
	return []migration{{sql: schema1}, {sql: schema2}, {sql: schema3}, {sql: schema4}, {sql: schema5, fill: layOut}}
}

// migrate brings the file to the format of this program, in one transaction:
// it has the old format or the new one, never something in between.
func migrate(ctx context.Context, db *sql.DB) error {
	have, err := formatOf(ctx, db)
	if err == nil && have == len(migrations()) {
		return sound(ctx, db)
	}
	if err != nil {
		return err
	}
	if err := switchToWAL(ctx, db); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// Another process may have been here between the look and the lock.
	if have, err = formatOf(ctx, tx); err != nil {
		return err
	}
	before, err := shapeOf(ctx, tx)
	if err != nil {
		return err
	}
	if err := lift(ctx, tx, have, len(migrations())); err != nil {
		return cmp.Or(differs(ctx, before, have), fmt.Errorf("upgrade the stored format: %w", err))
	}
	if err := sound(ctx, tx); err != nil {
		return err
	}
	mark := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(migrations()))
	if _, err := tx.ExecContext(ctx, mark); err != nil {
		return err
	}
	return tx.Commit()
}

// lift makes the steps from one version to another.
func lift(ctx context.Context, tx *sql.Tx, from, to int) error {
	if from >= to { // another process did
		return nil
	}
	for _, step := range migrations()[from:to] {
		if _, err := tx.ExecContext(ctx, step.sql); err != nil {
			return err
		}
		if step.fill == nil {
			continue
		}
		if err := step.fill(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// sound refuses a file of the newest format into which somebody reached, as far as
// that is seen at once.
func sound(ctx context.Context, db querier) error {
	if err := asMade(ctx, db); err != nil {
		return err
	}
	return new(marks).from(db.QueryRowContext(ctx, readMarks).Scan)
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// formatOf returns the version of the stored format, 0 for an empty file. A
// file that this program must not touch is an error.
func formatOf(ctx context.Context, db querier) (int, error) {
	var application, version, tables int
	err := db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`).
		Scan(&application, &version, &tables)
	switch {
	case err != nil:
		return 0, err
	case application == 0 && version == 0 && tables == 0:
		return 0, nil
	case application != applicationID:
		return 0, errForeign
	case version < 1:
		return 0, changed("its header says no version of its stored format")
	case version > len(migrations()):
		return 0, fmt.Errorf("its stored format is version %d, this program knows up to %d: use the newer everqual that wrote it",
			version, len(migrations()))
	}
	return version, nil
}

// switchToWAL sets the journal mode, which stays with the file. SQLite does
// not wait for another process here, so this does.
func switchToWAL(ctx context.Context, db *sql.DB) error {
	var mode string
	if err := db.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("its file system does not support a write-ahead log (journal mode stays %q): put the home on a local disk", mode)
	}
	return nil
}
