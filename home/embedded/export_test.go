package embedded

import (
	"context"

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
