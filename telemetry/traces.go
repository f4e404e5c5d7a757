package telemetry

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// The messages of OTLP in their JSON form: ids in hexadecimal, enumerations as
// numbers, numbers of 64 bits as text.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
type (
	keyValue struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}
	described struct {
		Attributes []keyValue `json:"attributes"`
	}
	instrument struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	status struct {
		Code    int    `json:"code"`
		Message string `json:"message,omitempty"`
	}
	span struct {
		TraceID    string     `json:"traceId"`
		SpanID     string     `json:"spanId"`
		ParentID   string     `json:"parentSpanId,omitempty"`
		Flags      uint32     `json:"flags"`
		Name       string     `json:"name"`
		Kind       int        `json:"kind"`
		Start      string     `json:"startTimeUnixNano"`
		End        string     `json:"endTimeUnixNano"`
		Attributes []keyValue `json:"attributes,omitempty"`
		Dropped    int        `json:"droppedAttributesCount,omitempty"`
		Status     *status    `json:"status,omitempty"`
	}
	scopeSpans struct {
		Scope instrument `json:"scope"`
		Spans []span     `json:"spans"`
	}
	resourceSpans struct {
		Resource   described    `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
)

// exporter sends spans.
type exporter struct{ *sender }

// ExportSpans implements sdktrace.SpanExporter. All spans are of one scope. An error
// is told by the sender already.
func (e exporter) ExportSpans(ctx context.Context, ended []sdktrace.ReadOnlySpan) error {
	if len(ended) == 0 {
		return nil
	}
	spans := make([]span, len(ended))
	for i, s := range ended {
		spans[i] = spanOf(s)
	}
	_ = e.send(ctx, map[string]any{"resourceSpans": []resourceSpans{{
		resourceOf(ended[0].Resource()), []scopeSpans{{instrumentOf(ended[0].InstrumentationScope()), spans}},
	}}})
	return nil
}

// Shutdown implements sdktrace.SpanExporter.
func (e exporter) Shutdown(context.Context) error { return nil }

func spanOf(s sdktrace.ReadOnlySpan) span {
	of := span{
		TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(), Flags: uint32(s.SpanContext().TraceFlags()),
		Name: s.Name(), Kind: int(s.SpanKind()), Start: nanoseconds(s.StartTime()), End: nanoseconds(s.EndTime()),
		Attributes: keyValues(s.Attributes()), Dropped: s.DroppedAttributes(),
	}
	if p := s.Parent(); p.SpanID().IsValid() {
		of.ParentID = p.SpanID().String()
	}
	if s.Status().Code == codes.Error {
		of.Status = &status{2, s.Status().Description}
	}
	return of
}

func nanoseconds(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

func resourceOf(r *resource.Resource) described { return described{keyValues(r.Attributes())} }

func instrumentOf(s instrumentation.Scope) instrument { return instrument{s.Name, s.Version} }

func keyValues(list []attribute.KeyValue) []keyValue {
	var all []keyValue
	for _, a := range list {
		all = append(all, keyValue{string(a.Key), valueOf(a.Value)})
	}
	return all
}

func valueOf(v attribute.Value) map[string]any {
	switch v.Type() {
	case attribute.INT64:
		return map[string]any{"intValue": strconv.FormatInt(v.AsInt64(), 10)}
	case attribute.BOOL:
		return map[string]any{"boolValue": v.AsBool()}
	case attribute.STRING:
		return map[string]any{"stringValue": v.AsString()}
	}
	b, _ := json.Marshal(v.AsInterface()) // lists, which only a resource's variables bring
	return map[string]any{"stringValue": string(b)}
}
