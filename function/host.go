package function

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/specification"
)

// Host is one function and what it works with.
type Host struct {
	Name string // of the function: "intake", "work", ...
	Home string // its name in metrics
	// Open opens the corridor. It is called at the first invocation, and again
	// until it succeeds.
	Open func(ctx context.Context) (*flow.Corridor, error)
	// Library reads the specifications anew.
	Library func(ctx context.Context) (*specification.Library, error)
	// Report issues and archives the report of a system.
	Report func(ctx context.Context, c *flow.Corridor, r ReportRequest) (ReportIssued, error)
	// Sweep observes every resource of a scope.
	Sweep func(ctx context.Context, c *flow.Corridor, r SweepRequest) (everqual.SweepAccount, error)

	Log     *slog.Logger
	Metrics io.Writer
	Now     func() time.Time

	corridor *flow.Corridor
	read     time.Time // when the specifications were read
}

// handler is a function. Its result is the reply.
type handler func(ctx context.Context, c *call, input json.RawMessage) (any, error)

func (h *Host) handlers() map[string]handler {
	return map[string]handler{
		"intake": takeIn, "work": work, "judge": judge,
		"specification": newSpecification, "schedule": schedule, "task": task,
	}
}

// Check tells whether there is such a function.
func (h *Host) Check() error {
	all := h.handlers()
	if all[h.Name] == nil {
		return fmt.Errorf("there is no function %q: set EVERQUAL_FUNCTION to one of %s", h.Name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
	return nil
}

// call is one invocation.
type call struct {
	*flow.Corridor
	host    *Host
	id      string
	metrics metrics
}

// Invoke runs the function once.
func (h *Host) Invoke(ctx context.Context, in Invocation) (reply any, err error) {
	if err := h.Check(); err != nil {
		return nil, everqual.Permanent(err)
	}
	began := h.Now()
	log := h.Log.With("function", h.Name, "request", in.ID)
	if h.corridor == nil {
		c, err := h.Open(ctx)
		if err != nil {
			log.Error("open the home", "cause", err)
			return nil, fmt.Errorf("open the home: %w", err)
		}
		h.corridor, h.read = c, began
	}
	h.corridor.Log = log
	c := &call{Corridor: h.corridor, host: h, id: in.ID, metrics: metrics{}}
	reply, err = h.handlers()[h.Name](ctx, c, in.Payload)
	if _, wait := flow.NotYet(err); err != nil && !wait {
		log.Error("failed", "cause", err)
		c.metrics.add("Errors", count, 1)
	}
	c.metrics.add("Duration", milliseconds, float64(h.Now().Sub(began).Milliseconds()))
	return reply, errors.Join(err, c.metrics.write(h.Metrics, began, h.Home, h.Name))
}

// Close closes the home, if it was opened.
func (h *Host) Close() error {
	if h.corridor == nil {
		return nil
	}
	return h.corridor.Close()
}

// fresh reads the specifications again when they were read longer ago. Where
// that fails the last good ones go on judging: what is wrong with the new ones is
// told by the function that is for them.
func (c *call) fresh(ctx context.Context, age time.Duration) {
	if c.host.Now().Sub(c.host.read) < age {
		return
	}
	if err := c.reload(ctx); err != nil {
		c.Log.Error("keep the last good specifications", "cause", err)
	}
}

// reload reads the specifications and registers them. An old library stays until
// the new one is known to be good.
func (c *call) reload(ctx context.Context) error {
	began, old := c.host.Now(), c.Library
	library, err := c.host.Library(ctx)
	if err != nil {
		return err
	}
	c.Library = library
	if err := c.Register(ctx); err != nil {
		c.Library = old
		return err
	}
	c.host.read = began
	return nil
}

// decode reads a payload strictly enough that a mistyped key is told.
func decode(input json.RawMessage, to any) error {
	d := json.NewDecoder(strings.NewReader(string(input)))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return everqual.Permanent(fmt.Errorf("read the input: %w", err))
	}
	return nil
}
