package telemetry

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// bounds are those of the histogram of durations, in seconds.
var bounds = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// sorts are what durations are kept apart by: words of which there are few.
var sorts = []string{"kind", "class", "outcome", "record", "service", "operation", "status"}

// metrics is one histogram: how long steps took, and so how many there were, by
// what sort. One histogram is no reason for the SDK of metrics, of 0.7 MB.
type metrics struct {
	to    *sender
	who   *resource.Resource
	scope instrument
	now   func() time.Time
	began time.Time
	stop  context.CancelFunc
	ended chan struct{}

	mu     sync.Mutex
	points map[string]*point
}

// point is the durations of one sort.
type point struct {
	attributes []attribute.KeyValue
	count      uint64
	sum        float64
	buckets    []uint64
}

// newMetrics sends every minute, or as OTEL_METRIC_EXPORT_INTERVAL says.
func newMetrics(to *sender, who *resource.Resource, o Options) *metrics {
	ctx, stop := context.WithCancel(context.Background())
	m := &metrics{
		to: to, who: who, scope: instrument{scope, o.Version}, now: o.Now, began: o.Now(),
		stop: stop, ended: make(chan struct{}), points: map[string]*point{},
	}
	every := time.Minute
	if ms, err := strconv.Atoi(os.Getenv("OTEL_METRIC_EXPORT_INTERVAL")); err == nil && ms > 0 {
		every = time.Duration(ms) * time.Millisecond
	}
	go m.keepSending(ctx, every)
	return m
}

func (m *metrics) keepSending(ctx context.Context, every time.Duration) {
	defer close(m.ended)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			m.flush(ctx)
		}
	}
}

func (m *metrics) record(took time.Duration, step string, err error, about ...[]slog.Attr) {
	if m == nil {
		return
	}
	of := []slog.Attr{slog.String("step", step), slog.Bool("failed", err != nil)}
	for _, a := range slices.Concat(about...) {
		if slices.Contains(sorts, a.Key) {
			of = append(of, a)
		}
	}
	list := attributes(of)
	var key strings.Builder
	for _, a := range list {
		key.WriteString(string(a.Key) + "=" + a.Value.String() + "\n")
	}
	seconds := took.Seconds()
	i, _ := slices.BinarySearch(bounds, seconds) // a bound belongs to the bucket below it
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.points[key.String()]
	if p == nil {
		p = &point{attributes: list, buckets: make([]uint64, len(bounds)+1)}
		m.points[key.String()] = p
	}
	p.count++
	p.sum += seconds
	p.buckets[i]++
}

// flush sends the histogram as it is now: since the beginning, so that one that is
// lost is made up for by the next.
func (m *metrics) flush(ctx context.Context) {
	if m == nil {
		return
	}
	points := m.dataPoints()
	if len(points) == 0 {
		return
	}
	const cumulative = 2
	_ = m.to.send(ctx, map[string]any{"resourceMetrics": []any{map[string]any{ // the sender tells of its errors
		"resource": resourceOf(m.who),
		"scopeMetrics": []any{map[string]any{"scope": m.scope, "metrics": []any{map[string]any{
			"name": "everqual.step.duration", "unit": "s", "description": "How long steps of the corridor took",
			"histogram": map[string]any{"aggregationTemporality": cumulative, "dataPoints": points},
		}}}},
	}}})
}

func (m *metrics) dataPoints() (points []map[string]any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.points {
		buckets := make([]string, len(p.buckets))
		for i, n := range p.buckets {
			buckets[i] = strconv.FormatUint(n, 10)
		}
		points = append(points, map[string]any{
			"attributes": keyValues(p.attributes), "startTimeUnixNano": nanoseconds(m.began), "timeUnixNano": nanoseconds(m.now()),
			"count": strconv.FormatUint(p.count, 10), "sum": p.sum, "bucketCounts": buckets, "explicitBounds": bounds,
		})
	}
	return points
}

func (m *metrics) close(ctx context.Context) {
	if m == nil {
		return
	}
	m.stop()
	<-m.ended
	m.flush(ctx)
}
