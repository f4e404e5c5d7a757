package embedded

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"sync"
)

// writer is the one connection that writes.
type writer struct {
	db         *sql.DB
	using      sync.Mutex           // the two below: who commits, or closes
	conn       *sql.Conn            // from the first change on
	statements map[string]*sql.Stmt // each is parsed once; also BEGIN and COMMIT

	mu      sync.Mutex
	waiting []*change
	busy    bool // somebody serves what waits, and has the connection
}

// Close ends the connection. It may be called more than once.
func (w *writer) Close() error {
	w.using.Lock()
	defer w.using.Unlock()
	var errs []error
	for _, s := range w.statements {
		errs = append(errs, s.Close())
	}
	w.statements = nil
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
		w.conn = nil
	}
	return errors.Join(append(errs, w.db.Close())...)
}

// change runs do in a transaction that holds the write lock from its start, and
// is durable on return. What waits for the lock at the same time is committed
// together: each change has its savepoint, so that one that fails takes nothing
// with it. Its statements do not end with ctx: an interrupted one would undo the
// changes of others.
func (w *writer) change(ctx context.Context, do func(tx *transaction) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &change{do: do, done: make(chan struct{})}
	w.mu.Lock()
	w.waiting = append(w.waiting, c)
	first := !w.busy
	w.busy = true
	w.mu.Unlock()
	if free := context.WithoutCancel(ctx); first && w.take(free) { // one's own commit needs nobody else
		go w.serve(free)
	}
	<-c.done
	return c.err
}

// change is one caller's part of a transaction.
type change struct {
	do   func(tx *transaction) error
	done chan struct{}
	err  error
}

// maxTogether bounds how many changes share a transaction.
const maxTogether = 256

// serve commits until nothing waits.
func (w *writer) serve(ctx context.Context) {
	for w.take(ctx) {
	}
}

var errDefect = errors.New("another change of the same commit met a defect: try again")

// take commits what waits, and tells whether more does now.
func (w *writer) take(ctx context.Context) (more bool) {
	w.mu.Lock()
	n := min(len(w.waiting), maxTogether)
	together := w.waiting[:n:n]
	w.waiting = w.waiting[n:]
	w.mu.Unlock()
	w.using.Lock()
	t, err := &transaction{ctx, w}, errDefect
	defer func() { // also when a change panics: nobody waits for ever
		well := err != errDefect
		if !well {
			_ = t.undo(nil)
		}
		w.using.Unlock()
		for _, c := range together {
			if c.err == nil {
				c.err = err
			}
			close(c.done)
		}
		w.mu.Lock()
		more = len(w.waiting) > 0
		w.busy = more
		w.mu.Unlock()
		if more && !well {
			go w.serve(ctx)
		}
	}()
	err = w.commit(t, together)
	return more
}

// commit makes the changes in one transaction. Its error is that of all.
func (w *writer) commit(t *transaction, changes []*change) error {
	if _, err := t.exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	for _, c := range changes {
		if err := t.part(c, len(changes) == 1); err != nil {
			return t.undo(err)
		}
	}
	if len(changes) == 1 && changes[0].err != nil {
		return t.undo(nil)
	}
	if _, err := t.exec(`COMMIT`); err != nil {
		return t.undo(err)
	}
	return nil
}

// transaction runs statements inside a transaction.
type transaction struct {
	ctx context.Context
	w   *writer
}

// undo ends the transaction, unless SQLite has done so because of err.
func (t *transaction) undo(err error) error {
	_, _ = t.exec(`ROLLBACK`)
	return err
}

// part runs one change. Its error means that the transaction cannot go on; that
// of the change itself stays with it.
func (t *transaction) part(c *change, alone bool) error {
	if alone {
		c.err = c.do(t)
		return nil
	}
	if _, err := t.exec(`SAVEPOINT part`); err != nil {
		return err
	}
	if c.err = c.do(t); c.err != nil {
		if _, err := t.exec(`ROLLBACK TO part`); err != nil {
			return err
		}
	}
	_, err := t.exec(`RELEASE part`)
	return err
}

func (t *transaction) statement(query string) (s *sql.Stmt, err error) {
	w := t.w
	if s := w.statements[query]; s != nil {
		return s, nil
	}
	if w.conn == nil {
		if w.conn, err = w.db.Conn(t.ctx); err != nil {
			return nil, err
		}
		w.statements = map[string]*sql.Stmt{}
	}
	if s, err = w.conn.PrepareContext(t.ctx, query); err == nil {
		w.statements[query] = s
	}
	return s, err
}

func (t *transaction) exec(query string, args ...any) (sql.Result, error) {
	s, err := t.statement(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(t.ctx, args...)
}

// write runs a statement that has to change so many rows of a table. A trigger of
// somebody else's can drop them, and SQLite says that all went well.
func (t *transaction) write(rows int, table, query string, args ...any) error {
	result, err := t.exec(query, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(rows) {
		return cmp.Or(err, notKept(table))
	}
	return nil
}

// insert runs a statement that adds a row unless there is one with the id.
func (t *transaction) insert(id, table, query string, args ...any) error {
	added, err := t.exec(query, args...)
	if err != nil {
		return err
	}
	return t.there(added, id, table)
}

// there refuses that a statement added no row though there is none with the id.
func (t *transaction) there(added sql.Result, id, table string) error {
	if n, err := added.RowsAffected(); err != nil || n > 0 {
		return err
	}
	var there bool
	err := t.row(`SELECT EXISTS (SELECT 1 FROM `+table+` WHERE id = ?)`, []any{id}, &there)
	if err == nil && !there {
		err = notKept(table)
	}
	return err
}

func notKept(table string) error {
	return changed("what is written to its table %s is not kept", table)
}

func (t *transaction) query(query string, args ...any) (*sql.Rows, error) {
	s, err := t.statement(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(t.ctx, args...)
}

// row reads one row into dest.
func (t *transaction) row(query string, args []any, dest ...any) error {
	s, err := t.statement(query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(t.ctx, args...).Scan(dest...)
}
