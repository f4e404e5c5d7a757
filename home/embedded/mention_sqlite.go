package embedded

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"iter"
	"slices"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/home/embedded/page"
)

// Records are found through a table that says which pages mention a name. A row of
// it is at another place than the row before, and costs a page of the file: rows are
// added many at once, and until then they are in memory.

// mention is a row of the table.
type mention struct {
	name  int64
	kind  int64
	first uint64
}

func nameNumber(name string) int64 {
	sum := sha256.Sum256([]byte(name))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// aKey is the kind of a name that is a key.
const aKey = 0

// kindNumber is aKey for no kind.
func kindNumber(k everqual.Kind) int64 {
	if k == "" {
		return aKey
	}
	return nameNumber(string(k))&0x7fff + 1
}

var anything = nameNumber("")

// mentioned adds what a page mentions.
func mentioned(to []mention, page []everqual.Record) []mention {
	first := page[0].Sequence
	for i, r := range page {
		kind := kindNumber(r.Kind)
		to = append(to, mention{nameNumber(r.Key), aKey, first})
		for _, s := range r.Subjects {
			to = append(to, mention{nameNumber(s), kind, first})
		}
		if !slices.ContainsFunc(page[:i], func(before everqual.Record) bool { return before.Kind == r.Kind }) {
			to = append(to, mention{anything, kind, first})
		}
	}
	return to
}

func (m mention) compare(o mention) int {
	if c := cmp.Compare(m.name, o.name); c != 0 { // mostly
		return c
	}
	return cmp.Or(cmp.Compare(m.kind, o.kind), cmp.Compare(m.first, o.first))
}

// An append of fewer records than bulk has a caller who can wait until the index is
// brought up to date: that is when soon are missing in it, else when late.
const bulk = 4

// limits are how many records may be missing in the index. Who appends little waits
// for no more than soon of them.
type limits struct{ soon, late uint64 }

// index brings the table up to date when it is time: with what was kept before this
// append, which others have seen. It returns up to which record that is, 0 if not now.
func (s *store) index(tx *transaction, appending int) (to uint64, err error) {
	switch missing := s.tail.size(); {
	case missing >= s.late:
		return s.indexTail(tx, missing)
	case missing >= s.soon && appending < bulk:
		return s.indexTail(tx, s.soon)
	}
	return 0, nil
}

// settle brings the table up to date for who opens the home next.
func (s *store) settle(ctx context.Context) error {
	if !s.appended.Load() || s.tail.size() < s.soon/16 {
		return nil
	}
	return s.db.write.change(ctx, func(tx *transaction) error {
		if err := s.catchUp(tx.ctx); err != nil {
			return err
		}
		_, err := s.indexTail(tx, s.tail.size())
		return err
	})
}

// indexTail adds the rows of the first records of the tail, up to the end of a page, and
// returns the last of them. The caller holds the write lock, and the tail is up to date.
func (s *store) indexTail(tx *transaction, records uint64) (to uint64, err error) {
	var indexed uint64
	if err := tx.row(`SELECT sequence FROM indexed`, nil, &indexed); err != nil {
		return 0, err
	}
	to, mentions := s.tail.after(indexed, records)
	if to <= indexed {
		return to, nil // another process was faster
	}
	err = insertMentions(mentions, func(query string, args []any) error {
		return tx.write(len(args)/3, "mention", query, args...)
	})
	if err == nil {
		err = tx.write(1, "indexed", `UPDATE indexed SET sequence = ?`, to)
	}
	return to, err
}

// insertMentions adds rows, in the order of the table: those of one page of the file
// come together.
func insertMentions(mentions []mention, exec func(query string, args []any) error) error {
	slices.SortFunc(mentions, mention.compare)
	for part := range portions(slices.Compact(mentions)) {
		args := make([]any, 0, 3*len(part))
		for _, m := range part {
			args = append(args, m.name, m.kind, m.first)
		}
		if err := exec(`INSERT INTO mention VALUES (?, ?, ?)`+strings.Repeat(`, (?, ?, ?)`, len(part)-1), args); err != nil {
			return err
		}
	}
	return nil
}

// portions cuts a list into parts of 64, 16, 4 and 1: few statements to prepare.
func portions[T any](list []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for n := 64; n > 0; n /= 4 {
			for ; len(list) >= n; list = list[n:] {
				if !yield(list[:n]) {
					return
				}
			}
		}
	}
}

