package flow

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// The names of what a step is about, in logs and for whoever watches.
const (
	aboutEvent    = "event"
	aboutMessage  = "message"
	aboutResource = "resource"
)

type aboutKey struct{}

// about is what the step in the context is about.
func about(ctx context.Context) []slog.Attr {
	all, _ := ctx.Value(aboutKey{}).([]slog.Attr)
	return all
}

// with adds to what the context's step is about. What has a name already gets the
// new value; what is empty is left out.
func with(ctx context.Context, more ...slog.Attr) (context.Context, []slog.Attr) {
	all := slices.Clone(about(ctx))
	for _, a := range more {
		if a.Value.Kind() == slog.KindString && a.Value.String() == "" {
			continue
		}
		if i := slices.IndexFunc(all, func(b slog.Attr) bool { return a.Key == b.Key }); i >= 0 {
			all[i] = a
		} else {
			all = append(all, a)
		}
	}
	return context.WithValue(ctx, aboutKey{}, all), all
}

// begin begins a step: what is logged in its context says what it is about.
func (c *Corridor) begin(ctx context.Context, step string, more ...slog.Attr) (context.Context, everqual.Ended) {
	ctx, all := with(ctx, more...)
	return c.Watch.Begin(ctx, step, all...)
}

// append records one entry, as a step.
func (c *Corridor) append(ctx context.Context, e ledger.Entry) (everqual.Record, error) {
	ctx, ended := c.begin(ctx, "append", slog.String("record", string(e.Kind)))
	records, _, err := c.Ledger.Append(ctx, e)
	ended(err)
	if err != nil {
		return everqual.Record{}, err
	}
	return records[0], nil
}

// log is the log of the step in the context.
func (c *Corridor) log(ctx context.Context) *slog.Logger {
	return slog.New(c.Log.Handler().WithAttrs(about(ctx)))
}

// eventOf is the event that the step goes back to, "" where there is none.
func eventOf(ctx context.Context) string {
	for _, a := range about(ctx) {
		if a.Key == aboutEvent {
			return a.Value.String()
		}
	}
	return ""
}

// topic is what a message is about: its event and resource, where its body names
// them.
func topic(d Delivery) []slog.Attr {
	var body struct {
		EventID  string            `json:"event_id"`
		Resource everqual.Resource `json:"resource"`
	}
	_ = json.Unmarshal(d.Body, &body) // whoever works on it says what is wrong with it
	return []slog.Attr{
		slog.String(aboutEvent, body.EventID), slog.String(aboutMessage, d.ID), slog.String(aboutResource, string(body.Resource.ID)),
		slog.String("kind", d.Kind), slog.Int("attempt", d.Attempt),
	}
}
