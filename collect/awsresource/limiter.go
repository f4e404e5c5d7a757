package awsresource

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/everqual/everqual/collect"
	"golang.org/x/time/rate"
)

// perSecond is how many requests a region gets at first, per service. AWS answers
// more, but the account's own systems share its quotas. Services that are not
// named get the default.
var perSecond = map[string]rate.Limit{"cloudtrail": 5, "ec2": 15, "iam": 8, "kms": 15, "s3": 30, "dynamodb": 8}

const defaultPerSecond rate.Limit = 10

// growth is how many times the first rate a bucket may reach while AWS does not
// mind; patience is how many answers double it.
const (
	growth   = 20
	patience = 60
)

// limiter is a token bucket per service, account's credentials and region, in
// front of every attempt. It adapts: each answer widens a bucket a little, each
// throttled one halves it.
type limiter struct {
	base    http.RoundTripper
	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	*rate.Limiter
	first rate.Limit
}

func newLimiter(base http.RoundTripper) *limiter {
	return &limiter{base: base, buckets: map[string]*bucket{}}
}

func (l *limiter) RoundTrip(r *http.Request) (*http.Response, error) {
	b := l.bucket(r)
	if err := b.Wait(r.Context()); err != nil {
		return nil, fmt.Errorf("wait for a turn: %w", err)
	}
	response, err := l.base.RoundTrip(r)
	if err == nil {
		l.learn(b, throttled(response))
	}
	return response, err
}

func (l *limiter) learn(b *bucket, throttled bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := min(b.Limit()*(1+1./patience), b.first*growth)
	if throttled {
		next = max(b.Limit()/2, 1)
	}
	b.SetLimit(next)
}

// throttled tells whether AWS asks for patience. The services that say so with
// another status than 429 or 503 name it in the body.
func throttled(response *http.Response) bool {
	switch {
	case response.StatusCode < 400:
		return false
	case response.StatusCode == http.StatusTooManyRequests, response.StatusCode == http.StatusServiceUnavailable:
		return true
	}
	head, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	rest := response.Body
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), errorAfter(err), rest), rest}
	for code := range retry.DefaultThrottleErrorCodes {
		if bytes.Contains(head, []byte(code)) {
			return true
		}
	}
	return false
}

// errorAfter gives again what went wrong with reading.
func errorAfter(err error) io.Reader {
	if err == nil {
		return bytes.NewReader(nil)
	}
	return failing{err}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (l *limiter) bucket(r *http.Request) *bucket {
	call, _ := collect.Asked(r.Context())
	_, who, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=") // AWS counts each account by itself
	who, _, _ = strings.Cut(who, "/")
	l.mu.Lock()
	defer l.mu.Unlock()
	key := call.Service + " " + call.Region + " " + who
	if l.buckets[key] == nil {
		first, ok := perSecond[call.Service]
		if !ok {
			first = defaultPerSecond
		}
		l.buckets[key] = &bucket{rate.NewLimiter(first, 2*int(first)), first}
	}
	return l.buckets[key]
}
