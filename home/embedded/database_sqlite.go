package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// fileName is the one file that holds ledger and queue.
const fileName = "everqual.db"

// database is the home's SQLite file: one connection that writes, and some
// that read beside it. Several processes may hold the same file.
type database struct {
	write *writer
	read  *pool
	// unchanged tells whether a file that lies where nothing can be written is still
	// what it was; nil: it is not such a file.
	unchanged func() error
}

// openDatabase opens the file in dir, making it where there is none.
func openDatabase(ctx context.Context, dir string) (*database, error) {
	path := filepath.Join(dir, fileName)
	if err := touch(path); err != nil {
		return nil, err
	}
	// As SQLite's own builds do where there is an fdatasync; else no change.
	_, _ = sqlite.Fdatasync(true)
	db := &database{}
	one, err := connect(path, 1, writable+"&_txlock=immediate")
	if err == nil {
		db.write = &writer{db: one}
		err = retryBusy(ctx, func() error { return migrate(ctx, one) })
	}
	if err == nil {
		err = db.openRead(path, writable)
	}
	if err != nil {
		return nil, errors.Join(explain(path, err), db.Close())
	}
	return db, nil
}

// touch makes the file with its permissions before SQLite would, which gives
// the same ones to its -wal and -shm files.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open home: %w: choose a directory that you may write to", err)
	}
	return f.Close()
}

// writable is the mode of a file that may be written to.
const writable = "mode=rw"

// connect prepares a pool of up to n connections. synchronous=FULL makes a
// commit durable on return; busy_timeout waits for another process's commit. The
// log, which grows with the largest commit, shrinks to the limit again.
func connect(path string, n int, mode string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}
	dsn := name.String() + "?_busy_timeout=10000&_synchronous=FULL&_defensive=1&_dqs=0&_pragma=journal_size_limit(67108864)&" + mode
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

func (db *database) openRead(path, mode string) error {
	some, err := connect(path, 4, mode+"&_query_only=1")
	if err == nil {
		db.read = &pool{DB: some, prepared: map[string]*sql.Stmt{}}
	}
	return err
}

// Close may be called more than once.
func (db *database) Close() error {
	var errs []error
	if db.read != nil {
		errs = append(errs, db.read.Close())
	}
	if db.write != nil {
		errs = append(errs, db.write.Close())
	}
	if db.unchanged != nil {
		errs = append(errs, db.unchanged())
	}
	return errors.Join(errs...)
}

var errForeign = errors.New("it is no everqual home")

// explain says what to do about an error that SQLite gave for the whole file.
func explain(path string, err error) error {
	advice := ""
	switch code := codeOf(err) & 0xff; {
	case errors.Is(err, errForeign), code == sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("open home: %s is another program's file: name another directory for the home", path)
	case code == sqlite3.SQLITE_CORRUPT:
		advice = ": restore it from a backup"
	case code == sqlite3.SQLITE_CANTOPEN, code == sqlite3.SQLITE_READONLY, code == sqlite3.SQLITE_PERM, errors.Is(err, fs.ErrPermission):
		advice = fmt.Sprintf(": you need to be allowed to write to %s and to the files in it", filepath.Dir(path))
	case code == sqlite3.SQLITE_BUSY:
		advice = ": another process holds it; end that process or wait for it"
	case code == sqlite3.SQLITE_FULL:
		advice = ": the disk is full; make room"
	}
	return fmt.Errorf("open home %s: %w%s", path, err, advice)
}

// codeOf returns SQLite's extended result code, 0 when err has none.
func codeOf(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// retryBusy repeats do for a few seconds while another process holds the file
// in a way that busy_timeout does not wait for.
func retryBusy(ctx context.Context, do func() error) error {
	for wait := time.Millisecond; ; wait *= 2 {
		err := do()
		if codeOf(err)&0xff != sqlite3.SQLITE_BUSY || wait > 4*time.Second {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}
