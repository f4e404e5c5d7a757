package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/everqual/everqual"
	"github.com/gowebpki/jcs"
)

// Call is one API operation in the making, with all its attempts.
type Call struct {
	Service    string // as IAM names it: "ec2", "s3"
	Operation  string // "DescribeInstances"
	Region     string
	Parameters json.RawMessage // canonical JSON, an object
}

// key finds a call in a recording: the same question has the same key.
func (c Call) key() string {
	parameters := []byte(c.Parameters)
	if canonical, err := jcs.Transform(parameters); err == nil {
		parameters = canonical
	}
	return strings.Join([]string{c.Service, c.Operation, c.Region, string(parameters)}, "|")
}

func (c Call) String() string {
	return fmt.Sprintf("%s:%s in %s with %s", c.Service, c.Operation, c.Region, c.Parameters)
}

type callKey struct{}
type recorderKey struct{}

// WithCall says which call the HTTP requests made with the context belong to.
func WithCall(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

func callFrom(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// WithRecorder has the calls made with the context kept by r.
func WithRecorder(ctx context.Context, r *Recorder) context.Context {
	return context.WithValue(ctx, recorderKey{}, r)
}

// RecorderFrom returns the recorder of the context; nil, which records
// nothing, when there is none.
func RecorderFrom(ctx context.Context) *Recorder {
	r, _ := ctx.Value(recorderKey{}).(*Recorder)
	return r
}

// Recorder keeps one exchange per call, in the order in which the calls began.
// The methods of a nil Recorder do nothing.
type Recorder struct {
	now       func() time.Time
	mu        sync.Mutex
	calls     []*Call
	exchanges []everqual.Exchange
}

// NewRecorder returns an empty recorder that takes the time from now.
func NewRecorder(now func() time.Time) *Recorder { return &Recorder{now: now} }

// Fresh returns an empty recorder with the same clock.
func (r *Recorder) Fresh() *Recorder {
	if r == nil {
		return NewRecorder(time.Now)
	}
	return NewRecorder(r.now)
}

// Exchanges returns what was recorded; never nil.
func (r *Recorder) Exchanges() []everqual.Exchange {
	if r == nil {
		return []everqual.Exchange{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]everqual.Exchange{}, r.exchanges...)
}

// Add keeps an exchange that was made before, such as the cached answer to who
// is asking.
func (r *Recorder) Add(e everqual.Exchange) { r.put(nil, e) }

// Last returns the exchange of a call; ok is false when nothing came of it yet.
func (r *Recorder) Last(c *Call) (e everqual.Exchange, ok bool) {
	if r == nil {
		return e, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, known := range r.calls {
		if known == c && c != nil {
			return r.exchanges[i], true
		}
	}
	return e, false
}

// Fail records that a call gave no usable reply, in place of whatever its
// attempts gave, and returns the error to give up with.
func (r *Recorder) Fail(c *Call, message string, cause error) error {
	e, known := r.Last(c)
	failed := everqual.Exchange{Attempts: e.Attempts, Endpoint: e.Endpoint, At: e.At, Error: message}
	if !known && r != nil {
		failed.At = r.now().UTC()
	}
	r.put(c, failed)
	return &NoReply{Reason: everqual.Unreachable, Message: message, cause: cause}
}

// put sets the exchange of a call: a later attempt takes the place of the
// earlier one.
func (r *Recorder) put(c *Call, e everqual.Exchange) {
	if r == nil {
		return
	}
	if c != nil && e.BodyDigest == "" { // a shared page keeps the parameters by which it was asked for
		e.Service, e.Operation, e.Region, e.Parameters = c.Service, c.Operation, c.Region, c.Parameters
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, known := range r.calls {
		if known == c && c != nil {
			r.exchanges[i] = e
			return
		}
	}
	r.calls = append(r.calls, c)
	r.exchanges = append(r.exchanges, e)
}

// Asked returns the context's call, for a transport that treats calls
// differently; ok is false when there is none.
func Asked(ctx context.Context) (c Call, ok bool) {
	if call := callFrom(ctx); call != nil {
		return *call, true
	}
	return Call{}, false
}
