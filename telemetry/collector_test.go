package telemetry_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// collector is a collector of OTLP as JSON.
type collector struct {
	*httptest.Server
	mu       sync.Mutex
	statuses []int // answers before all is well
	requests []*http.Request
	spans    []span
	points   []point
	resource map[string]string
}

type attributes []struct {
	Key   string
	Value map[string]any
}

func (list attributes) text() map[string]string {
	all := map[string]string{}
	for _, a := range list {
		for _, v := range a.Value {
			b, _ := json.Marshal(v)
			all[a.Key] = strings.Trim(string(b), `"`)
		}
	}
	return all
}

type span struct {
	TraceID, SpanID, ParentSpanID, Name string
	Kind                                int
	StartTimeUnixNano, EndTimeUnixNano  string
	Attributes                          attributes
	Status                              struct {
		Code    int
		Message string
	}
}

type point struct {
	Attributes     attributes
	Count          string
	BucketCounts   []string
	ExplicitBounds []float64
}

func newCollector(t *testing.T, statuses ...int) *collector {
	c := &collector{statuses: statuses}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL+"/base/")
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, r)
	if len(c.statuses) > 0 {
		w.WriteHeader(c.statuses[0])
		c.statuses = c.statuses[1:]
		return
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(r.Body)
	}
	var in struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes attributes }
			ScopeSpans []struct{ Spans []span }
		}
		ResourceMetrics []struct {
			ScopeMetrics []struct {
				Metrics []struct {
					Name      string
					Histogram struct{ DataPoints []point }
				}
			}
		}
	}
	if err := json.NewDecoder(body).Decode(&in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, r := range in.ResourceSpans {
		c.resource = r.Resource.Attributes.text()
		for _, s := range r.ScopeSpans {
			c.spans = append(c.spans, s.Spans...)
		}
	}
	for _, r := range in.ResourceMetrics {
		c.points = r.ScopeMetrics[0].Metrics[0].Histogram.DataPoints // cumulative: the last holds all
	}
	_, _ = io.WriteString(w, "{}")
}

func (c *collector) named(name string) (found []span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.Name == name {
			found = append(found, s)
		}
	}
	return found
}
