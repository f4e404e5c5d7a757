// Package embedded is the home on one machine: ledger, queue and archive in a
// SQLite file, nothing to install. Its twin on AWS
// has a file of the same name for every file here.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

// Options are what a home does not decide itself.
type Options struct {
	Clock  flow.Clock    // nil: the machine's
	Notify flow.Notifier // nil: nobody is told
	// Random is where the home's key comes from when it has none; nil: the
	// machine's. Only a demonstration, whose key is worth nothing, has another.
	Random io.Reader
	// Sign gives another key than the home's own, such as one that a service holds,
	// with its public part; nil: the home's.
	Sign func(ctx context.Context) (ledger.Signer, string, error)
}

func (o Options) complete() Options {
	if o.Clock == nil {
		o.Clock = flow.MachineClock{}
	}
	if o.Notify == nil {
		o.Notify = silence{}
	}
	return o
}

// Open opens the home in dir and makes it where there is none, readable by its
// owner alone; an existing directory keeps its permissions. Several processes
// may have the same home open.
//
// A home on a file system that cannot be written to is opened as by Look.
//
// Ledger, queue and archive share one file, so that a backup cannot tear them
// apart, but no transaction that anybody may rest on: on AWS they are services of
// their own.
func Open(dir string, opt Options) (flow.Home, error) {
	opt = opt.complete()
	if err := makeDir(dir); err != nil {
		return flow.Home{}, err
	}
	db, err := openDatabase(context.Background(), dir)
	if errors.Is(err, syscall.EROFS) {
		return Look(context.Background(), dir, opt)
	}
	if err != nil {
		return flow.Home{}, err
	}
	blobs := &archive{db, filepath.Join(dir, fileName)}
	if err := blobs.takeIn(context.Background(), filepath.Join(dir, "archive")); err != nil {
		return flow.Home{}, errors.Join(err, db.Close())
	}
	k := &keys{dir: filepath.Join(dir, "keys"), random: opt.Random, other: opt.Sign}
	home := assembled(db, blobs, opt, func(ctx context.Context) (ledger.Signer, string, error) { return k.pair(ctx) })
	k.records = home.Ledger
	return home, nil
}

func assembled(db *database, blobs *archive, opt Options, sign func(context.Context) (ledger.Signer, string, error)) flow.Home {
	kept := newStore(db)
	records := ledger.New(kept, opt.Clock.Now)
	return flow.Home{
		Ledger:  records,
		Archive: blobs,
		Queue:   &queue{db, opt.Clock},
		Notify:  opt.Notify,
		Clock:   opt.Clock,
		Signer:  sign,
		Close: sync.OnceValue(func() error {
			ctx := context.Background()
			return errors.Join(records.Seal(ctx, sign), kept.settle(ctx), db.Close())
		}),
	}
}

// makeDir makes the home's directory durable and private. It refuses a home
// that has lost its database: starting an empty ledger there would hide it.
func makeDir(dir string) error {
	switch info, err := os.Stat(dir); {
	case err == nil && !info.IsDir():
		return fmt.Errorf("open home: %s is a file: name a directory", dir)
	case err == nil:
		return errors.Join(refuseHeadless(dir), refuseForeign(dir))
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("open home: %w: choose a directory that you may read", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make home: %w: choose a directory that you may write to", err)
	}
	return syncDir(filepath.Dir(filepath.Clean(dir)))
}

// smallest is the size of SQLite's file header: a file below it has lost its
// content, and would be taken for a new one.
const smallest = 100

func refuseHeadless(dir string) error {
	_, folder := os.Stat(filepath.Join(dir, "archive"))
	k := keys{dir: filepath.Join(dir, "keys")}
	_, secret := os.Stat(k.secret())
	_, public := os.Stat(k.public()) // alone, where the key is kept elsewhere
	if folder != nil && secret != nil && public != nil {
		return nil
	}
	info, err := os.Stat(filepath.Join(dir, fileName))
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() < smallest {
		return fmt.Errorf("open home: %s was a home but has no whole %s: restore it from a backup, or name another directory", dir, fileName)
	}
	return nil
}

// laidOut are what people put into a folder before it is a home.
var laidOut = []string{"specs", "rules", "keys", "notify.json", "notices.log", "archive", "lost+found"}

// refuseForeign refuses to make a home of a folder of something else, which is a wrong
// name most likely.
func refuseForeign(dir string) error {
	if There(dir) {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("open home: %w: choose a directory that you may read", err)
	}
	for _, e := range entries {
		if !slices.Contains(laidOut, e.Name()) && !strings.HasPrefix(e.Name(), ".") && !There(dir) {
			return fmt.Errorf("make home: %s is a folder of something else: it holds %s and no %s: name a new folder, or an empty one", dir, e.Name(), fileName)
		}
	}
	return nil
}

// Find refuses a folder that holds no home, or has lost its database.
func Find(dir string) error {
	if err := refuseHeadless(dir); err != nil || There(dir) {
		return err
	}
	return fmt.Errorf("no home in %s (there is no %s)", dir, fileName)
}

// There tells whether dir holds a home, whole or not.
func There(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, fileName))
	return !errors.Is(err, fs.ErrNotExist)
}

// Sync makes the entries of a directory durable.
func Sync(dir string) error { return syncDir(dir) }

// syncDir makes the entries of a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("make home durable: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("make home durable: %w", err)
	}
	return nil
}

// silence tells nobody.
type silence struct{}

func (silence) Notify(context.Context, flow.Notice) error { return nil }
