package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestTelemetry has one process accept an event, and another work on it: what both
// did is one trace, from the acceptance to the verdict and the notice, and every log
// line of it names the event.
func TestTelemetry(t *testing.T) {
	w := newWorkload(t)
	w.write("specs/db.json", strings.Replace(e2eDatabase, `"expect": true`, `"expect": false`, 1)) // so that there is something to tell
	spans := w.collector()
	w.heard("rds", "CreateDBInstance", "deployer", `{"dBInstanceIdentifier":"web-db"}`, `{"dBInstanceIdentifier":"web-db"}`)
	w.heard("s3", "CreateBucket", "deployer", `{"bucketName":"web-data"}`, "null")
	const id = "00000000-0000-4000-8000-000000000001"
	lines := w.logged("run", "--no-collect", "--from", filepath.Join(w.dir, "logs"), "--settle", "0s", "--log", "json")
	lines = append(lines, w.logged("run", "--settle", "0s", "--debounce", "0s", "--log", "json")...)
	seen := map[string]bool{}
	for _, l := range lines {
		if l["event"] == nil {
			t.Errorf("a line without its event: %v", l)
		}
		if l["event"] == id {
			seen[fmt.Sprint(l["msg"])] = l["msg"] == "event" || l["message"] != nil && l["resource"] != nil
		}
	}
	if want := map[string]bool{"event": true, "observed": true, "judged": true, "told": true}; !maps.Equal(seen, want) {
		t.Errorf("the log has %v with message and resource, want %v; all: %v", seen, want, lines)
	}

	traces := map[string]bool{}
	all := spans()
	for _, s := range all {
		if s.event == id {
			traces[s.TraceID] = true
		}
	}
	if len(traces) != 1 {
		t.Fatalf("one event is %d traces", len(traces))
	}
	names, byID := []string{}, map[string]tracedSpan{}
	for _, s := range all {
		if traces[s.TraceID] {
			names, byID[s.SpanID] = append(names, s.Name), s
		}
	}
	for _, want := range []string{"accept", "work observe", "work notify", "collect", "rds/DescribeDBInstances", "append observation", "judge", "append assessment"} {
		if !slices.Contains(names, want) {
			t.Errorf("the trace lacks %q; it has %q", want, names)
		}
	}
	roots := 0
	for _, s := range byID {
		if s.ParentSpanID == "" {
			roots++
		} else if _, ok := byID[s.ParentSpanID]; !ok {
			t.Errorf("the parent of %s is not in the trace", s.Name)
		}
	}
	if roots != 1 {
		t.Errorf("the trace has %d roots, want the acceptance", roots)
	}
}

type tracedSpan struct {
	TraceID, SpanID, ParentSpanID, Name string
	event                               string
}

// collector is a collector of OTLP, which the program is told of. It wants nothing
// secret.
func (w *workload) collector() func() []tracedSpan {
	var mu sync.Mutex
	var all []tracedSpan
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		var in struct {
			ResourceSpans []struct {
				ScopeSpans []struct {
					Spans []struct {
						tracedSpan
						Attributes []struct {
							Key   string
							Value struct{ StringValue string }
						}
					}
				}
			}
		}
		if _, err := body.ReadFrom(r.Body); err != nil {
			w.t.Error(err)
		}
		if bytes.Contains(body.Bytes(), []byte("Not-To-Be-Kept-1")) || bytes.Contains(body.Bytes(), []byte("Authorization")) {
			w.t.Errorf("the collector was told a secret: %s", &body)
		}
		if err := json.Unmarshal(body.Bytes(), &in); err != nil {
			w.t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, r := range in.ResourceSpans {
			for _, s := range r.ScopeSpans[0].Spans {
				for _, a := range s.Attributes {
					if a.Key == "everqual.event.id" {
						s.event = a.Value.StringValue
					}
				}
				all = append(all, s.tracedSpan)
			}
		}
	}))
	w.t.Cleanup(server.Close)
	w.t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	return func() []tracedSpan {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

// logged runs the program and returns the lines of its log.
func (w *workload) logged(args ...string) (lines []map[string]any) {
	w.t.Helper()
	var log strings.Builder
	cmd := w.program(args...)
	cmd.Stderr = &log
	if out, err := cmd.Output(); err != nil {
		w.t.Fatalf("everqual %q: %v\n%s%s", args, err, out, &log)
	}
	for s := bufio.NewScanner(strings.NewReader(log.String())); s.Scan(); {
		var l map[string]any
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			w.t.Errorf("the log has a line that is no JSON: %s", s.Text())
			continue
		}
		lines = append(lines, l)
	}
	return lines
}
