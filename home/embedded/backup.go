package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Backup copies the home in dir to the folder out, which must be new, as it is at one
// moment: others may go on working in it. The copy is a home like any other, with the
// same key, and as secret.
func Backup(ctx context.Context, dir, out string) (failed error) {
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("back up to %s: it is there already: name a new folder", out)
	}
	out = filepath.Clean(out)
	if inside, err := insideOf(out, dir); err != nil || inside {
		return cmp.Or(err, fmt.Errorf("back up to %s: it is inside of the home, of which it would be a part: name a folder elsewhere", out))
	}
	if err := refuseHeadless(dir); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, fileName)); err != nil {
		return fmt.Errorf("back up %s: it is no home: %w", dir, err)
	}
	db, err := openDatabase(ctx, dir)
	if errors.Is(err, syscall.EROFS) {
		if db, err = lookInto(ctx, filepath.Join(dir, fileName)); err != nil {
			return errors.Join(explain(dir, err), db.Close())
		}
	}
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, db.Close()) }()
	// Before the ledger is copied: what it remembers is in the copy then, whoever signs
	// meanwhile.
	signed, err := os.ReadFile(keys{dir: filepath.Join(dir, "keys")}.signed())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("back up %s: %w", dir, err)
	}
	part := out + ".part"
	if err := os.RemoveAll(part); err != nil { // of a backup that was cut off
		return fmt.Errorf("back up: %w", err)
	}
	if err := os.MkdirAll(part, 0o700); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := errors.Join(copyDatabase(ctx, db, part), copyRest(dir, part), copySigned(part, signed)); err != nil {
		return errors.Join(fmt.Errorf("back up %s: %w", dir, err), os.RemoveAll(part))
	}
	if err := os.Rename(part, out); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return syncDir(filepath.Dir(filepath.Clean(out)))
}

// insideOf tells whether a new folder would be somewhere inside of another, whatever links
// lead there.
func insideOf(out, dir string) (bool, error) {
	of, err := os.Stat(dir)
	if err != nil {
		return false, fmt.Errorf("back up: %w", err)
	}
	at, err := filepath.Abs(out)
	if err != nil {
		return false, fmt.Errorf("back up: %w", err)
	}
	for at != filepath.Dir(at) {
		at = filepath.Dir(at)
		if whole, err := filepath.EvalSymlinks(at); err == nil {
			at = whole
		}
		if info, err := os.Stat(at); err == nil && os.SameFile(info, of) {
			return true, nil
		}
	}
	return false, nil
}

// copyDatabase writes what one read transaction sees, and makes it durable, which
// SQLite leaves to its caller.
func copyDatabase(ctx context.Context, db *database, to string) error {
	path := filepath.Join(to, fileName)
	if err := touch(path); err != nil { // with its permissions; an empty file may be written to
		return err
	}
	if _, err := db.write.db.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return err
	}
	return syncFile(path)
}

// copyRest copies what people put into a home: keys, specifications, rules,
// settings.
func copyRest(from, to string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil || name == "." {
			return err
		}
		switch in := filepath.Dir(name) == "."; {
		case in && (name == fileName || name == fileName+"-wal" || name == fileName+"-shm"):
			return nil
		case name == filepath.Join("keys", "signed"):
			return nil
		case filepath.Dir(name) == "keys" && filepath.Ext(name) == ".tmp":
			return nil // is being written, and has another name soon
		case e.IsDir():
			return os.Mkdir(filepath.Join(to, name), 0o700)
		case !e.Type().IsRegular():
			return nil // a link is of another place's
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return durable(filepath.Join(to, name), string(b))
	})
}

// copySigned writes what was signed last, where anything was.
func copySigned(to string, signed []byte) error {
	if signed == nil {
		return nil
	}
	return durable(keys{dir: filepath.Join(to, "keys")}.signed(), string(signed))
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Size is how much the archive keeps: blobs, and the bytes that they take there.
func (a *archive) Size(ctx context.Context) (blobs int, bytes int64, err error) {
	err = a.db.read.row(ctx, `SELECT count(*), coalesce(sum(length(data)), 0) FROM blob`, nil, &blobs, &bytes)
	return blobs, bytes, err
}
