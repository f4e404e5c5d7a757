package flow

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Home is where the corridor lives: one machine, or AWS. A home holds no rule.
type Home struct {
	Ledger  *ledger.Ledger
	Queue   Queue
	Archive Archive
	Notify  Notifier
	Clock   Clock
	// Signer gives the key that signs the ledger, and its public part.
	Signer func(ctx context.Context) (signer ledger.Signer, public string, err error)
	// Close signs what was appended and releases what Open took.
	Close func() error
}

// Message is one piece of work that waits.
type Message struct {
	// ID names the work: a message whose ID is still in the queue, waiting or
	// in flight, is kept once, so sending is repeatable.
	ID      string          `json:"id"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject"` // what it is about, for people
	Body    json.RawMessage `json:"body"`
	SentAt  time.Time       `json:"sent_at"`
	// NotBefore is when it may be delivered first.
	NotBefore time.Time `json:"not_before"`
}

// Delivery is a message handed to a worker until its visibility time-out.
type Delivery struct {
	Message
	Attempt int    // how often it has been received, from 1
	Receipt string // names this delivery; a later delivery has another
}

// Queue delivers messages at least once, as SQS does. Every method that
// changes something is durable on return and safe to repeat.
type Queue interface {
	Send(ctx context.Context, messages ...Message) error
	// Receive returns up to limit messages that are due, oldest NotBefore
	// first, and hides them for the visibility time. None due is no error.
	Receive(ctx context.Context, limit int, visibility time.Duration) ([]Delivery, error)
	// Delete ends a message. A receipt that is no longer current changes
	// nothing and is no error: the message was, or will be, delivered again.
	Delete(ctx context.Context, d Delivery) error
	// Postpone gives a message back, to be delivered at or after t. A receipt
	// that is no longer current changes nothing.
	Postpone(ctx context.Context, d Delivery, t time.Time) error
	// Bury moves a message to the dead letters, in one step.
	Bury(ctx context.Context, d Delivery, letter everqual.DeadLetter) error
	// Pending counts the messages that wait or are in flight, and tells when
	// the next one is due, where the queue knows.
	Pending(ctx context.Context) (n int, next time.Time, err error)
	// Messages are all that wait or are in flight.
	Messages(ctx context.Context) ([]Message, error)
	// Release lets be due now what would wait until after t, or be hidden until then,
	// and counts it.
	Release(ctx context.Context, after time.Time) (int, error)

	DeadLetters(ctx context.Context) ([]everqual.DeadLetter, error)
	// Redrive puts a dead letter's message back, its attempts forgotten, in one
	// step. Discard removes it. An unknown id is fs.ErrNotExist.
	Redrive(ctx context.Context, id string) error
	Discard(ctx context.Context, id string) error
}

// Ringer is a queue that tells workers the names of due messages, by a road of
// its own. Names may arrive twice, late, or never: the queue is the truth.
type Ringer interface {
	// Take receives the message with this ID as Receive would; false when it is
	// gone, not due, or held by somebody.
	Take(ctx context.Context, id string, visibility time.Duration) (Delivery, bool, error)
}

// Archive keeps blobs by their digest, for ever.
type Archive interface {
	// Put is durable on return. Putting the same bytes again changes nothing.
	Put(ctx context.Context, d everqual.Digest, b []byte) error
	// Get returns the bytes after checking them against the digest;
	// fs.ErrNotExist when there are none.
	Get(ctx context.Context, d everqual.Digest) ([]byte, error)
}

// Opener is an archive that also opens what others wrote: a log file that a
// notification names. fs.ErrNotExist when there is none.
type Opener interface {
	Open(ctx context.Context, bucket, key string) (io.ReadCloser, error)
}

// Notifier tells people. An error is tried again unless it is permanent.
type Notifier interface {
	Notify(ctx context.Context, n Notice) error
}

// Notice is one thing that people should know.
type Notice struct {
	ID       string            `json:"id"`       // the same notice has the same ID
	Severity string            `json:"severity"` // "info", "warning", "critical"
	Title    string            `json:"title"`
	Text     string            `json:"text"`
	System   string            `json:"system,omitempty"`
	Resource everqual.Resource `json:"resource,omitzero"`
	EventID  string            `json:"event_id,omitempty"` // that led to it, where one did
	Time     time.Time         `json:"time"`
	Fields   []Field           `json:"fields,omitempty"`
}

// Field is a name and a value of a notice.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
