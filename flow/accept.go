package flow

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/intake"
	"github.com/everqual/everqual/ledger"
)

// Kinds of messages.
const (
	kindObserve = "observe"
	kindNotify  = "notify"
	kindReport  = "report"
)

// request is the body of an observe message.
type request struct {
	Resource everqual.Resource `json:"resource"`
	// NotBefore is the event's time and the settling time: an observation at
	// or after it answers the request.
	NotBefore time.Time `json:"not_before"`
	EventID   string    `json:"event_id,omitempty"`
	// Unresolved says why the event names no resource.
	Unresolved string `json:"unresolved,omitempty"`
}

// eventResolution is how exact event times are: CloudTrail gives whole seconds,
// so an event may have happened up to a second later than it says.
const eventResolution = time.Second

// farAhead is how far an event may be ahead of this machine's clock before it is said:
// clocks differ a little.
const farAhead = time.Minute

// happened is when an event happened, as far as that decides when to look: what has
// come in has happened, whatever time it claims. Else it would be looked at when that
// time comes, and the change would go unseen until then.
func happened(e everqual.ChangeEvent, heard time.Time) time.Time {
	if e.Time.After(heard) {
		return heard
	}
	return e.Time
}

// acceptBatch is how many events are made durable together.
const acceptBatch = 100

// Acceptance takes change events in and accounts for each. It belongs to one
// goroutine.
type Acceptance struct {
	Counts everqual.EventCounts

	corridor *Corridor
	// seen are the IDs of this run, also of the read-only events that no record
	// keeps, and before those that came earlier. Of an archive without end the
	// last million or two are remembered; what changed something is also found
	// in the ledger.
	seen, before map[idHash]struct{}
	batch        []everqual.ReceivedEvent
	messages     []Message
}

const remembered = 1 << 20

// idHash stands for an event ID: half a SHA-256, so that millions fit in memory
// and no two IDs meet.
type idHash [16]byte

// Accept returns an empty acceptance.
func (c *Corridor) Accept() *Acceptance {
	return &Acceptance{corridor: c, seen: map[idHash]struct{}{}}
}

// Event classifies one event. Mutating events are kept, and the resources they
// touched are queued for observation, when Flush returns.
func (a *Acceptance) Event(ctx context.Context, e everqual.ChangeEvent) error {
	s := &Sifted{Item: intake.Item{Event: e}}
	if s.Changed() {
		s.Match, s.MatchErr = a.corridor.Rules.Match(e)
	}
	return a.event(ctx, s)
}

func (a *Acceptance) event(ctx context.Context, s *Sifted) error {
	known := a.repeated(s.Event.ID)
	if !known && s.Event.ReadOnly {
		a.Counts.Add(everqual.ReadOnly)
		return nil
	}
	if !known {
		var err error
		if _, known, err = a.corridor.Ledger.Find(ctx, eventKey(s.Event.ID)); err != nil {
			return err
		}
	}
	if known {
		a.Counts.Add(everqual.Duplicate)
		return nil
	}
	if err := a.classify(ctx, s); err != nil {
		return err
	}
	if len(a.batch) >= acceptBatch {
		return a.Flush(ctx)
	}
	return nil
}

// Unparsable counts something that should have been an event.
func (a *Acceptance) Unparsable() { a.Counts.Add(everqual.Unparsable) }

// repeated tells whether this run has met the ID already, and remembers it.
func (a *Acceptance) repeated(id string) bool {
	sum := sha256.Sum256([]byte(id))
	h := idHash(sum[:])
	if _, ok := a.seen[h]; ok {
		return true
	}
	if len(a.seen) >= remembered {
		a.seen, a.before = map[idHash]struct{}{}, a.seen
	}
	a.seen[h] = struct{}{}
	_, ok := a.before[h]
	return ok
}

func eventKey(id string) string { return "event:" + id }

func (a *Acceptance) classify(ctx context.Context, s *Sifted) error {
	received := everqual.ReceivedEvent{ChangeEvent: s.Event, Class: everqual.Failed}
	ctx, ended := a.corridor.begin(ctx, "accept", slog.String(aboutEvent, s.Event.ID), slog.String("name", s.Event.Name))
	var err error
	if s.Changed() {
		err = a.match(ctx, s, &received)
	}
	ended(err, slog.String("class", string(received.Class)), slog.String("rule", received.Rule), slog.Int("resources", len(received.Resources)))
	if err != nil {
		return err
	}
	a.Counts.Add(received.Class)
	a.corridor.log(ctx).Info("event", "input", s.Event.Place.Input,
		"class", received.Class, "rule", received.Rule, "resources", len(received.Resources))
	a.batch = append(a.batch, received)
	return nil
}

