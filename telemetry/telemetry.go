// Package telemetry tells a collector of OpenTelemetry what the corridor does: a
// span for each step, and how long steps of each sort take. It speaks OTLP as JSON
// over HTTP, https://opentelemetry.io/docs/specs/otlp/, and is set up by the
// standard variables alone; docs/telemetry.md lists them.
package telemetry

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/everqual/everqual"
)

// scope is the name of what tells.
const scope = "github.com/everqual/everqual"

// Telemetry tells a collector. A nil one tells nobody.
type Telemetry struct {
	traces  *sdktrace.TracerProvider
	tracer  trace.Tracer
	metrics *metrics
}

// Options are what telemetry needs besides the variables.
type Options struct {
	Version string
	Log     *slog.Logger // where it is told that the collector cannot be reached
	Random  io.Reader    // of identifiers
	Now     func() time.Time
}

// Open reads the variables. Without an endpoint there is nothing to tell, and it
// returns nil.
func Open(ctx context.Context, o Options) (*Telemetry, error) {
	traces, err := destination("traces", o.Log)
	metric, e := destination("metrics", o.Log)
	if err := errors.Join(err, e); err != nil || traces == nil && metric == nil {
		return nil, err
	}
	who, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "everqual"), attribute.String("service.version", o.Version)),
		resource.WithFromEnv())
	if err != nil {
		return nil, err
	}
	options := []sdktrace.TracerProviderOption{sdktrace.WithResource(who), sdktrace.WithIDGenerator(identities{o.Random})}
	if traces != nil {
		options = append(options, sdktrace.WithBatcher(exporter{traces}))
	} else {
		options = append(options, sdktrace.WithSampler(sdktrace.NeverSample()))
	}
	t := &Telemetry{traces: sdktrace.NewTracerProvider(options...)}
	t.tracer = t.traces.Tracer(scope, trace.WithInstrumentationVersion(o.Version))
	if metric != nil {
		t.metrics = newMetrics(metric, who, o)
	}
	return t, nil
}

// Watch is what the corridor and its eyes tell.
func (t *Telemetry) Watch() everqual.Watch {
	if t == nil {
		return nil
	}
	return t.step
}

// step begins a span. A request of the home that belongs to no step is counted and has
// none: whoever waits for work asks for it all day, and each would be a trace.
func (t *Telemetry) step(ctx context.Context, step string, about ...slog.Attr) (context.Context, everqual.Ended) {
	began := time.Now()
	if step == "home" && !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, func(err error, more ...slog.Attr) { t.metrics.record(time.Since(began), step, err, about, more) }
	}
	kind := trace.SpanKindInternal
	if step == "aws" || step == "home" {
		kind = trace.SpanKindClient
	}
	ctx, span := t.tracer.Start(t.within(ctx, step, about), spanName(step, about),
		trace.WithSpanKind(kind), trace.WithAttributes(attributes(about)...))
	return ctx, func(err error, more ...slog.Attr) {
		span.SetAttributes(attributes(more)...)
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
		t.metrics.record(time.Since(began), step, err, about, more)
	}
}

// within is the context in which a step's span begins. A step that goes back to an
// event and is in no span yet is part of the event's trace, below its acceptance:
// the span of which follows from the event alone, wherever and whenever it was, and
// so does whether it is sampled. The one that is begun here to find out never ends,
// and so is never sent.
func (t *Telemetry) within(ctx context.Context, step string, about []slog.Attr) context.Context {
	event := value(about, "event")
	if event == "" || trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	ctx = ofEvent(ctx, event)
	if step == "accept" {
		return ctx
	}
	_, accepted := t.tracer.Start(ctx, "accept")
	return trace.ContextWithRemoteSpanContext(ctx, accepted.SpanContext())
}

// Flush sends what was not sent yet.
func (t *Telemetry) Flush(ctx context.Context) {
	if t == nil {
		return
	}
	_ = t.traces.ForceFlush(ctx) // the sender has told why
	t.metrics.flush(ctx)
}

// Close sends what was not sent yet, and ends.
func (t *Telemetry) Close(ctx context.Context) {
	if t == nil {
		return
	}
	_ = t.traces.Shutdown(ctx) // the sender has told why
	t.metrics.close(ctx)
}