// withKeys returns the pages that mention a key of one of these numbers, each once. The
// tail is up to date.
func (s *store) withKeys(query querying, names []int64) (firsts []uint64, err error) {
	for _, n := range names {
		firsts = s.tail.find(firsts, n, func(kind int64) bool { return kind == aKey })
	}
	for part := range slices.Chunk(s.tail.doubtful(slices.Sorted(slices.Values(names))), 64) {
		size := 1
		for size < len(part) {
			size *= 4 // few statements to prepare
		}
		args := make([]any, size)
		for i := range args {
			args[i] = part[min(i, len(part)-1)] // filled up with the last
		}
		found, err := firstsOf(query(`SELECT first FROM mention WHERE kind = 0 AND name IN (?`+strings.Repeat(`, ?`, size-1)+`)`, args...))
		if err != nil {
			return nil, err
		}
		firsts = append(firsts, found...)
	}
	slices.Sort(firsts)
	return slices.Compact(firsts), nil
}

// atOnce is how many rows are read before their pages are.
const atOnce = 512

// mentioning gives the pages that a query wants to see, in its order. The tail is
// asked first: what leaves it is in the table by then.
func (s *store) mentioning(ctx context.Context, w *wanted) iter.Seq2[uint64, error] {
	return func(yield func(uint64, error) bool) {
		if err := s.catchUp(ctx); err != nil {
			yield(0, err)
			return
		}
		recent := s.recent(w)
		from := max(w.after-page.Most, -1) // its page may begin so far before
		if w.Descending {
			from = w.after
			for _, first := range recent {
				if !yield(first, nil) {
					return
				}
				from = int64(first)
			}
		}
		for first, err := range s.older(ctx, w, from) {
			if !yield(first, err) || err != nil {
				return
			}
			from = int64(first)
		}
		if !w.Descending {
			for _, first := range recent {
				if int64(first) > from && !yield(first, nil) {
					return
				}
			}
		}
	}
}

// recent is what the tail says, in the order of the query.
func (s *store) recent(w *wanted) []uint64 {
	kind := kindNumber(w.Kind)
	firsts := s.tail.find(nil, nameNumber(w.Subject), func(k int64) bool { return k == kind || kind == aKey && k != aKey })
	slices.Sort(firsts)
	firsts = slices.Compact(firsts)
	if w.Descending {
		slices.Reverse(firsts)
		firsts = slices.DeleteFunc(firsts, func(first uint64) bool { return int64(first) >= w.after })
	}
	return firsts
}

// older is what the table says beyond from.
func (s *store) older(ctx context.Context, w *wanted, from int64) iter.Seq2[uint64, error] {
	is, compare, order := `=`, `>`, `ASC`
	if w.Kind == "" {
		is = `>` // any but aKey
	}
	if w.Descending {
		compare, order = `<`, `DESC`
	}
	limit := atOnce
	if w.Limit > 0 {
		limit = min(limit, w.Limit)
	}
	query := `SELECT DISTINCT first FROM mention WHERE name = ? AND kind ` + is + ` ? AND first ` + compare + ` ? ORDER BY first ` + order + ` LIMIT ?`
	return func(yield func(uint64, error) bool) {
		for n := limit; n == limit; {
			firsts, err := firstsOf(s.db.read.query(ctx, query, nameNumber(w.Subject), kindNumber(w.Kind), from, limit))
			if err != nil {
				yield(0, err)
				return
			}
			for _, first := range firsts {
				if from = int64(first); !yield(first, nil) {
					return
				}
			}
			n = len(firsts)
		}
	}
}

// querying asks the file, inside or outside of a transaction.
type querying func(query string, args ...any) (*sql.Rows, error)

func (s *store) reading(ctx context.Context) querying {
	return func(query string, args ...any) (*sql.Rows, error) { return s.db.read.query(ctx, query, args...) }
}

func firstsOf(rows *sql.Rows, err error) (firsts []uint64, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var first uint64
		if err := rows.Scan(&first); err != nil {
			return nil, err
		}
		firsts = append(firsts, first)
	}
	return firsts, rows.Err()
}