// match finds the resources that the event touched. An event that a rule
// knows, but whose resources it cannot name, is queued all the same and ends
// as a dead letter that a person must look at.
func (a *Acceptance) match(ctx context.Context, s *Sifted, e *everqual.ReceivedEvent) error {
	m := s.Match
	if s.MatchErr != nil {
		m.Rule, m.Unresolved = cmp.Or(m.Rule, "?"), s.MatchErr.Error()
	}
	e.Class, e.Rule, e.Resources = everqual.Matched, m.Rule, m.Resources
	if !m.Touched() {
		e.Class = everqual.Unmatched
		return nil
	}
	if m.Unresolved != "" {
		a.message(e.ChangeEvent, request{Unresolved: m.Unresolved})
	}
	for _, r := range m.Resources {
		if err := a.ask(ctx, e.ChangeEvent, r, slices.Contains(m.Parts, r.ID)); err != nil {
			return err
		}
	}
	return nil
}

// ask queues the observation of a resource and of all that contain it. What is
// only a part of others and in none that is known needs a person: nobody can
// tell what changed.
func (a *Acceptance) ask(ctx context.Context, e everqual.ChangeEvent, r everqual.Resource, part bool) error {
	users, err := a.corridor.users(ctx, r.ID)
	if err != nil {
		return err
	}
	switch {
	case !part:
		a.message(e, request{Resource: r})
	case len(users) == 0:
		a.message(e, request{Resource: r, Unresolved: fmt.Sprintf("%s is in no resource that was observed", r.ID)})
	}
	for _, u := range users {
		a.message(e, request{Resource: u})
	}
	return nil
}

// users returns the resources in whose observations a resource is nested: what
// changes the part changes what they show.
func (c *Corridor) users(ctx context.Context, part everqual.ResourceID) ([]everqual.Resource, error) {
	var users []everqual.Resource
	q := ledger.Query{Kind: everqual.KindObservation, Subject: ledger.PartSubject(part)}
	for o, err := range ledger.Bodies[everqual.Observation](ctx, c.Ledger, q) {
		if err != nil {
			return nil, fmt.Errorf("read what %s is part of: %w", part, err)
		}
		if !slices.Contains(users, o.Body.Resource) {
			users = append(users, o.Body.Resource)
		}
	}
	return users, nil
}

func (a *Acceptance) message(e everqual.ChangeEvent, r request) {
	now := a.corridor.Clock.Now()
	r.EventID, r.NotBefore = e.ID, happened(e, now).Add(eventResolution+a.corridor.Settings.Settle)
	subject := string(r.Resource.ID)
	if r.Unresolved != "" {
		subject = "event " + e.ID
	}
	body, _ := json.Marshal(r) // of strings and times only: cannot fail
	a.messages = append(a.messages, Message{
		ID: "observe:" + e.ID + ":" + string(r.Resource.ID), Kind: kindObserve, Subject: subject,
		Body: body, SentAt: now, NotBefore: later(now, r.NotBefore),
	})
}

// Flush makes the events durable. The messages go first: a crash in between
// sends them again, which the queue and the ledger both forgive, while the
// other order would lose them.
func (a *Acceptance) Flush(ctx context.Context) error {
	if len(a.batch) == 0 {
		return nil
	}
	if err := a.corridor.Queue.Send(ctx, a.messages...); err != nil {
		return fmt.Errorf("queue %d messages: %w", len(a.messages), err)
	}
	if err := a.append(ctx); err != nil {
		return err
	}
	a.batch, a.messages = a.batch[:0], a.messages[:0]
	return nil
}

func (a *Acceptance) append(ctx context.Context) error {
	entries := make([]ledger.Entry, len(a.batch))
	for i, e := range a.batch {
		subjects := []string{"event:" + e.ID}
		for _, r := range e.Resources {
			subjects = append(subjects, string(r.ID))
		}
		entries[i] = ledger.Entry{Kind: everqual.KindChangeEvent, Key: eventKey(e.ID), Subjects: subjects, Body: e}
	}
	ctx, ended := a.corridor.begin(ctx, "append", slog.Int("records", len(entries)))
	_, _, err := a.corridor.Ledger.Append(ctx, entries...)
	if err != nil {
		err = fmt.Errorf("record %d change events: %w", len(entries), err)
	}
	ended(err)
	return err
}

// Request queues an observation that no event asked for.
func (c *Corridor) Request(ctx context.Context, r everqual.Resource) error {
	return c.Queue.Send(ctx, c.onDemand(r, c.Clock.Now()))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
