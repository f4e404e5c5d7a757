package embedded

import (
	"context"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// OpenStore opens the ledger's store alone, for its suite.
func OpenStore(dir string) (s ledger.Store, end func() error, err error) {
	db, err := openDatabase(context.Background(), dir)
	if err != nil {
		return nil, nil, err
	}
	return &store{db}, db.Close, nil
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

// Uproot makes the file one of the second format.
func Uproot(dir string) error {
	db, err := openDatabase(context.Background(), dir)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.write.Exec(`ALTER TABLE record DROP COLUMN tree; PRAGMA user_version = 2`)
	return err
}
