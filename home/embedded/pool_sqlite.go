package embedded

import (
	"context"
	"database/sql"
	"sync"
)

// pool is a set of connections that parses each statement once: parsing takes
// longer than most of what the statements do.
type pool struct {
	*sql.DB
	mu       sync.Mutex
	prepared map[string]*sql.Stmt
	waiting  []*change
	busy     bool // somebody serves what waits
}

// prepare returns the statement, parsed at its first use. It waits for a free
// connection, so it must not be called inside a transaction.
func (p *pool) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := p.known(query); s != nil {
		return s, nil
	}
	s, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.prepared[query]; first != nil { // somebody else was faster
		return first, s.Close()
	}
	p.prepared[query] = s
	return s, nil
}

func (p *pool) known(query string) *sql.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.prepared[query]
}

func (p *pool) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// row reads one row into dest.
func (p *pool) row(ctx context.Context, query string, args []any, dest ...any) error {
	s, err := p.prepare(ctx, query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(ctx, args...).Scan(dest...)
}

// change runs do in a transaction that holds the write lock from its start, and
// is durable on return. What waits for the lock at the same time is committed
// together: each change has its savepoint, so that one that fails takes nothing
// with it. Its statements do not end with ctx: an interrupted one would undo the
// changes of others.
func (p *pool) change(ctx context.Context, do func(tx *transaction) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &change{do: do, done: make(chan struct{})}
	p.mu.Lock()
	p.waiting = append(p.waiting, c)
	first := !p.busy
	p.busy = true
	p.mu.Unlock()
	if first {
		go p.serve(context.WithoutCancel(ctx))
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
func (p *pool) serve(ctx context.Context) {
	for {
		p.mu.Lock()
		n := min(len(p.waiting), maxTogether)
		together := p.waiting[:n:n]
		p.waiting = p.waiting[n:]
		p.busy = n > 0
		p.mu.Unlock()
		if n == 0 {
			return
		}
		err := p.commit(ctx, together)
		for _, c := range together {
			if c.err == nil {
				c.err = err
			}
			close(c.done)
		}
	}
}

// commit makes the changes in one transaction. Its error is that of all.
func (p *pool) commit(ctx context.Context, changes []*change) error {
	tx, err := p.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	t := &transaction{ctx: ctx, tx: tx, pool: p, used: map[string]*sql.Stmt{}}
	for _, c := range changes {
		if err := t.part(c, len(changes) == 1); err != nil {
			return err
		}
	}
	if len(changes) == 1 && changes[0].err != nil {
		return nil // rolled back
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, query := range t.unknown {
		_, _ = p.prepare(ctx, query) // for the next time; failing costs time only
	}
	return nil
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

// transaction runs statements inside a transaction.
type transaction struct {
	ctx     context.Context
	tx      *sql.Tx
	pool    *pool
	used    map[string]*sql.Stmt
	unknown []string // to the pool
}

func (t *transaction) statement(query string) (*sql.Stmt, error) {
	if s := t.used[query]; s != nil {
		return s, nil
	}
	if s := t.pool.known(query); s != nil {
		t.used[query] = t.tx.StmtContext(t.ctx, s)
		return t.used[query], nil
	}
	s, err := t.tx.PrepareContext(t.ctx, query)
	if err == nil {
		t.used[query], t.unknown = s, append(t.unknown, query)
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

// row reads one row into dest.
func (t *transaction) row(query string, args []any, dest ...any) error {
	s, err := t.statement(query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(t.ctx, args...).Scan(dest...)
}
