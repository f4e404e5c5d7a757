package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"time"

	"github.com/everqual/everqual/function"
	"github.com/everqual/everqual/telemetry"
)

// lastWord is how long the end of the program waits for the collector of telemetry.
const lastWord = 5 * time.Second

// watched has the corridor and its eyes tell the collector that the OTEL variables
// name, if they name one. end sends what was not sent yet.
func (a *app) watched(ctx context.Context, l *live) (end func(), err error) {
	a.telemetry, err = telemetry.Open(ctx, telemetry.Options{Version: version(), Log: l.log(a.logger()), Random: rand.Reader, Now: time.Now})
	if err != nil {
		return nil, usageError{err}
	}
	l.aws.Watch = a.telemetry.Watch()
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWord)
		defer cancel()
		a.telemetry.Close(ctx)
	}, nil
}

// flushed sends telemetry at the end of each invocation: after it Lambda may stop
// the clock for hours.
func (a *app) flushed(invoke func(context.Context, function.Invocation) (any, error)) func(context.Context, function.Invocation) (any, error) {
	return func(ctx context.Context, in function.Invocation) (any, error) {
		reply, err := invoke(ctx, in)
		a.telemetry.Flush(ctx)
		return reply, err
	}
}

// log is where steps are logged: as --log says, or as the command does otherwise.
func (l *live) log(otherwise *slog.Logger) *slog.Logger {
	if l.steps == "" {
		return otherwise
	}
	return stepsTo(l.steps)
}

func stepsTo(format string) *slog.Logger {
	if format == "text" {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, nil))
}
