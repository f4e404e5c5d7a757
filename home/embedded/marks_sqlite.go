package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/home/embedded/page"
	"github.com/everqual/everqual/ledger"
)

// marks are the two rows that say how far the ledger goes, and how far its index does.
type marks struct {
	head    ledger.Head
	indexed uint64
}

const readMarks = `SELECT (SELECT sequence FROM head), (SELECT hash FROM head), (SELECT sequence FROM indexed)`

// from reads them, and refuses what cannot be. What the index says beyond the head would
// hide each key that is appended until there.
func (m *marks) from(row func(dest ...any) error) error {
	var sequence, hash, indexed any
	if err := row(&sequence, &hash, &indexed); err != nil {
		return fmt.Errorf("read ledger head: %w", err)
	}
	last, ok := sequence.(int64)
	text, isText := hash.(string)
	m.head = ledger.Head{Sequence: uint64(last), Hash: everqual.Digest(text)}
	switch empty := last == 0 && isText && text == ""; {
	case sequence == nil && hash == nil:
		return changed("the row that says which record is the last (table head) is gone")
	case !ok || last < 0 || !empty && (last == 0 || m.head.Hash.Hex() == ""):
		return changed("the row that says which record is the last (table head) is damaged: it says %v, %v", sequence, hash)
	}
	to, ok := indexed.(int64)
	switch m.indexed = uint64(to); {
	case indexed == nil:
		return changed("the row that says how far the index goes (table indexed) is gone")
	case !ok || to < 0:
		return changed("the row that says how far the index goes (table indexed) is damaged: it says %v", indexed)
	case to > last:
		return changed("the index says that it goes up to record %d, the last record is %d", to, last)
	}
	return nil
}

// marks reads how far ledger and index go.
func (s *store) marks(ctx context.Context) (m marks, err error) {
	err = m.from(func(dest ...any) error { return s.db.read.row(ctx, readMarks, nil, dest...) })
	return m, err
}

// snapshot is one state that all its queries see, and how far ledger and index go in it.
func (s *store) snapshot(ctx context.Context) (tx *sql.Tx, m marks, err error) {
	if tx, err = s.db.read.BeginTx(ctx, nil); err != nil {
		return nil, m, err
	}
	if err = m.from(tx.QueryRowContext(ctx, readMarks).Scan); err != nil {
		return nil, m, errors.Join(err, tx.Rollback())
	}
	return tx, m, nil
}

// reaches refuses an index that ends before the record which it names: the key of that
// one is looked up. What is missing before it, only Indexed can tell.
func (s *store) reaches(ctx context.Context, indexed uint64) error {
	var first uint64
	var text []byte
	err := s.db.read.row(ctx, `SELECT first, records FROM page WHERE first <= ? ORDER BY first DESC LIMIT 1`, []any{indexed}, &first, &text)
	if err == sql.ErrNoRows {
		return changed("the index says that it goes up to record %d, and there is none", indexed)
	}
	if err != nil {
		return fmt.Errorf("read records: %w", err)
	}
	records, err := page.Decode(first, text)
	if err != nil {
		return err
	}
	found := 0
	key := nameNumber(records[len(records)-1].Key)
	err = s.db.read.row(ctx, `SELECT count(*) FROM mention WHERE name = ? AND kind = 0 AND first = ?`, []any{key, first}, &found)
	if err == nil && found == 0 {
		err = changed("the index says that it goes up to record %d, and does not know the records from %d on", indexed, first)
	}
	return err
}
