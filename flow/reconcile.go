package flow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Fate is what became of a change event. Each has exactly one.
type Fate string

const (
	FateReadOnly    Fate = "read-only"         // changed nothing
	FateFailed      Fate = "failed"            // the call was refused: changed nothing, and need not be in the ledger
	FateObserved    Fate = "observed"          // every resource was looked at afterwards
	FateDeleted     Fate = "deletion recorded" // looked at, and at least one was gone
	FateDisposed    Fate = "disposed of"       // a dead letter that a person decided about
	FateOutOfScope  Fate = "out of scope"      // the rule that knows it says so
	FateNoRule      Fate = "no rule knows it"
	FateDeadLetter  Fate = "dead letter"                  // open: a person has to decide
	FateUnread      Fate = "looked at, could not be read" // open: what was seen since answers nothing
	FateNotObserved Fate = "not observed"                 // in the ledger, and nobody has looked since
	FateNotReceived Fate = "not received"                 // not in the ledger
	FateDiffers     Fate = "differs from what was signed" // the ledger has another event under its ID
)

// Accounted tells whether nothing is left to be done about such an event. One that
// no rule knows is accounted for: the list of them is what the rules lack.
func (f Fate) Accounted() bool {
	return !slices.Contains([]Fate{FateDeadLetter, FateUnread, FateNotObserved, FateNotReceived, FateDiffers}, f)
}

// Reconciled is an event with its fate: why says more in words.
type Reconciled struct {
	Fate  Fate   `json:"fate"`
	Why   string `json:"why,omitempty"`
	Entry uint64 `json:"entry,omitempty"` // of the event in the ledger
}

// Reconcile says what became of an event as CloudTrail signed it, by the ledger. One
// that is read-only by its signature is not looked up: the ledger keeps none of them.
func (c *Corridor) Reconcile(ctx context.Context, e everqual.ChangeEvent) (Reconciled, error) {
	if e.ReadOnly {
		return Reconciled{Fate: FateReadOnly}, nil
	}
	record, ok, err := c.Ledger.Find(ctx, eventKey(e.ID))
	switch {
	case err != nil:
		return Reconciled{}, err
	case !ok && e.ErrorCode != "":
		return Reconciled{Fate: FateFailed}, nil
	case !ok:
		return Reconciled{Fate: FateNotReceived, Why: "the ledger does not hold it: hand its log file to 'everqual run'"}, nil
	}
	received, err := ledger.Body[everqual.ReceivedEvent](record)
	if err != nil {
		return Reconciled{}, err
	}
	r := Reconciled{Entry: record.Sequence}
	switch r.Why = difference(received.ChangeEvent, e); {
	case r.Why != "":
		r.Fate = FateDiffers
	case received.Class == everqual.Failed:
		r.Fate = FateFailed
	case received.Class == everqual.Unmatched:
		if r.Fate, r.Why = FateNoRule, received.Service+" "+received.Name; received.Rule != "" {
			r.Fate, r.Why = FateOutOfScope, "the rule "+received.Rule
		}
	default:
		received.Time = happened(received.ChangeEvent, record.Time)
		r.Fate, r.Why, err = c.followed(ctx, received)
	}
	return r, err
}

// followed tells whether every resource of a matched event was looked at after it;
// the worst of what became of them is the event's.
func (c *Corridor) followed(ctx context.Context, e everqual.ReceivedEvent) (Fate, string, error) {
	fate, why := FateObserved, ""
	worse := func(f Fate, w string) {
		order := []Fate{FateObserved, FateDeleted, FateDisposed, FateUnread, FateNotObserved, FateDeadLetter}
		if slices.Index(order, f) > slices.Index(order, fate) {
			fate, why = f, w
		}
	}
	letters, err := c.lettersOf(ctx, e)
	if err != nil {
		return "", "", err
	}
	for id, action := range letters {
		if action == "" {
			worse(FateDeadLetter, id+": see 'everqual deadletter show'")
		} else {
			worse(FateDisposed, id)
		}
	}
	if len(e.Resources) == 0 && len(letters) == 0 {
		worse(FateNotObserved, "the rule "+e.Rule+" names no resource of it: it waits to become a dead letter")
	}
	for _, r := range e.Resources {
		seen, err := c.seenAfter(ctx, r.ID, e)
		if err != nil {
			return "", "", err
		}
		_, dead := letters["observe:"+e.ID+":"+string(r.ID)]
		switch {
		case seen.Version > 0 && seen.State == everqual.Deleted:
			worse(FateDeleted, fmt.Sprintf("%s, entry %d", r.ID, seen.Record.Sequence))
		case dead:
		case seen.Version == 0:
			worse(FateNotObserved, string(r.ID))
		case nothingRead(seen.Observation):
			worse(FateUnread, fmt.Sprintf("%s, entry %d: %s %s", r.ID, seen.Record.Sequence, seen.Unread[0].Reason, seen.Unread[0].Message))
		}
	}
	return fate, why, nil
}

// lettersOf are the dead letters about an event, by id, with what somebody decided
// about each, "" for nothing yet. One that was sent again lives on as what it led
// to, and is not among them.
func (c *Corridor) lettersOf(ctx context.Context, e everqual.ReceivedEvent) (map[string]string, error) {
	letters := map[string]string{}
	subjects := []string{"event " + e.ID}
	for _, r := range e.Resources {
		subjects = append(subjects, string(r.ID))
	}
	for _, s := range subjects {
		for d, err := range ledger.Bodies[everqual.DeadLetter](ctx, c.Ledger, ledger.Query{Subject: s, Kind: everqual.KindDeadLetter}) {
			if err != nil {
				return nil, err
			}
			if id := d.Body.ID; strings.HasPrefix(id, "observe:"+e.ID+":") {
				if letters[id], err = c.disposed(ctx, id, d.Record.Sequence); err != nil {
					return nil, err
				}
			}
		}
	}
	maps.DeleteFunc(letters, func(_ string, action string) bool { return action == "redrive" })
	return letters, nil
}

// disposed is what was decided about a dead letter after it was recorded.
func (c *Corridor) disposed(ctx context.Context, letter string, after uint64) (action string, err error) {
	q := ledger.Query{Subject: "dead-letter:" + letter, Kind: everqual.KindDisposition, After: after}
	for d, err := range ledger.Bodies[everqual.Disposition](ctx, c.Ledger, q) {
		if err != nil {
			return "", err
		}
		action = d.Body.Action
	}
	return action, nil
}
