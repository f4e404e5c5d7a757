package flow

import (
	"context"
	"time"
)

// Clock gives the time and lets it pass, so that a replay can run years of
// events in a second.
type Clock interface {
	Now() time.Time
	// Sleep returns early with the context's error.
	Sleep(ctx context.Context, d time.Duration) error
}

// MachineClock is the time of this machine.
type MachineClock struct{}

// Now is the time of this machine.
func (MachineClock) Now() time.Time { return time.Now() }

// Sleep waits.
func (MachineClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return ctx.Err()
	}
}
