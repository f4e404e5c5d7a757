// Package flow is the corridor: it takes one change event from its arrival to
// the verdict, step by step, and holds the ports that a home satisfies.
//
//	raw -> intake -> ChangeEvent -> rule.Match -> []Resource -> queue
//	queue -> collect.Observe -> Observation + Evidence -> ledger.Observe -> Record vN
//	Record -> assess.Assess -> Assessment -> ledger.Judge -> notify
//
// Every step is repeatable, because queues deliver at least once: a crash
// between any two steps heals on redelivery.
package flow

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/specification"
)

// Corridor is a home with the rules, eyes and specifications that work in it.
type Corridor struct {
	Home
	Rules     *rule.Set
	Collector *collect.Collector
	Library   *specification.Library
	Settings  Settings
	Log       *slog.Logger
	// Report composes a system's report as the ledger is now and archives its data.
	// why is the record that asks for it. What it returns is yet to be recorded, and
	// people are yet to be told.
	Report func(ctx context.Context, c *Corridor, s everqual.System, why uint64) (everqual.ReportIssued, Notice, error)
	// Watch is told of every step: accept, work, collect, judge, append.
	Watch everqual.Watch
	// Progress, when set, is called after each message with what is done and
	// what is left.
	Progress func(WorkCounts)

	shared sync.Map                  // digests of the shared replies that this process has archived
	tended atomic.Pointer[time.Time] // when the queue was last looked after
}

// Settings are the corridor's times and bounds.
type Settings struct {
	// Settle is how long after an event its resources are observed: an event
	// arrives before the change has settled.
	Settle time.Duration
	// Debounce is the least time between two observations of one resource.
	Debounce time.Duration
	// Reports is how long after a change the report is issued that it asks for:
	// changes come together, and the report that answers one answers all before it.
	Reports time.Duration
	// Visibility is how long a worker may hold a message, and so how long a
	// message waits after its worker was killed.
	Visibility time.Duration
	// MaxAttempts is how often a message is tried before it is a dead letter.
	MaxAttempts int
	// Workers is how many resources are observed at the same time.
	Workers int
	// Jitter returns a number in [0,1) that spreads retries.
	Jitter func() float64
}

// DefaultSettings suit a live account.
func DefaultSettings() Settings {
	return Settings{
		Settle: 30 * time.Second, Debounce: 10 * time.Second, Reports: time.Minute, Visibility: time.Minute,
		MaxAttempts: 6, Workers: 8, Jitter: rand.Float64,
	}
}

// Register records each specification at its first use and archives its text,
// so that every assessment can be read together with what it was judged by.
// A specification that changed without a new version is refused.
func (c *Corridor) Register(ctx context.Context) error {
	for _, s := range c.Library.Specifications() {
		if err := c.Archive.Put(ctx, s.Digest, s.Source); err != nil {
			return fmt.Errorf("archive specification %s %s: %w", s.ID, s.Version, err)
		}
		records, _, err := c.Ledger.Append(ctx, ledger.Entry{
			Kind:     everqual.KindSpecification,
			Key:      specificationKey(s.Ref()),
			Subjects: []string{"specification:" + s.ID, s.System},
			Body:     s.Ref(),
		})
		if err != nil {
			return fmt.Errorf("record specification %s %s: %w", s.ID, s.Version, err)
		}
		if err := asFirstUsed(s, records[0]); err != nil {
			return err
		}
	}
	return nil
}

func specificationKey(s everqual.SpecificationRef) string {
	return fmt.Sprintf("specification:%s:%s", s.ID, s.Version)
}

// asFirstUsed refuses a specification that changed since its first use was recorded.
func asFirstUsed(s everqual.Specification, use everqual.Record) error {
	first, err := ledger.Body[everqual.SpecificationRef](use)
	if err == nil && first.Digest != s.Digest {
		err = everqual.Permanent(fmt.Errorf(
			"%s: specification %s version %s differs from the one first used on %s (record %d): give a changed specification a new version",
			s.Path, s.ID, s.Version, use.Time.Format(time.RFC3339), use.Sequence))
	}
	return err
}

// Unused says which specifications the ledger does not hold as they are here: none of
// its answers rests on them. Whoever only asks is told, and records nothing: a draft
// that was looked at may still be changed.
func (c *Corridor) Unused(ctx context.Context) (said []string, err error) {
	for _, s := range c.Library.Specifications() {
		use, ok, err := c.Ledger.Find(ctx, specificationKey(s.Ref()))
		if err != nil {
			return nil, fmt.Errorf("read specification %s %s: %w", s.ID, s.Version, err)
		}
		if !ok {
			said = append(said, fmt.Sprintf("%s: specification %s version %s is not in force yet: it was never used; the next 'everqual run' uses it", s.Path, s.ID, s.Version))
		} else if err := asFirstUsed(s, use); err != nil {
			said = append(said, err.Error()+"; this one is not in force")
		}
	}
	return said, nil
}
