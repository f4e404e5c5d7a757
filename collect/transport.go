package collect

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/everqual/everqual"
)

// MaxBody is the longest reply that is read, in bytes. The largest page that
// AWS sends for the calls made here is far below it.
const MaxBody = 32 << 20

// NoReply is the error of a call that brought no usable reply.
type NoReply struct {
	Reason  everqual.Reason // Unreachable, Invalid (too long) or Unsupported (not in the recording)
	Message string
	cause   error
}

func (e *NoReply) Error() string { return e.Message }
func (e *NoReply) Unwrap() error { return e.cause }

// RetryableError tells the SDK whether the same call may yet get a reply.
func (e *NoReply) RetryableError() bool { return e.Reason.Retryable() }

// Recording is a transport that keeps every exchange in the recorder of the
// request's context. Secret values are replaced before anybody, decoder or
// evidence, sees the reply; and what the decoder sees is made from what was
// kept, so that a replay cannot differ.
type Recording struct {
	Base http.RoundTripper
	// MaxBody bounds a reply's length in bytes; 0 means the constant MaxBody.
	MaxBody int64
	// Permit names operations, as "service:Operation", that are sent though they
	// do more than read.
	Permit []string
	// Watch is told of each attempt that is sent.
	Watch everqual.Watch
}

// RoundTrip makes one attempt of the call in the request's context.
func (t Recording) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	call, recorder := callFrom(ctx), RecorderFrom(ctx)
	if call == nil {
		return nil, everqual.Permanent(errors.New("request without a call: only described operations may be sent"))
	}
	if err := guard(*call, t.Permit); err != nil {
		return nil, err
	}
	if m := memoryFrom(ctx); m != nil { // most calls have none: the key costs more than the signature
		if e, ok := m.take(call.key()); ok {
			recorder.put(call, e)
			return respond(req, e)
		}
	}
	last, _ := recorder.Last(call)
	e := everqual.Exchange{Endpoint: req.URL.Host, Attempts: last.Attempts + 1, At: recorder.time()}
	if err := t.send(&e, *call, req); err != nil {
		e.Error = errorText(err)
		recorder.put(call, e)
		return nil, noReply(e, err)
	}
	recorder.put(call, e)
	return respond(req, e)
}

// send sends the request and fills e from the reply.
func (t Recording) send(e *everqual.Exchange, call Call, req *http.Request) (err error) {
	ctx, ended := t.Watch.Begin(req.Context(), "aws", slog.String("service", call.Service), slog.String("operation", call.Operation),
		slog.String("region", call.Region), slog.Int("attempt", e.Attempts))
	defer func() { ended(err, slog.Int("status", e.Status), slog.String("request", e.RequestID)) }()
	response, err := t.Base.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return err
	}
	return t.read(e, call, response)
}

func (r *Recorder) time() time.Time {
	if r == nil {
		return time.Time{}
	}
	return r.now().UTC()
}

// read fills e from the response, with the secrets taken out.
func (t Recording) read(e *everqual.Exchange, call Call, response *http.Response) error {
	defer response.Body.Close()
	limit := t.MaxBody
	if limit <= 0 {
		limit = MaxBody
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return fmt.Errorf("read the reply: %w", err)
	}
	e.Status, e.Headers, e.RequestID = response.StatusCode, keptHeaders(response.Header), requestID(response.Header)
	if int64(len(body)) > limit {
		return fmt.Errorf("%w: more than %d bytes", errTooLong, limit)
	}
	if err := checkReply(e.Status, response.Header, body); err != nil {
		return err
	}
	body, e.Redacted = redact(call, body)
	e.Body = string(body)
	if !utf8.Valid(body) {
		e.Body, e.Base64 = base64.StdEncoding.EncodeToString(body), true
	}
	return nil
}

// noReply gives the error that belongs to an exchange without a usable body:
// with a status the reply was there but could not be taken, without one nothing
// came.
func noReply(e everqual.Exchange, cause error) *NoReply {
	if e.Status != 0 {
		return &NoReply{Reason: everqual.Invalid, Message: e.Error, cause: cause}
	}
	return &NoReply{Reason: everqual.Unreachable, Message: e.Error, cause: cause}
}

func errorText(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no reply in time"
	}
	return strings.ToValidUTF8(err.Error(), "�")
}

// respond builds the response that the SDK decodes from a kept exchange.
func respond(req *http.Request, e everqual.Exchange) (*http.Response, error) {
	if e.Error != "" || e.Status == 0 {
		return nil, noReply(e, nil)
	}
	body := []byte(e.Body)
	if e.Base64 {
		decoded, err := base64.StdEncoding.DecodeString(e.Body)
		if err != nil {
			return nil, &NoReply{Reason: everqual.Invalid, Message: "the recorded reply is no base64", cause: err}
		}
		body = decoded
	}
	header := http.Header{}
	for name, value := range e.Headers {
		header.Set(name, value)
	}
	return &http.Response{
		StatusCode: e.Status, Status: fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: req,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

// keptHeaders returns the headers that carry part of a reply: AWS binds output
// members, error codes and the true region of a bucket to x-amz headers.
func keptHeaders(h http.Header) map[string]string {
	kept := map[string]string{}
	for name, values := range h {
		name = strings.ToLower(name)
		switch {
		case name == "content-type", name == "content-encoding", name == "date", name == "retry-after",
			strings.HasPrefix(name, "x-amz") && name != "x-amz-id-2" && name != "x-amz-cf-id":
			kept[name] = strings.ToValidUTF8(strings.Join(values, ","), "�")
		}
	}
	return kept
}

func requestID(h http.Header) string {
	for _, name := range []string{"X-Amzn-Requestid", "X-Amz-Request-Id", "X-Amz-Requestid"} {
		if id := h.Get(name); id != "" {
			return strings.ToValidUTF8(id, "�")
		}
	}
	return ""
}
