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

func (p *pool) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
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

// change runs do in a transaction that holds the write lock from its start.
func (p *pool) change(ctx context.Context, do func(tx *transaction) error) error {
	tx, err := p.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	t := &transaction{ctx: ctx, tx: tx, pool: p, used: map[string]*sql.Stmt{}}
	if err := do(t); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, query := range t.unknown {
		_, _ = p.prepare(ctx, query) // for the next time; failing costs time only
	}
	return nil
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
