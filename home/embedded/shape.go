package embedded

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// A table that became a view, a trigger that drops rows, or one that is gone: SQLite
// goes on as if nothing had happened, and so would everything above it. What a file
// consists of is compared with what the steps of its format make.

// shapeNow is the SHA-256 of what the newest format consists of. It saves making that
// at each opening and decides nothing: a file that has another is compared.
const shapeNow = "4a3137b14873a72cce744e07159647bcc3277cd2880cb8b3057d421aa9e5491c"

// The tables of statistics that ANALYZE makes change no answer.
const readShape = `SELECT json_group_array(json_array(type, name, tbl_name, coalesce(sql, '')) ORDER BY type, name)
	FROM sqlite_schema WHERE name NOT IN ('sqlite_stat1', 'sqlite_stat4')`

func shapeOf(ctx context.Context, db querier) (shape string, err error) {
	err = db.QueryRowContext(ctx, readShape).Scan(&shape)
	return shape, err
}

// asMade refuses a file of the newest format that consists of anything else.
func asMade(ctx context.Context, db querier) error {
	shape, err := shapeOf(ctx, db)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256([]byte(shape)); hex.EncodeToString(sum[:]) == shapeNow {
		return nil
	}
	return differs(ctx, shape, len(migrations()))
}

// differs tells in what a shape is not that of its version.
func differs(ctx context.Context, shape string, version int) error {
	want, err := made(ctx, version)
	if err != nil || shape == want {
		return err
	}
	for v := 1; v <= len(migrations()); v++ {
		other, err := made(ctx, v)
		if err != nil {
			return err
		}
		if shape == other {
			return changed("its header says that its stored format is version %d, its tables are those of version %d", version, v)
		}
	}
	return compare(shape, want)
}

// made is the shape of a new file of a version.
func made(ctx context.Context, version int) (string, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return "", err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil) // another connection would have another memory
	if err != nil {
		return "", err
	}
	defer tx.Rollback()
	if err := lift(ctx, tx, 0, version); err != nil {
		return "", err
	}
	return shapeOf(ctx, tx)
}

// named is a table, index, trigger or view: what it is and what it is called, its table,
// and the statement that made it.
type named [4]string

func (n named) String() string { return n[0] + " " + n[1] }

// compare names what one shape has more, less or otherwise than the other.
func compare(shape, want string) error {
	var have, should []named
	if err := json.Unmarshal([]byte(shape), &have); err != nil {
		return changed("what it consists of cannot be read: %w", err)
	}
	if err := json.Unmarshal([]byte(want), &should); err != nil {
		return err
	}
	in := func(list []named, n named) int {
		return slices.IndexFunc(list, func(o named) bool { return o.String() == n.String() })
	}
	var wrong []string
	for _, n := range have {
		switch i := in(should, n); {
		case i < 0:
			wrong = append(wrong, n.String()+" is not Everqual's")
		case should[i] != n:
			wrong = append(wrong, n.String()+" is not as Everqual made it")
		}
	}
	for _, n := range should {
		if in(have, n) < 0 {
			wrong = append(wrong, n.String()+" is gone")
		}
	}
	return changed("%s", strings.Join(wrong, ", "))
}

// changed is the error about a file into which somebody reached.
func changed(format string, args ...any) error {
	return everqual.Permanent(fmt.Errorf("the database was changed: "+format+": restore it from a backup", args...))
}
