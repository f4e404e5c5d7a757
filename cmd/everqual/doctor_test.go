package main

import (
	"context"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
)

// TestExamineHome plants what can be wrong in ledger and queue.
func TestExamineHome(t *testing.T) {
	ctx := context.Background()
	start := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	send := func(t *testing.T, h flow.Home) {
		if err := h.Queue.Send(ctx, flow.Message{ID: "m", Kind: "observe", Subject: "s"}); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		plant  func(t *testing.T, h flow.Home)
		after  time.Duration
		check  string
		result everqual.CheckResult
	}{
		"signed":          {nil, 0, "signatures", everqual.CheckOK},
		"unsigned, new":   {appending, time.Hour, "signatures", everqual.CheckOK},
		"unsigned, old":   {appending, 3 * time.Hour, "signatures", everqual.CheckWarn},
		"clock before":    {appending, -time.Minute, "clock", everqual.CheckFail},
		"clock":           {appending, time.Minute, "clock", everqual.CheckOK},
		"no message":      {nil, 0, "waiting messages", everqual.CheckOK},
		"message":         {send, time.Minute, "waiting messages", everqual.CheckOK},
		"old message":     {send, time.Hour, "waiting messages", everqual.CheckWarn},
		"ancient message": {send, 25 * time.Hour, "waiting messages", everqual.CheckFail},
		"no letter":       {nil, 0, "dead letters", everqual.CheckOK},
		"dead letter": {func(t *testing.T, h flow.Home) {
			send(t, h)
			d, err := h.Queue.Receive(ctx, 1, time.Minute)
			if err != nil || len(d) != 1 {
				t.Fatal(d, err)
			}
			if err := h.Queue.Bury(ctx, d[0], everqual.DeadLetter{ID: "m", Cause: "no permission"}); err != nil {
				t.Fatal(err)
			}
		}, 0, "dead letters", everqual.CheckFail},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &handClock{start}
			h, err := embedded.Open(t.TempDir(), embedded.Options{Clock: clock})
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			appending(t, h)
			if err := takeOver(ctx, h); err != nil {
				t.Fatal(err)
			}
			if test.plant != nil {
				test.plant(t, h)
			}
			clock.now = start.Add(test.after)
			for _, c := range examineHome(ctx, h) {
				if c.Name == test.check && (c.Result != test.result || c.Result != everqual.CheckOK && c.Do == "") {
					t.Errorf("%+v, want %s", c, test.result)
				}
			}
		})
	}
}

// appending appends a record.
func appending(t *testing.T, h flow.Home) {
	t.Helper()
	key := h.Clock.Now().String()
	if head, err := h.Ledger.Head(t.Context()); err != nil || head.Sequence > 0 {
		key = "another"
	}
	if _, _, err := h.Ledger.Append(t.Context(), ledger.Entry{Kind: "test", Key: key, Body: 1}); err != nil {
		t.Fatal(err)
	}
}

// handClock shows what it is set to.
type handClock struct{ now time.Time }

func (c *handClock) Now() time.Time { return c.now }

func (c *handClock) Sleep(ctx context.Context, d time.Duration) error { return ctx.Err() }
