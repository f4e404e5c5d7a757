package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

// errReading is what a home says that was opened to be read.
var errReading = errors.New("the home was opened to be read only")

// Look opens the home in dir to be read: it makes nothing and upgrades nothing, and
// what would write is an error. Others may work in it.
func Look(ctx context.Context, dir string, opt Options) (flow.Home, error) {
	path := filepath.Join(dir, fileName)
	if info, err := os.Stat(path); err != nil || info.Size() < smallest {
		return flow.Home{}, fmt.Errorf("open home: %s has no whole %s: name another directory, or restore it from a backup", dir, fileName)
	}
	switch _, err := os.Stat(filepath.Join(dir, "archive")); {
	case err == nil:
		return flow.Home{}, fmt.Errorf("open home: %s has the archive of an older format: back it up, then 'everqual status' upgrades it", dir)
	case !errors.Is(err, fs.ErrNotExist):
		return flow.Home{}, fmt.Errorf("open home: %w", err)
	}
	db, err := lookInto(ctx, path)
	if err != nil {
		return flow.Home{}, errors.Join(explain(path, err), db.Close())
	}
	nobody := func(context.Context) (ledger.Signer, string, error) { return nil, "", errReading }
	return assembled(db, &archive{db, path}, opt.complete(), nobody), nil
}

func lookInto(ctx context.Context, path string) (*database, error) {
	db := &database{}
	mode, err := modeOf(path)
	if err != nil {
		return db, err
	}
	only := "&_query_only=1"
	if mode != writable {
		if db.unchanged, err = remember(path); err != nil {
			return db, err
		}
		only = "" // it would also keep Backup from writing a copy
	}
	one, err := connect(path, 1, mode+only)
	if err != nil {
		return db, err
	}
	db.write = &writer{db: one}
	if err := db.openRead(path, mode); err != nil {
		return db, err
	}
	have, err := formatOf(ctx, db.read.DB)
	switch {
	case err != nil:
	case have == len(migrations()):
		err = sound(ctx, db.read.DB)
	default:
		err = fmt.Errorf("its stored format is version %d, this program writes %d: back it up, then 'everqual status' upgrades it", have, len(migrations()))
	}
	return db, err
}

// modeOf is how SQLite is to open a file. Beside one that may be written to it keeps
// notes of who reads, which it would leave with the permissions of one that may not be.
// Where nothing can be written it needs no notes if no log is there, which whoever has
// the file open would have made.
func modeOf(path string) (string, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case err == nil:
		return writable, f.Close()
	case !errors.Is(err, syscall.EROFS):
		return "", err
	}
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		return "mode=ro&immutable=1", nil
	}
	return "mode=ro", nil
}

// remember gives a check that a file is what it was: the same place may be writable for
// others.
func remember(path string) (unchanged func() error, err error) {
	before, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return func() error {
		now, err := os.Stat(path)
		if err == nil && (!os.SameFile(now, before) || now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime())) {
			err = fmt.Errorf("%s was changed while it was read, from where it can be written to: read it again", path)
		}
		return err
	}, nil
}
