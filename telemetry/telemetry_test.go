package telemetry_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual/telemetry"
)

func open(t *testing.T, log *bytes.Buffer) *telemetry.Telemetry {
	t.Helper()
	x, err := telemetry.Open(t.Context(), telemetry.Options{
		Version: "1.2.3", Log: slog.New(slog.NewTextHandler(log, nil)), Random: rand.Reader, Now: time.Now,
	})
	if err != nil || x == nil {
		t.Fatalf("opened %v, %v", x, err)
	}
	return x
}

func event(id string) slog.Attr { return slog.String("event", id) }

// accept and work are what two processes do for one event.
func accept(t *testing.T, id string) {
	x := open(t, &bytes.Buffer{})
	_, ended := x.Watch().Begin(t.Context(), "accept", event(id))
	ended(nil, slog.String("class", "matched"), slog.Int("resources", 1))
	x.Close(t.Context())
}

func work(t *testing.T, id string) {
	x := open(t, &bytes.Buffer{})
	ctx, worked := x.Watch().Begin(t.Context(), "work", event(id), slog.String("kind", "observe"), slog.String("message", "observe:"+id))
	_, asked := x.Watch().Begin(ctx, "aws", slog.String("service", "ec2"), slog.String("operation", "DescribeInstances"))
	asked(errors.New("throttled"), slog.Int("status", 503))
	worked(nil, slog.String("outcome", "done"))
	x.Close(t.Context())
}

// TestOneTrace: what two processes did for one event is one trace, which follows
// from the event's id.
func TestOneTrace(t *testing.T) {
	c := newCollector(t)
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=prod")
	accept(t, "e1")
	work(t, "e1")
	work(t, "e2")
	sum := sha256.Sum256([]byte("e1"))
	accepted, worked, asked := c.named("accept"), c.named("work observe"), c.named("ec2/DescribeInstances")
	if len(accepted) != 1 || len(worked) != 2 || len(asked) != 2 {
		t.Fatalf("the collector has %+v", c.spans)
	}
	if a := accepted[0]; a.TraceID != hex.EncodeToString(sum[:16]) || a.SpanID != hex.EncodeToString(sum[16:24]) || a.ParentSpanID != "" {
		t.Errorf("the acceptance is %+v", a)
	}
	for i, want := range []struct{ trace, parent string }{{accepted[0].TraceID, accepted[0].SpanID}, {asked[1].TraceID, asked[0].TraceID}} {
		if i == 0 && (worked[0].TraceID != want.trace || worked[0].ParentSpanID != want.parent) {
			t.Errorf("the work is %+v, want it below the acceptance", worked[0])
		}
		if i == 1 && want.trace == want.parent {
			t.Error("two events are one trace")
		}
	}
	if a := asked[0]; a.TraceID != worked[0].TraceID || a.ParentSpanID != worked[0].SpanID || a.Kind != 3 || a.Status.Code != 2 || a.Status.Message != "throttled" {
		t.Errorf("the request is %+v", a)
	}
	if got := asked[0].Attributes.text(); got["http.response.status_code"] != "503" || got["rpc.service"] != "ec2" {
		t.Errorf("the request is about %v", got)
	}
	if got := worked[0].Attributes.text(); got["everqual.event.id"] != "e1" || got["everqual.message.id"] != "observe:e1" || got["everqual.outcome"] != "done" {
		t.Errorf("the work is about %v", got)
	}
	if c.resource["service.name"] != "everqual" || c.resource["service.version"] != "1.2.3" || c.resource["deployment.environment"] != "prod" {
		t.Errorf("the resource is %v", c.resource)
	}
}

// TestHomeRequests: a request of the home is part of the step that it is made for; one
// that is made for none, as whoever waits for work makes all day, is only counted.
func TestHomeRequests(t *testing.T) {
	c := newCollector(t)
	x := open(t, &bytes.Buffer{})
	request := func(ctx context.Context, operation string) {
		_, ended := x.Watch().Begin(ctx, "home", slog.String("service", "dynamodb"), slog.String("operation", operation))
		ended(nil, slog.Int("status", 200))
	}
	request(t.Context(), "Query")
	ctx, ended := x.Watch().Begin(t.Context(), "append", event("e1"), slog.String("record", "observation"))
	request(ctx, "TransactWriteItems")
	ended(nil)
	x.Close(t.Context())
	wrote, appended := c.named("dynamodb/TransactWriteItems"), c.named("append observation")
	if len(c.spans) != 2 || len(wrote) != 1 || len(appended) != 1 || wrote[0].ParentSpanID != appended[0].SpanID || wrote[0].Kind != 3 {
		t.Errorf("the spans are %+v", c.spans)
	}
	counted := map[string]string{}
	for _, p := range c.points {
		if a := p.Attributes.text(); a["everqual.step"] == "home" {
			counted[a["rpc.method"]] = p.Count
		}
	}
	if len(counted) != 2 || counted["Query"] != "1" {
		t.Errorf("counted %v", counted)
	}
}

