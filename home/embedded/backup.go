package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup copies the home in dir to the folder out, which must be new, as it is at one
// moment: others may go on working in it. The copy is a home like any other, with the
// same key, and as secret.
func Backup(ctx context.Context, dir, out string) error {
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("back up to %s: it is there already: name a new folder", out)
	}
	if err := refuseHeadless(dir); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, fileName)); err != nil {
		return fmt.Errorf("back up %s: it is no home: %w", dir, err)
	}
	db, err := openDatabase(ctx, dir)
	if err != nil {
		return err
	}
	defer db.Close()
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
