package embedded

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/home/embedded/page"
	"github.com/everqual/everqual/ledger"
)

// store keeps the ledger's records, in pages.
type store struct {
	db   *database
	tail tail
	limits

	appended atomic.Bool // by this process
}

func newStore(db *database) *store {
	return &store{db: db, limits: limits{soon: 1 << 12, late: 1 << 16}}
}

const insertPage = `INSERT INTO page VALUES (?, ?)`

// Head returns what the head row says.
func (s *store) Head(ctx context.Context) (ledger.Head, error) {
	m, err := s.marks(ctx)
	return m.head, err
}

// AtOnce knows no bound.
func (s *store) AtOnce() int { return 0 }

// Append writes the records in one transaction, which holds the write lock
// while it compares the head.
func (s *store) Append(ctx context.Context, after ledger.Head, records []everqual.Record) error {
	if len(records) == 0 {
		return nil
	}
	if err := s.learn(ctx); err != nil {
		return err
	}
	var laid layout
	var laying sync.WaitGroup
	if len(records) < page.Most {
		laid = paged(records)
	} else {
		laying.Go(func() { laid = paged(records) }) // while the keys are looked for
	}
	defer laying.Wait()
	indexed := uint64(0)
	err := s.db.write.change(ctx, func(tx *transaction) error {
		if s.db.unchanged != nil { // nothing can be written; what is there needs no writing
			return cmp.Or(s.refuseTaken(tx, records), errReading)
		}
		last := records[len(records)-1]
		moved, err := tx.exec(`UPDATE head SET sequence = ?, hash = ? WHERE sequence = ? AND hash = ?`, last.Sequence, last.Hash, after.Sequence, after.Hash)
		if err != nil {
			return fmt.Errorf("move the ledger's head: %w", err)
		}
		if n, err := moved.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, elsewhere(tx, after))
		}
		if err := s.refuseTaken(tx, records); err != nil {
			return err
		}
		laying.Wait()
		for _, p := range laid.pages {
			if err := tx.write(1, "page", insertPage, p.first, p.text); err != nil {
				return fmt.Errorf("insert record %d: %w", p.first, err)
			}
		}
		indexed, err = s.index(tx, len(records))
		return err
	})
	if err == nil {
		s.appended.Store(true)
		s.tail.follow(after.Sequence, records[len(records)-1].Sequence, laid.mentions, indexed)
	}
	return err
}

// elsewhere is why the head could not be moved: it had been, or it cannot.
func elsewhere(tx *transaction, after ledger.Head) error {
	var m marks
	err := m.from(func(dest ...any) error { return tx.row(readMarks, nil, dest...) })
	if err == nil && m.head == after {
		err = notKept("head")
	}
	return cmp.Or(err, ledger.ErrConflict)
}

// encoded is a page to be.
type encoded struct {
	first uint64
	text  []byte
}

// layout is the pages that records make, and what those mention.
type layout struct {
	pages    []encoded
	mentions []mention
}

func paged(records []everqual.Record) (l layout) {
	l.mentions = make([]mention, 0, 3*len(records))
	e := encoders.Get().(*page.Encoder)
	defer encoders.Put(e)
	for len(records) > 0 {
		text, n := e.Encode(records)
		l.pages = append(l.pages, encoded{records[0].Sequence, text})
		l.mentions = mentioned(l.mentions, records[:n])
		records = records[n:]
	}
	return l
}

// encoders keep their memory from one append to the next.
var encoders = sync.Pool{New: func() any { return new(page.Encoder) }}

// refuseTaken looks for the keys in what is kept, while nobody else appends.
func (s *store) refuseTaken(tx *transaction, records []everqual.Record) error {
	own := make(map[string]bool, len(records))
	names := make([]int64, len(records))
	for i, r := range records {
		if own[r.Key] {
			return ledger.ErrConflict
		}
		own[r.Key], names[i] = true, nameNumber(r.Key)
	}
	if err := s.upTo(tx.ctx, records[0].Sequence-1); err != nil {
		return err
	}
	firsts, err := s.withKeys(tx.query, names)
	if err != nil {
		return fmt.Errorf("look for taken keys: %w", err)
	}
	_, taken, err := s.within(tx.ctx, firsts, func(r everqual.Record) bool { return own[r.Key] })
	if err == nil && taken {
		err = ledger.ErrConflict
	}
	return err
}

