package function_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/function"
)

// TestRuntime gives a function one invocation after the other, as Lambda does.
func TestRuntime(t *testing.T) {
	s := newScene(t)
	s.cloud.fail = everqual.Permanent(errors.New("no such service"))
	waits := fmt.Sprintf(`{"do":"observe","since":"2026-11-02T08:00:01Z","resource":{"id":%q}}`, arn(one))
	answers := map[string]func(context.Context) (any, error){
		"fine":  func(context.Context) (any, error) { return map[string]int{"n": 1}, nil },
		"again": func(context.Context) (any, error) { return nil, errors.New("throttled") },
		"never": func(context.Context) (any, error) { return nil, everqual.Permanent(errors.New("no")) },
		"wait": func(context.Context) (any, error) {
			s.cloud.fail = nil
			_, err := s.invoke("task", strings.Replace(waits, "08:00:01", "08:00:00", 1))
			if err == nil {
				_, err = s.invoke("task", waits)
			}
			return nil, err
		},
		"large": func(context.Context) (any, error) { return strings.Repeat("x", 100), nil },
		"late": func(ctx context.Context) (any, error) {
			at, _ := ctx.Deadline()
			if left := time.Until(at); left < 50*time.Second || left > 58*time.Second {
				return nil, fmt.Errorf("%v are left of a minute", left)
			}
			return nil, nil
		},
		"panic": func(context.Context) (any, error) { panic("oh") },
	}
	want := []string{ // in this order
		`fine/response {"n":1}`, `again/error {"errorMessage":"throttled","errorType":"Retryable"}`,
		`never/error {"errorMessage":"no","errorType":"Permanent"}`,
		`wait/error {"errorMessage":"not before 2026-11-02T08:00:10Z","errorType":"NotYet"}`,
		`large/error {"errorMessage":"send the reply: POST invocation/large/response: 413 Request Entity Too Large","errorType":"Permanent"}`,
		`late/response null`, `panic/error {"errorMessage":"panic: oh","errorType":"Panic"}`,
	}
	api := lambdaAPI(t, "fine", "again", "never", "wait", "large", "late", "panic")
	err := function.NewRuntime(api.address).Serve(t.Context(), func(ctx context.Context, in function.Invocation) (any, error) {
		if string(in.Payload) != `{"of":"`+in.ID+`"}` {
			return nil, fmt.Errorf("the payload of %s is %s", in.ID, in.Payload)
		}
		return answers[in.ID](ctx)
	})
	if err == nil || !strings.Contains(err.Error(), "panic: oh") {
		t.Errorf("the runtime went on after a panic: %v", err)
	}
	if fmt.Sprintf("%q", api.heard) != fmt.Sprintf("%q", want) {
		t.Errorf("heard\n%q, want\n%q", api.heard, want)
	}
}

// fakeAPI is Lambda's runtime API. It gives these invocations and then refuses.
type fakeAPI struct {
	address string
	heard   []string
}

func lambdaAPI(t *testing.T, ids ...string) *fakeAPI {
	api := &fakeAPI{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, _ *http.Request) {
		if len(ids) == 0 {
			w.WriteHeader(http.StatusGone)
			return
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", ids[0])
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
		fmt.Fprintf(w, `{"of":%q}`, ids[0])
		ids = ids[1:]
	})
	mux.HandleFunc("POST /2018-06-01/runtime/", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if len(b) > 100 && strings.HasSuffix(r.URL.Path, "/response") {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		api.heard = append(api.heard, strings.TrimPrefix(r.URL.Path, "/2018-06-01/runtime/invocation/")+" "+string(b))
		w.WriteHeader(http.StatusAccepted)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	api.address = strings.TrimPrefix(server.URL, "http://")
	return api
}
