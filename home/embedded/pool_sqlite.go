package embedded

import (
	"context"
	"database/sql"
	"sync"
)

// pool is a set of connections that read. It parses each statement once: parsing
// takes longer than most of what the statements do.
type pool struct {
	*sql.DB
	mu       sync.Mutex
	prepared map[string]*sql.Stmt
}

// prepare returns the statement, parsed at its first use.
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