// Find returns the record with the key.
func (s *store) Find(ctx context.Context, key string) (everqual.Record, bool, error) {
	if err := s.catchUp(ctx); err != nil {
		return everqual.Record{}, false, err
	}
	firsts, err := s.withKeys(s.reading(ctx), []int64{nameNumber(key)})
	if err != nil {
		return everqual.Record{}, false, fmt.Errorf("read records: %w", err)
	}
	return s.within(ctx, firsts, func(r everqual.Record) bool { return r.Key == key })
}

// within looks for a record in some pages.
func (s *store) within(ctx context.Context, firsts []uint64, is func(everqual.Record) bool) (everqual.Record, bool, error) {
	for _, first := range firsts {
		kept, err := s.page(ctx, first)
		if err != nil {
			return everqual.Record{}, false, err
		}
		if i := slices.IndexFunc(kept, is); i >= 0 {
			return kept[i], true, nil
		}
	}
	return everqual.Record{}, false, nil
}

// page reads one page. There may be none: of an append that is not committed.
func (s *store) page(ctx context.Context, first uint64) ([]everqual.Record, error) {
	var text []byte
	err := s.db.read.row(ctx, `SELECT records FROM page WHERE first = ?`, []any{first}, &text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read records: %w", err)
	}
	records, err := page.Decode(first, text)
	if err != nil {
		var next uint64
		if e := s.db.read.row(ctx, `SELECT coalesce(min(first), 0) FROM page WHERE first > ?`, []any{first}, &next); e != nil {
			return nil, errors.Join(err, e)
		}
		return nil, unreadable(first, next, err)
	}
	return records, nil
}

// Range returns records in the order of their sequence.
func (s *store) Range(ctx context.Context, q ledger.Query) ([]everqual.Record, error) {
	w := wanted{Query: q, after: int64(min(q.After, math.MaxInt64))}
	if q.Descending && q.After == 0 {
		w.after = math.MaxInt64
	}
	find := s.lookUp
	if q.Subject == "" && q.Kind == "" {
		find = s.walk
	}
	err := find(ctx, &w)
	return w.records, err
}

// wanted is what a query asks for, and what was found of it.
type wanted struct {
	ledger.Query
	after   int64
	records []everqual.Record
}

// add takes what the query asks for of a page, and tells whether it wants more.
func (w *wanted) add(page []everqual.Record) bool {
	if w.Descending {
		slices.Reverse(page)
	}
	for _, r := range page {
		n := int64(r.Sequence)
		if w.Descending && n < w.after || !w.Descending && n > w.after {
			if (w.Kind == "" || r.Kind == w.Kind) && (w.Subject == "" || slices.Contains(r.Subjects, w.Subject)) && w.more() {
				w.records = append(w.records, r)
			}
		}
	}
	return w.more()
}

func (w *wanted) more() bool { return w.Limit <= 0 || len(w.records) < w.Limit }

// walk reads page after page.
func (s *store) walk(ctx context.Context, w *wanted) error {
	query := `SELECT first, records FROM page WHERE first >= coalesce((SELECT max(first) FROM page WHERE first <= ?), 0) ORDER BY first`
	if w.Descending {
		query = `SELECT first, records FROM page WHERE first < ? ORDER BY first DESC`
	}
	rows, err := s.db.read.query(ctx, query, w.after)
	if err != nil {
		return fmt.Errorf("read records: %w", err)
	}
	return each(rows, w.add)
}

// each gives the pages of the rows to do, until it wants no more.
func each(rows *sql.Rows, do func(page []everqual.Record) bool) error {
	defer rows.Close()
	for before := uint64(0); rows.Next(); {
		var first uint64
		var text []byte
		if err := rows.Scan(&first, &text); err != nil {
			return err
		}
		records, err := page.Decode(first, text)
		if err != nil {
			next := before // of rows that descend
			if before < first && rows.Next() {
				err = errors.Join(err, rows.Scan(&next, &text))
			}
			return unreadable(first, next, err)
		}
		if !do(records) {
			return nil
		}
		before = first
	}
	return rows.Err()
}

// unreadable says of which records a page is that cannot be read, as far as it is known
// where the next one begins.
func unreadable(first, next uint64, err error) error {
	of := fmt.Sprintf("from %d on", first)
	switch {
	case next == first+1:
		return err // names it
	case next > first:
		of = fmt.Sprintf("%d to %d", first, next-1)
	}
	return everqual.Permanent(fmt.Errorf("the page of the records %s cannot be read: %w", of, err))
}

// lookUp reads the pages that mention what the query names.
func (s *store) lookUp(ctx context.Context, w *wanted) error {
	for first, err := range s.mentioning(ctx, w) {
		if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		records, err := s.page(ctx, first)
		if err != nil || !w.add(records) {
			return err
		}
	}
	return nil
}
