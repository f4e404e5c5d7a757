package ledger

import (
	"context"
	"errors"

	"github.com/everqual/everqual"
)

// Head is the last record of a ledger; the zero Head is an empty ledger.
type Head struct {
	Sequence uint64          `json:"sequence"`
	Hash     everqual.Digest `json:"hash"`
}

// Query selects records. Zero fields select all.
type Query struct {
	Kind    everqual.Kind
	Subject string
	// After is exclusive: sequences above it, or below it when Descending
	// (where 0 means from the head).
	After      uint64
	Descending bool
	Limit      int // 0 means no limit
}

// Store keeps records. It holds no rule: the rules live once, in Ledger. Reads
// are consistent: they see every append that returned before they began, and
// give records back as they were, times to the millisecond.
type Store interface {
	Head(ctx context.Context) (Head, error)
	// AtOnce tells how many records an Append takes; 0: any number.
	AtOnce() int
	// Append writes all records or none, and only if the head is still the
	// given one. It is durable on return. ErrConflict: the head moved, or a
	// key is taken; nothing was written. Any other error leaves it open
	// whether the records were written.
	Append(ctx context.Context, after Head, records []everqual.Record) error
	// Find returns the record with the key.
	Find(ctx context.Context, key string) (everqual.Record, bool, error)
	// Range returns records in the order of their sequence; with an error, it may
	// return those before what cannot be read.
	Range(ctx context.Context, q Query) ([]everqual.Record, error)
	// Indexed tells whether Range finds by their subjects exactly the records that
	// name them: an index is no record, and what it hides is not missing in the
	// chain. The error names a record that is hidden, or shown under another name.
	Indexed(ctx context.Context) error
}

// ErrConflict says that the head moved under an append, or that a key is
// taken. Read again and try again.
var ErrConflict = errors.New("ledger head moved")
