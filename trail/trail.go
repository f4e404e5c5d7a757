// Package trail checks, without a connection to AWS, whether what CloudTrail
// delivered is whole: it follows the chains of signed digest files and compares
// each log file with the hash that its digest states. The rules are those of
// "Validating CloudTrail log file integrity" in the CloudTrail user guide and of
// `aws cloudtrail validate-logs`; docs/cloudtrail-integrity.md lists the
// findings.
//
// What is protected is the content: the signatures and hashes of CloudTrail are
// made over the decompressed file. A byte of the gzip header that means nothing,
// such as its time or its operating system, may differ without a finding.
package trail

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Object is one object of the bucket as it is stored.
type Object struct {
	// Bucket is its real bucket, "" where that is not known. Then the bucket
	// that a digest states is proven by its signature alone.
	Bucket string
	Key    string
	Body   []byte // still compressed
	// Metadata is its user metadata by lower-case name without "x-amz-meta-":
	// CloudTrail sets signature, signature-algorithm and, for a backfill digest,
	// backfill-generation-timestamp.
	Metadata map[string]string
}

// Files is the bucket or a copy of it. It is read only, and nobody retries: an
// object that cannot be read is a finding, a listing that fails ends the
// validation.
type Files interface {
	// List yields the keys that begin with prefix, in any order.
	List(ctx context.Context, prefix string) iter.Seq2[string, error]
	// Get returns an object, fs.ErrNotExist when there is none, and with
	// ErrMetadata the object without its metadata.
	Get(ctx context.Context, key string) (Object, error)
}

// ErrMetadata says that an object is readable and its metadata is not.
var ErrMetadata = errors.New("the metadata cannot be read")

// ErrTooLarge says that an object is larger than CloudTrail writes them.
var ErrTooLarge = errors.New("larger than CloudTrail writes")

// Options says what to validate.
type Options struct {
	// From and To limit the validation to digests that cover some of the time
	// between them. Zero From is the beginning of every chain, zero To its end.
	From, To time.Time
	// Account and Region limit it to one of them; what belongs to others is not
	// counted at all.
	Account, Region string
	// DigestsOnly checks the digests without the log files that they list: those
	// need not be there, and nothing is said of them.
	DigestsOnly bool
	// LogLimit and DigestLimit are the decompressed bytes at which a file is
	// refused: 256 MiB and 16 MiB when zero.
	LogLimit, DigestLimit int64
}

func (o Options) withDefaults() Options {
	if o.LogLimit == 0 {
		o.LogLimit = 256 << 20
	}
	if o.DigestLimit == 0 {
		o.DigestLimit = 16 << 20
	}
	return o
}

// hour is what one digest covers.
const hour = time.Hour

// covers tells whether a digest that ends then covers some of the range.
func (o Options) covers(end time.Time) bool {
	return (o.From.IsZero() || end.After(o.From)) && (o.To.IsZero() || end.Add(-hour).Before(o.To))
}

// beyond tells whether a digest that ends then is later than the range.
func (o Options) beyond(end time.Time) bool {
	return !o.To.IsZero() && !end.Add(-hour).Before(o.To)
}

// contains tells whether a moment is in the range.
func (o Options) contains(t time.Time) bool {
	return (o.From.IsZero() || !t.Before(o.From)) && (o.To.IsZero() || t.Before(o.To))
}

func (o Options) wants(account, region string) bool {
	return (o.Account == "" || o.Account == account) && (o.Region == "" || o.Region == region)
}
