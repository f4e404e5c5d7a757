package function

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// Invocation is one call of a function.
type Invocation struct {
	ID      string // of the request, as in Lambda's own log lines
	Payload json.RawMessage
}

// Runtime asks Lambda's runtime API for invocations and gives it the replies.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type Runtime struct {
	api    string
	client http.Client
}

// NewRuntime speaks to the API at host:port. No proxy is asked, and no time-out
// set: the next invocation may be hours away.
func NewRuntime(api string) *Runtime {
	return &Runtime{"http://" + api + "/2018-06-01/runtime/", http.Client{Transport: &http.Transport{}}}
}

// margin is kept of an invocation's time, so that what is held can be given back
// before Lambda freezes the process.
const margin = 3 * time.Second

// Serve invokes the function until ctx ends or the API fails. A function that
// panics has the process end, for what it leaves behind is not to be trusted.
func (r *Runtime) Serve(ctx context.Context, invoke func(context.Context, Invocation) (any, error)) error {
	for {
		in, deadline, err := r.next(ctx)
		if err != nil {
			return err
		}
		reply, err := within(ctx, deadline, in, invoke)
		if err == nil { // a reply may be refused, such as one that is too large
			err = r.post(ctx, "invocation/"+in.ID+"/response", reply)
		}
		if err == nil {
			continue
		}
		if sent := r.post(ctx, "invocation/"+in.ID+"/error", describe(err)); sent != nil {
			return sent
		}
		if errors.As(err, new(panicked)) {
			return err
		}
	}
}

// Fail tells that the function cannot be started.
func (r *Runtime) Fail(ctx context.Context, cause error) error {
	return r.post(ctx, "init/error", describe(cause))
}

func (r *Runtime) next(ctx context.Context) (in Invocation, deadline time.Time, err error) {
	response, err := r.do(ctx, http.MethodGet, "invocation/next", nil)
	if err != nil {
		return in, deadline, fmt.Errorf("ask for the next invocation: %w", err)
	}
	defer response.Body.Close()
	if in.Payload, err = io.ReadAll(response.Body); err != nil {
		return in, deadline, fmt.Errorf("read the next invocation: %w", err)
	}
	in.ID = response.Header.Get("Lambda-Runtime-Aws-Request-Id")
	ms, err := strconv.ParseInt(response.Header.Get("Lambda-Runtime-Deadline-Ms"), 10, 64)
	if err != nil {
		return in, deadline, fmt.Errorf("read the deadline of invocation %s: %w", in.ID, err)
	}
	return in, time.UnixMilli(ms), nil
}

// within invokes the function with a deadline somewhat before Lambda's.
func within(ctx context.Context, deadline time.Time, in Invocation, invoke func(context.Context, Invocation) (any, error)) (reply any, err error) {
	left := time.Until(deadline)
	ctx, cancel := context.WithTimeout(ctx, left-min(margin, left/4))
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = panicked{p}
		}
	}()
	return invoke(ctx, in)
}

type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// told is an error in the words of the API. A state machine decides by its type
// what to try again.
type told struct {
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
}

func describe(err error) told {
	t := told{err.Error(), "Retryable"}
	switch _, wait := flow.NotYet(err); {
	case wait:
		t.Type = "NotYet"
	case everqual.IsPermanent(err):
		t.Type = "Permanent"
	case errors.As(err, new(panicked)):
		t.Type = "Panic"
	}
	return t
}

func (r *Runtime) post(ctx context.Context, path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write the reply: %w", err)
	}
	response, err := r.do(ctx, http.MethodPost, path, b)
	if err != nil {
		return fmt.Errorf("send the reply: %w", err)
	}
	return response.Body.Close()
}

func (r *Runtime) do(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, r.api+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		response.Body.Close()
		err = fmt.Errorf("%s %s: %s", method, path, response.Status)
		if response.StatusCode == http.StatusRequestEntityTooLarge { // and will be the next time
			err = everqual.Permanent(err)
		}
		return nil, err
	}
	return response, nil
}
