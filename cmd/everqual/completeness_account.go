package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/intake"
	"github.com/everqual/everqual/trail"
)

// completeness is the account of a time: whether CloudTrail's files are whole, and
// what became of each event in them.
type completeness struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"` // not included
	// Until is up to when files were delivered that were looked at.
	Until time.Time `json:"delivered_until,omitzero"`
	// Trail is what the validation of the files found.
	Trail trail.Result `json:"trail"`
	// Files are the validated log files that were read, Events what they hold of the
	// time: the sum of Fates. Late are those of them that happened before From and
	// were delivered so late that no earlier account has them. Outside are events of
	// before From or after To that are not counted, Duplicates those that had been
	// counted.
	Files      int               `json:"files"`
	Events     int               `json:"events"`
	Late       int               `json:"late"`
	Outside    int               `json:"outside"`
	Duplicates int               `json:"duplicates"`
	Fates      map[flow.Fate]int `json:"fates"`
	// Open are the events that are not accounted for; OpenCount counts all of them,
	// Truncated tells that more are open than are listed.
	OpenCount int         `json:"open_count"`
	Open      []openEvent `json:"open"`
	Truncated bool        `json:"open_truncated"`
	// NoRule are the calls that no rule knows, the most frequent first.
	NoRule []unknownCall `json:"no_rule"`
	// Unparsable are what should have been events, NoEvents the first of them.
	Unparsable int       `json:"unparsable"`
	NoEvents   []noEvent `json:"no_events"`

	keys    []byte // that it was validated with
	seen    map[[16]byte]bool
	unknown map[unknownCall]int
}

type openEvent struct {
	ID      string    `json:"id"`
	Time    time.Time `json:"time"`
	Service string    `json:"service"`
	Name    string    `json:"name"`
	File    string    `json:"file"`
	flow.Reconciled
}

// unknownCall is a kind of event, and how often it was met.
type unknownCall struct {
	Service string `json:"service"`
	Name    string `json:"name"`
	Count   int    `json:"count"`
}

// noEvent is what should have been an event: the record of the file, from 0.
type noEvent struct {
	File   string `json:"file"`
	Index  int    `json:"index"`
	Reason string `json:"reason"`
}

// lateness is how long after --to files are taken that hold events of before. CloudTrail
// delivers within about five minutes, and promises no time.
const lateness = time.Hour

// maxListed is how many open events are listed, and what is no event; all are counted.
const maxListed = 10_000

func newCompleteness(from, to time.Time) *completeness {
	a := &completeness{
		From: from, To: to, Fates: map[flow.Fate]int{}, Open: []openEvent{}, NoRule: []unknownCall{}, NoEvents: []noEvent{},
		seen: map[[16]byte]bool{}, unknown: map[unknownCall]int{},
	}
	if !to.IsZero() {
		a.Until = to.Add(lateness)
	}
	return a
}

// complete tells whether nothing is missing: every file is proven, and every event
// accounted for.
func (a *completeness) complete() bool {
	return a.OpenCount == 0 && a.Unparsable == 0 && a.findings() == 0
}

// findings counts what is wrong with the files, or not known of them.
func (a *completeness) findings() (n int) {
	for _, f := range a.Trail.Findings {
		if f.Severity != trail.Note {
			n++
		}
	}
	return n
}

// signed reports a time of which nothing is signed, when the hour after it is.
func (a *completeness) signed() {
	for _, c := range a.Trail.Chains {
		for _, i := range c.Covered {
			if (a.To.IsZero() || i.From.Before(a.To)) && i.To.After(a.From) {
				return
			}
		}
	}
	if a.findings() == 0 {
		a.Trail.Findings = append(a.Trail.Findings, trail.Finding{
			Kind: trail.DigestNone, Severity: trail.Unverifiable, From: a.From, To: a.To, Message: "no digest is of this time: nothing is signed for",
		})
	}
}

// file looks up every event of a validated log file.
func (a *completeness) file(ctx context.Context, c *flow.Corridor, key string, items iter.Seq[intake.Item]) error {
	a.Files++
	index := -1
	for item := range items {
		index++
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if item.Err != nil {
			a.noEvent(key, index, item.Err)
			continue
		}
		if err := a.event(ctx, c, key, item.Event); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (a *completeness) noEvent(key string, index int, err error) {
	if a.Unparsable++; len(a.NoEvents) < maxListed {
		a.NoEvents = append(a.NoEvents, noEvent{key, index, err.Error()})
	}
}

// counts tells whether an event belongs to the time. One of before is late when the
// account of the time up to From did not look at its file; that looked as long after
// From as this one does after To.
func (a *completeness) counts(key string, t time.Time) (counts, late bool) {
	switch {
	case !a.To.IsZero() && !t.Before(a.To):
		return false, false
	case a.From.IsZero() || !t.Before(a.From):
		return true, false
	}
	late = !a.Trail.Delivered[key].Add(-time.Hour).Before(a.From.Add(lateness))
	return late, late
}

func (a *completeness) event(ctx context.Context, c *flow.Corridor, key string, e everqual.ChangeEvent) error {
	counts, late := a.counts(key, e.Time)
	switch {
	case !counts:
		a.Outside++
		return nil
	case a.again(e):
		a.Duplicates++
		return nil
	case late:
		a.Late++
	}
	r, err := c.Reconcile(ctx, e)
	if err != nil {
		return fmt.Errorf("look up event %s: %w", e.ID, err)
	}
	a.Events++
	a.Fates[r.Fate]++
	switch {
	case r.Fate == flow.FateNoRule:
		a.unknown[unknownCall{Service: e.Service, Name: e.Name}]++
	case !r.Fate.Accounted():
		a.open(openEvent{e.ID, e.Time, e.Service, e.Name, key, r})
	}
	return nil
}

func (a *completeness) open(e openEvent) {
	if a.OpenCount++; len(a.Open) < maxListed {
		a.Open = append(a.Open, e)
	}
	a.Truncated = a.OpenCount > len(a.Open)
}

// again tells whether an event was counted before: CloudTrail may deliver one twice, and
// two trails deliver each. Half a hash stands for the event, so that a day's fit in
// memory.
func (a *completeness) again(e everqual.ChangeEvent) bool {
	sum := [16]byte{}
	whole := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", e.ID, e.Account, e.Region))
	copy(sum[:], whole[:])
	known := a.seen[sum]
	a.seen[sum] = true
	return known
}

// rank lists what no rule knows.
func (a *completeness) rank() {
	a.NoRule = a.NoRule[:0]
	for call, n := range a.unknown {
		a.NoRule = append(a.NoRule, unknownCall{call.Service, call.Name, n})
	}
	slices.SortFunc(a.NoRule, func(x, y unknownCall) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Service, y.Service), cmp.Compare(x.Name, y.Name))
	})
}
