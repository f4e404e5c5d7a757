package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

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
	one, err := connect(path, 1, "&_query_only=1")
	if err != nil {
		return db, err
	}
	db.write = &writer{db: one}
	if err := db.openRead(path); err != nil {
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
