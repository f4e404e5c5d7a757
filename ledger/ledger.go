// Package ledger keeps the append-only chain of records: change events,
// observations with their versions, assessments, baselines, dead letters and
// dispositions. The rules live in Ledger, once; a Store only keeps records.
package ledger

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/everqual/everqual"
)

// Ledger appends to and reads from a Store. It is safe for concurrent use, and
// several ledgers, also in several processes, may share one store.
type Ledger struct {
	store Store
	now   func() time.Time
	most  int // entries that are appended at once; 0: any number

	// Appends of this process take turns instead of colliding, and those that
	// wait for their turn are made together.
	mu      sync.Mutex
	waiting []*decision
	busy    bool
	tree    tree // of whoever takes the turn
	alone   bool // nobody else appended between the last append and when the head was last read

	appended atomic.Bool
	here     atomic.Int64 // when it was last seen not to have moved, in nanoseconds since 1970
}

// Appended tells whether this process has appended anything.
func (l *Ledger) Appended() bool { return l.appended.Load() }

// New returns the ledger kept in store. now stamps the records.
func New(store Store, now func() time.Time) *Ledger {
	return &Ledger{store: store, now: now, most: store.AtOnce()}
}

// Entry is a record to be: Key makes appending it repeatable.
type Entry struct {
	Kind     everqual.Kind
	Key      string
	Subjects []string
	Body     any // marshalled to JSON
}

// Append appends the entries whose key is new, and returns the record of every
// entry, new or old, in order; fresh[i] tells whether entry i was new. It appends
// all or none, or part by part in order where there are more than the store takes
// at once. On an error it is open whether the records were kept: append the
// same entries again, the keys keep it from happening twice.
func (l *Ledger) Append(ctx context.Context, entries ...Entry) (records []everqual.Record, fresh []bool, err error) {
	if l.most == 0 || len(entries) <= l.most {
		return l.appendTogether(ctx, entries)
	}
	for part := range slices.Chunk(entries, l.most) {
		r, f, err := l.appendTogether(ctx, part)
		if err != nil {
			return nil, nil, err
		}
		records, fresh = append(records, r...), append(fresh, f...)
	}
	return records, fresh, nil
}

func (l *Ledger) appendTogether(ctx context.Context, entries []Entry) ([]everqual.Record, []bool, error) {
	return l.await(&decision{ctx: ctx, choose: func() ([]Entry, error) { return entries, nil }, done: make(chan struct{})})
}

// Observe records an observation. A state that differs from the resource's
// last one becomes its next version; an unchanged one is confirmed and the
// existing record returned. An observation older than what is already known
// changes nothing, and neither does the same observation again.
func (l *Ledger) Observe(ctx context.Context, o everqual.Observation) (Observed, error) {
	var last Observed
	records, fresh, err := l.decide(ctx, func() (_ []Entry, err error) {
		if last, err = l.Latest(ctx, o.Resource.ID); err != nil {
			return nil, err
		}
		return observing(o, last), nil
	})
	switch {
	case err != nil:
		return Observed{}, err
	case len(records) == 0:
		last.Changed = same(last.Observation, o) // a repeated call gets the same answer
		return last, nil
	case records[0].Kind == everqual.KindConfirmation:
		last.SeenAt = o.CollectedAt
		return last, nil
	}
	kept, err := Body[everqual.Observation](records[0])
	if err == nil && !fresh[0] && !same(kept, o) {
		err = fmt.Errorf("record %s: version %d is kept but the store does not list it yet", o.Resource.ID, kept.Version)
	}
	return Observed{Observation: kept, Record: records[0], SeenAt: kept.CollectedAt, Changed: true}, err
}

// observing returns what there is to append when o follows last.
func observing(o everqual.Observation, last Observed) []Entry {
	e := Entry{Subjects: []string{string(o.Resource.ID)}}
	for _, p := range o.Parts {
		e.Subjects = append(e.Subjects, PartSubject(p))
	}
	e.Subjects = append(e.Subjects, marks(o, last)...)
	switch {
	case last.Version > 0 && (o.CollectedAt.Before(last.SeenAt) || same(last.Observation, o)):
		return nil
	case last.Version > 0 && o.Digest == last.Digest:
		e.Kind = everqual.KindConfirmation
		e.Key = fmt.Sprintf("confirmation:%s:v%d:%s", o.Resource.ID, last.Version, o.Evidence)
		e.Body = everqual.Confirmation{
			Resource: o.Resource, Version: last.Version, Observation: o.Digest,
			Evidence: o.Evidence, CollectedAt: o.CollectedAt,
		}
	default:
		o.Version = last.Version + 1
		e.Kind, e.Body = everqual.KindObservation, o
		e.Key = fmt.Sprintf("observation:%s:v%d", o.Resource.ID, o.Version)
	}
	return []Entry{e}
}

// same tells whether two observations are one, not merely of the same state.
func same(a, b everqual.Observation) bool {
	return a.Digest == b.Digest && a.Evidence == b.Evidence && a.CollectedAt.Equal(b.CollectedAt)
}

// Judge records an assessment unless the last one of the same resource and
// specification says the same of the same version, or speaks of a newer
// version. changed tells whether this call recorded it: when it is repeated
// after an error or a crash, changed may be false for an assessment that nobody
// was told of.
func (l *Ledger) Judge(ctx context.Context, a everqual.Assessment) (changed bool, err error) {
	_, fresh, err := l.decide(ctx, func() ([]Entry, error) { return l.judging(ctx, a) })
	return err == nil && len(fresh) == 1 && fresh[0], err
}

// Judged tells whether Judge would record nothing: what must happen before an
// assessment is recorded, such as telling people, can be left out.
func (l *Ledger) Judged(ctx context.Context, a everqual.Assessment) (bool, error) {
	entries, err := l.judging(ctx, a)
	return err == nil && len(entries) == 0, err
}

// judging returns what there is to append when a follows the last assessment.
func (l *Ledger) judging(ctx context.Context, a everqual.Assessment) ([]Entry, error) {
	subject := AssessmentSubject(a.Resource.ID, a.Specification.ID)
	content, err := assessmentDigest(a)
	if err != nil {
		return nil, err
	}
	last, err := l.store.Range(ctx, Query{Kind: everqual.KindAssessment, Subject: subject, Descending: true, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("read last assessment: %w", err)
	}
	after := uint64(0)
	if len(last) == 1 {
		old, err := Body[everqual.Assessment](last[0])
		if err != nil || old.Version > a.Version {
			return nil, err
		}
		oldContent, err := assessmentDigest(old)
		if err != nil || oldContent == content {
			return nil, err
		}
		after = last[0].Sequence
	}
	e := Entry{
		Kind:     everqual.KindAssessment,
		Key:      fmt.Sprintf("assessment:%s:%s:after:%d", subject, content, after),
		Subjects: []string{string(a.Resource.ID), subject},
		Body:     a,
	}
	if after == 0 {
		e.Subjects = append(e.Subjects, AssessedSubject(a.System))
	}
	return []Entry{e}, nil
}
