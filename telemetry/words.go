package telemetry

import (
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
)

// names are what OpenTelemetry calls what a step is about, where it has a name for
// it. https://opentelemetry.io/docs/specs/semconv/
var names = map[string]string{
	"service": "rpc.service", "operation": "rpc.method", "region": "cloud.region", "status": "http.response.status_code",
	"request": "aws.request_id", "event": "everqual.event.id", "message": "everqual.message.id", "resource": "everqual.resource.id",
}

func nameOf(key string) string {
	if name, ok := names[key]; ok {
		return name
	}
	return "everqual." + key
}

func attributes(about []slog.Attr) []attribute.KeyValue {
	var list []attribute.KeyValue
	for _, a := range about {
		switch name := nameOf(a.Key); a.Value.Kind() {
		case slog.KindInt64:
			list = append(list, attribute.Int64(name, a.Value.Int64()))
		case slog.KindBool:
			list = append(list, attribute.Bool(name, a.Value.Bool()))
		default:
			if text := a.Value.String(); text != "" {
				list = append(list, attribute.String(name, text))
			}
		}
	}
	return list
}

func value(about []slog.Attr, key string) string {
	for _, a := range about {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}

// spanName is the step, with what keeps its sorts apart.
func spanName(step string, about []slog.Attr) string {
	switch step {
	case "aws", "home":
		return value(about, "service") + "/" + value(about, "operation")
	case "work":
		return step + " " + value(about, "kind")
	case "append":
		if record := value(about, "record"); record != "" {
			return step + " " + record
		}
	}
	return step
}