// TestSampling: whether an event is sampled is the same everywhere.
func TestSampling(t *testing.T) {
	for _, sampler := range []string{"traceidratio", "parentbased_traceidratio"} {
		t.Run(sampler, func(t *testing.T) {
			c := newCollector(t)
			t.Setenv("OTEL_TRACES_SAMPLER", sampler)
			t.Setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
			const n = 20
			for i := range n {
				accept(t, fmt.Sprint("event ", i))
				work(t, fmt.Sprint("event ", i))
			}
			sampled := map[string]bool{}
			for _, s := range c.named("accept") {
				sampled[s.TraceID] = true
			}
			for _, s := range c.named("work observe") {
				if !sampled[s.TraceID] {
					t.Error("work was sampled whose event was not")
				}
			}
			if got := len(c.named("work observe")); got != len(sampled) || got == 0 || got == n {
				t.Errorf("%d of %d events were sampled, and %d messages", len(sampled), n, got)
			}
		})
	}
}

// TestMetrics: durations are counted by their sort, and only by words of which
// there are few.
func TestMetrics(t *testing.T) {
	c := newCollector(t)
	t.Setenv("OTEL_METRIC_EXPORT_INTERVAL", "20")
	t.Setenv("OTEL_TRACES_EXPORTER", "none")
	x := open(t, &bytes.Buffer{})
	for i := range 3 {
		_, ended := x.Watch().Begin(t.Context(), "work", event(fmt.Sprint(i)), slog.String("kind", "observe"))
		ended(nil, slog.String("outcome", "done"))
	}
	_, ended := x.Watch().Begin(t.Context(), "work", slog.String("kind", "observe"))
	ended(errors.New("x"), slog.String("outcome", "retried"))
	for range 200 { // it sends by itself
		c.mu.Lock()
		sent := len(c.points) > 0
		if c.mu.Unlock(); sent {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	x.Close(t.Context())
	got := map[string]string{}
	for _, p := range c.points {
		a := p.Attributes.text()
		got[a["everqual.outcome"]] = p.Count
		if len(p.BucketCounts) != len(p.ExplicitBounds)+1 || a["everqual.event.id"] != "" || a["everqual.step"] != "work" || a["everqual.failed"] == "" {
			t.Errorf("a point is %+v", p)
		}
	}
	if len(got) != 2 || got["done"] != "3" || got["retried"] != "1" {
		t.Errorf("counted %v", got)
	}
	if len(c.spans) > 0 {
		t.Errorf("spans were sent: %+v", c.spans)
	}
}

func TestSetUp(t *testing.T) {
	for name, tc := range map[string]struct {
		env  map[string]string
		want string // in the error; "" for none: nothing is told
	}{
		"nothing":         {nil, ""},
		"disabled":        {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}, ""},
		"none":            {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}, ""},
		"other protocol":  {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "only http/json"},
		"no address":      {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "user:hunter2@collector:4317"}, "no address such as"},
		"no certificate":  {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:1", "OTEL_EXPORTER_OTLP_CERTIFICATE": "telemetry_test.go"}, "holds no certificate"},
		"one signal only": {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "ftp://x"}, "no address such as"},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range tc.env {
				t.Setenv(k, v)
			}
			x, err := telemetry.Open(t.Context(), telemetry.Options{Log: slog.New(slog.DiscardHandler), Random: rand.Reader, Now: time.Now})
			switch {
			case tc.want == "" && (err != nil || x != nil):
				t.Errorf("opened %v, %v; want nothing", x, err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hunter2")):
				t.Errorf("the error is %v, want %q", err, tc.want)
			}
			if x == nil { // and it does no harm
				_, ended := x.Watch().Begin(t.Context(), "work")
				ended(nil)
				x.Flush(t.Context())
				x.Close(t.Context())
			}
		})
	}
}

// TestCollectorFails: a collector that is busy is asked again; one that is gone is
// told of once, without what is secret, and holds nothing up.
func TestCollectorFails(t *testing.T) {
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hunter%202, x=y")
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	c := newCollector(t, 503)
	var log bytes.Buffer
	x := open(t, &log)
	tell := func() {
		_, ended := x.Watch().Begin(t.Context(), "work")
		ended(nil)
		x.Flush(t.Context())
	}
	tell()
	if len(c.spans) != 1 || len(c.requests) != 2 || log.Len() > 0 {
		t.Fatalf("%d spans came with %d requests; log: %s", len(c.spans), len(c.requests), &log)
	}
	if r := c.requests[1]; r.URL.Path != "/base/v1/traces" || r.Header.Get("Api-Key") != "hunter 2" || r.Header.Get("X") != "y" {
		t.Errorf("the request is %s %v", r.URL, r.Header)
	}
	c.statuses = []int{401, 401}
	tell()
	tell()
	tell()
	if got := log.String(); strings.Count(got, "is dropped") != 1 || strings.Count(got, "sent again") != 1 || strings.Contains(got, "hunter") {
		t.Errorf("told %s", got)
	}
	c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	began := time.Now()
	_, ended := x.Watch().Begin(ctx, "work")
	ended(nil)
	x.Close(ctx)
	if time.Since(began) > 5*time.Second || !strings.Contains(log.String(), "reach the collector") || strings.Contains(log.String(), "/base") {
		t.Errorf("took %v, told %s", time.Since(began), &log)
	}
}
