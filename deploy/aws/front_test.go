package aws_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// front stands between the functions and MiniStack, and lets a test answer calls.
type front struct {
	url  string
	meet atomic.Pointer[func(c *call) bool]
}

// call is one call of a function.
type call struct {
	http.ResponseWriter
	operation string // "DynamoDB_20120810.GetItem", "AmazonSQS.SendMessageBatch", "SNS.Publish", "S3.GET"
	body      []byte
	request   *http.Request
	server    http.Handler
}

func newFront(t testing.TB, to string) *front {
	f := &front{}
	server := httputil.NewSingleHostReverseProxy(got(url.Parse(to))(t))
	server.Transport = &http.Transport{MaxIdleConnsPerHost: 32}
	server.ErrorLog = log.New(io.Discard, "", 0) // of functions that were killed while they called
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{ResponseWriter: w, request: r, server: server}
		var err error
		if c.body, err = io.ReadAll(r.Body); err != nil {
			return // the function was killed while it called
		}
		c.operation = operation(r, c.body)
		if meet := f.meet.Load(); meet == nil || !(*meet)(c) {
			c.serve(w)
		}
	}))
	t.Cleanup(listening.Close)
	f.url = listening.URL
	return f
}

func operation(r *http.Request, body []byte) string {
	if o := r.Header.Get("X-Amz-Target"); o != "" {
		return o
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		return "SNS." + form.Get("Action")
	}
	return "S3." + r.Method
}

// meeting has calls meet something until the returned function is called. It tells
// whether it answered.
func (f *front) meeting(meet func(c *call) bool) (end func()) {
	f.meet.Store(&meet)
	return func() { f.meet.Store(nil) }
}

// serve has MiniStack answer.
func (c *call) serve(w http.ResponseWriter) {
	r := c.request.Clone(c.request.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(c.body)), int64(len(c.body))
	c.server.ServeHTTP(w, r)
}

// cut has MiniStack do what is asked, and the answer lost.
func (c *call) cut() {
	c.serve(httptest.NewRecorder())
	panic(http.ErrAbortHandler)
}

// refuse answers as the service answers an error.
func (c *call) refuse(status int, code string) {
	form, content := `{"__type":"%s","message":"injected"}`, "application/x-amz-json-1.0"
	switch {
	case strings.HasPrefix(c.operation, "S3."):
		form, content = "<Error><Code>%s</Code><Message>injected</Message></Error>", "application/xml"
	case strings.HasPrefix(c.operation, "SNS."):
		form, content = "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>injected</Message></Error></ErrorResponse>", "text/xml"
	}
	c.Header().Set("Content-Type", content)
	c.WriteHeader(status)
	fmt.Fprintf(c, form, code)
}

// throttle refuses with what the service says when it is asked too often.
func (c *call) throttle() {
	switch {
	case strings.HasPrefix(c.operation, "S3."):
		c.refuse(http.StatusServiceUnavailable, "SlowDown")
	case strings.HasPrefix(c.operation, "SNS."):
		c.refuse(http.StatusBadRequest, "Throttling")
	case strings.HasPrefix(c.operation, "DynamoDB_"):
		c.refuse(http.StatusBadRequest, "ProvisionedThroughputExceededException")
	default:
		c.refuse(http.StatusBadRequest, "ThrottlingException")
	}
}

// trouble is what a bad hour has for a home: calls that are throttled, answers that
// are lost, doorbells that ring twice, and those that ring nowhere. Now and then all
// functions die, at least one of them in the middle of a call that is done.
type trouble struct {
	kill                                                func() int
	calls, rings, throttled, cut, doubled, lost, killed atomic.Int64
}

const mostKilled = 20

// enough tells whether there was some of everything.
func (b *trouble) enough() bool {
	return min(b.throttled.Load(), b.cut.Load(), b.doubled.Load(), b.lost.Load(), b.killed.Load()) > 0
}

func (b *trouble) String() string {
	return fmt.Sprintf("%d calls: %d throttled, %d answers lost; %d doorbells: %d doubled, %d lost; %d functions killed",
		b.calls.Load(), b.throttled.Load(), b.cut.Load(), b.rings.Load(), b.doubled.Load(), b.lost.Load(), b.killed.Load())
}

func (b *trouble) meet(c *call) bool {
	if c.operation == "AmazonSQS.SendMessageBatch" {
		switch b.rings.Add(1) % 3 {
		case 2:
			b.lost.Add(1)
			c.body = bytes.ReplaceAll(c.body, []byte(`/prod-work"`), []byte(`/lost"`))
		case 1:
			b.doubled.Add(1)
			c.serve(httptest.NewRecorder())
		}
		return false
	}
	switch n := b.calls.Add(1); {
	case n%40 == 0 && b.killed.Load() < mostKilled:
		c.serve(httptest.NewRecorder())
		b.killed.Add(int64(b.kill()))
		panic(http.ErrAbortHandler)
	case n%7 == 0:
		b.throttled.Add(1)
		c.throttle()
		return true
	case n%11 == 0:
		b.cut.Add(1)
		c.cut()
	}
	return false
}
