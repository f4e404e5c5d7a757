package everqual

import (
	"context"
	"log/slog"
)

// Watch is told when a step of the work begins, what it is about, and through the
// function that it returns, how it ended. The step goes on in the context that it
// returns. A nil Watch is told nothing.
type Watch func(ctx context.Context, step string, about ...slog.Attr) (context.Context, Ended)

// Ended tells how a step ended, and what is known of it only then.
type Ended func(err error, about ...slog.Attr)

// Begin tells w of a step.
func (w Watch) Begin(ctx context.Context, step string, about ...slog.Attr) (context.Context, Ended) {
	if w == nil {
		return ctx, func(error, ...slog.Attr) {}
	}
	return w(ctx, step, about...)
}
