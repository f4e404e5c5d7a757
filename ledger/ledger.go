// Package ledger keeps the append-only chain of records: change events,
// observations with their versions, assessments, baselines, dead letters and
// dispositions. The rules live in Ledger, once; a Store only keeps records.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/everqual/everqual"
)

// Ledger appends to and reads from a Store. It is safe for concurrent use, and
// several ledgers, also in several processes, may share one store.
type Ledger struct {
	store Store
	now   func() time.Time
	mu    sync.Mutex // appends of this process take turns instead of colliding
}

// New returns the ledger kept in store. now stamps the records.
func New(store Store, now func() time.Time) *Ledger {
	return &Ledger{store: store, now: now}
}

// Entry is a record to be: Key makes appending it repeatable.
type Entry struct {
	Kind     everqual.Kind
	Key      string
	Subjects []string
	Body     any // marshalled to JSON
}

// maxTurns bounds how often an append is tried against other writers.
const maxTurns = 100

// Append appends the entries whose key is new, all or none, and returns the
// record of every entry, new or old, in order; fresh[i] tells whether entry i
// was new. On an error it is open whether the records were kept: append the
// same entries again, the keys keep it from happening twice.
func (l *Ledger) Append(ctx context.Context, entries ...Entry) (records []everqual.Record, fresh []bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range maxTurns {
		records, fresh, err = l.tryAppend(ctx, entries)
		if !errors.Is(err, ErrConflict) {
			return records, fresh, err
		}
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
	}
	return nil, nil, fmt.Errorf("append %d records: %w %d times in a row", len(entries), err, maxTurns)
}

func (l *Ledger) tryAppend(ctx context.Context, entries []Entry) ([]everqual.Record, []bool, error) {
	head, err := l.store.Head(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read ledger head: %w", err)
	}
	records, fresh := make([]everqual.Record, len(entries)), make([]bool, len(entries))
	batch, next := []everqual.Record(nil), head
	inBatch := map[string]int{}
	for i, e := range entries {
		if j, ok := inBatch[e.Key]; ok {
			records[i] = records[j]
			continue
		}
		old, ok, err := l.store.Find(ctx, e.Key)
		if err != nil {
			return nil, nil, fmt.Errorf("look up %s: %w", e.Key, err)
		}
		if records[i] = old; ok {
			continue
		}
		if records[i], err = seal(e, next, l.now()); err != nil {
			return nil, nil, err
		}
		fresh[i], inBatch[e.Key] = true, i
		next = Head{Sequence: records[i].Sequence, Hash: records[i].Hash}
		batch = append(batch, records[i])
	}
	if len(batch) == 0 {
		return records, fresh, nil
	}
	if err := l.store.Append(ctx, head, batch); err != nil {
		return nil, nil, fmt.Errorf("append %d records: %w", len(batch), err)
	}
	return records, fresh, nil
}

// Observe records an observation. A state that differs from the resource's
// last one becomes its next version; an unchanged one is confirmed and the
// existing record returned. An observation older than what is already known
// changes nothing.
func (l *Ledger) Observe(ctx context.Context, o everqual.Observation) (Observed, error) {
	for range maxTurns {
		last, err := l.Latest(ctx, o.Resource.ID)
		if err != nil {
			return Observed{}, err
		}
		if last.Version > 0 && o.CollectedAt.Before(last.SeenAt) {
			return last, nil
		}
		if last.Version > 0 && last.Digest == o.Digest {
			return l.confirm(ctx, o, last)
		}
		o.Version = last.Version + 1
		records, fresh, err := l.Append(ctx, Entry{
			Kind:     everqual.KindObservation,
			Key:      fmt.Sprintf("observation:%s:v%d", o.Resource.ID, o.Version),
			Subjects: []string{string(o.Resource.ID)},
			Body:     o,
		})
		if err != nil {
			return Observed{}, err
		}
		kept, err := Body[everqual.Observation](records[0])
		if err != nil {
			return Observed{}, err
		}
		// Somebody else may have taken this version number in the meantime.
		if fresh[0] || kept.Evidence == o.Evidence {
			return Observed{Observation: kept, Record: records[0], SeenAt: o.CollectedAt, Changed: true}, nil
		}
	}
	return Observed{}, fmt.Errorf("record %s: other writers were faster %d times in a row", o.Resource.ID, maxTurns)
}

func (l *Ledger) confirm(ctx context.Context, o everqual.Observation, last Observed) (Observed, error) {
	_, _, err := l.Append(ctx, Entry{
		Kind:     everqual.KindConfirmation,
		Key:      fmt.Sprintf("confirmation:%s:v%d:%s", o.Resource.ID, last.Version, o.Evidence),
		Subjects: []string{string(o.Resource.ID)},
		Body: everqual.Confirmation{
			Resource: o.Resource, Version: last.Version, Observation: o.Digest,
			Evidence: o.Evidence, CollectedAt: o.CollectedAt,
		},
	})
	last.SeenAt = o.CollectedAt
	return last, err
}

// Judge records an assessment unless the last one of the same resource and
// specification says the same of the same version. changed tells whether it
// was recorded.
func (l *Ledger) Judge(ctx context.Context, a everqual.Assessment) (changed bool, err error) {
	subject := AssessmentSubject(a.Resource.ID, a.Specification.ID)
	content, err := assessmentDigest(a)
	if err != nil {
		return false, err
	}
	last, err := l.store.Range(ctx, Query{Kind: everqual.KindAssessment, Subject: subject, Descending: true, Limit: 1})
	if err != nil {
		return false, fmt.Errorf("read last assessment: %w", err)
	}
	after := uint64(0)
	if len(last) == 1 {
		old, err := Body[everqual.Assessment](last[0])
		if err != nil {
			return false, err
		}
		oldContent, err := assessmentDigest(old)
		if err != nil || oldContent == content {
			return false, err
		}
		after = last[0].Sequence
	}
	_, fresh, err := l.Append(ctx, Entry{
		Kind:     everqual.KindAssessment,
		Key:      fmt.Sprintf("assessment:%s:%s:after:%d", subject, content, after),
		Subjects: []string{string(a.Resource.ID), subject},
		Body:     a,
	})
	return err == nil && fresh[0], err
}

// AssessmentSubject is the subject under which the assessments of one resource
// by one specification, whatever its version, are found.
func AssessmentSubject(r everqual.ResourceID, specification string) string {
	return string(r) + "#" + specification
}
