package embedded

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// OpenStore opens the ledger's store alone, for its suite. Its index follows after
// few records.
func OpenStore(dir string, soon, late uint64) (s ledger.Store, end func() error, err error) {
	db, err := openDatabase(context.Background(), dir)
	if err != nil {
		return nil, nil, err
	}
	kept := newStore(db)
	kept.limits = limits{soon, late}
	return kept, func() error { return errors.Join(kept.settle(context.Background()), db.Close()) }, nil
}

// Damage writes z in place of a kept blob.
func Damage(dir string, d everqual.Digest, z []byte) error {
	db, err := openDatabase(context.Background(), dir)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.write.change(context.Background(), func(tx *transaction) error { return keep(tx, d, z) })
}

// Regress writes the home's ledger into a new file of an older format.
func Regress(dir string, version int) error {
	ctx := context.Background()
	db, err := openDatabase(ctx, dir)
	if err != nil {
		return err
	}
	s := newStore(db)
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	records, err := s.Range(ctx, ledger.Query{})
	if err := errors.Join(err, db.Close(), os.Remove(filepath.Join(dir, fileName))); err != nil {
		return err
	}
	old, err := sql.Open("sqlite", filepath.Join(dir, fileName))
	if err != nil {
		return err
	}
	defer old.Close()
	for _, step := range migrations()[:version] {
		if _, err := old.Exec(step.sql); err != nil {
			return err
		}
	}
	for _, r := range records {
		subjects, _ := json.Marshal(append([]string{}, r.Subjects...))
		args := []any{r.Sequence, r.Kind, r.Key, string(subjects), r.Time.UTC().Format(time.RFC3339Nano), []byte(r.Body), r.Previous, r.Hash}
		query := `INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
		if version >= 3 {
			args, query = append(args, blob(r.Tree)), `INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
		}
		if _, err := old.Exec(query, args...); err != nil {
			return err
		}
		for _, subject := range r.Subjects {
			var name any = subject
			if version >= 4 {
				name = nameNumber(subject)
			}
			if _, err := old.Exec(`INSERT OR IGNORE INTO record_subject VALUES (?, ?, ?)`, name, r.Kind, r.Sequence); err != nil {
				return err
			}
		}
	}
	if len(records) > 0 {
		if _, err := old.Exec(`UPDATE head SET sequence = ?, hash = ?`, head.Sequence, head.Hash); err != nil {
			return err
		}
	}
	_, err = old.Exec(fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = %d; PRAGMA journal_mode = WAL`, applicationID, version))
	return err
}

// PutOff appends so many records to a new home that none of them is indexed.
func PutOff(dir string, records int) error {
	if err := makeDir(dir); err != nil {
		return err
	}
	db, err := openDatabase(context.Background(), dir)
	if err != nil {
		return err
	}
	l := ledger.New(newStore(db), time.Now)
	entries := make([]ledger.Entry, records)
	for i := range entries {
		entries[i] = ledger.Entry{Kind: "test", Key: fmt.Sprint("put off ", i), Subjects: []string{fmt.Sprint("s", i%100)}, Body: i}
	}
	_, _, err = l.Append(context.Background(), entries...)
	return errors.Join(err, db.Close())
}

// Defect opens a home's file and meets a defect within a change, and then makes another
// change.
func Defect(dir string) (recovered any, err error) {
	ctx := context.Background()
	db, err := openDatabase(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	mark := func(tx *transaction) error {
		_, err := tx.exec(`INSERT INTO blob VALUES (x'00', x'00')`)
		return err
	}
	func() {
		defer func() { recovered = recover() }()
		_ = db.write.change(ctx, func(tx *transaction) error {
			_ = mark(tx)
			panic("defect")
		})
	}()
	return recovered, db.write.change(ctx, mark) // taken, had the first one been kept
}

// Shapes are the digest of the newest format as it is known, and as it is made.
func Shapes() (known, is string, err error) {
	shape, err := made(context.Background(), len(migrations()))
	sum := sha256.Sum256([]byte(shape))
	return shapeNow, hex.EncodeToString(sum[:]), err
}

// OpenUnchecked opens the ledger's store as a process has it in which somebody reaches
// into the file after it was opened.
func OpenUnchecked(dir string) (l *ledger.Ledger, end func() error, err error) {
	path := filepath.Join(dir, fileName)
	one, err := connect(path, 1, writable+"&_txlock=immediate")
	if err != nil {
		return nil, nil, err
	}
	db := &database{write: &writer{db: one}}
	if err := db.openRead(path, writable); err != nil {
		return nil, nil, err
	}
	return ledger.New(newStore(db), time.Now), db.Close, nil
}

// NameNumber is how the index names a key.
func NameNumber(name string) int64 { return nameNumber(name) }

// Exclusive writes a key where a file has one name only.
var Exclusive = exclusive
