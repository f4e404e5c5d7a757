package telemetry

import (
	"context"
	"crypto/sha256"
	"io"

	"go.opentelemetry.io/otel/trace"
)

type eventKey struct{}

// ofEvent has the next span be the acceptance of an event.
func ofEvent(ctx context.Context, event string) context.Context {
	return context.WithValue(ctx, eventKey{}, event)
}

// identities gives spans their ids. Those of an event's acceptance are made of the
// event's id: the first 16 bytes of its SHA-256 are the trace, the next 8 the span.
// So all that goes back to one event is one trace, though nothing but the event's id
// is carried through queues and homes.
type identities struct{ random io.Reader }

// NewIDs implements sdktrace.IDGenerator.
func (g identities) NewIDs(ctx context.Context) (t trace.TraceID, s trace.SpanID) {
	if event, ok := ctx.Value(eventKey{}).(string); ok {
		sum := sha256.Sum256([]byte(event))
		copy(t[:], sum[:16])
		copy(s[:], sum[16:24])
		return t, s
	}
	_, _ = io.ReadFull(g.random, t[:])
	return t, g.NewSpanID(ctx, t)
}

// NewSpanID implements sdktrace.IDGenerator.
func (g identities) NewSpanID(context.Context, trace.TraceID) (s trace.SpanID) {
	_, _ = io.ReadFull(g.random, s[:])
	return s
}
