package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Eraser is an archive that can delete. Only retention asks for it.
type Eraser interface {
	// Locks are those of the blobs that what keeps the archive lets nobody delete,
	// whatever the retention says; also such as have ended.
	Locks(ctx context.Context, digests ...everqual.Digest) ([]Lock, error)
	// Erase deletes blobs for good, in whatever copies they are kept. One that is not
	// there is no error, and what is locked is one.
	Erase(ctx context.Context, digests ...everqual.Digest) error
}

// errNoEraser is what an archive is told that only keeps.
var errNoEraser = everqual.Permanent(errors.New("this home's archive deletes nothing itself: see to it where it is kept"))

// Retained is how the archive stands against retention and holds.
type Retained struct {
	Rules []everqual.Retention `json:"rules"` // the last for each kind
	Holds []everqual.Hold      `json:"holds"` // those not released
	// Expired are the blobs that may be deleted; Locked would be, but that the archive
	// lets nobody; Held, but for a hold; Kept are all others.
	Expired []everqual.Digest `json:"expired"`
	Locked  []Lock            `json:"locked,omitempty"`
	Held    int               `json:"held"`
	Kept    int               `json:"kept"`
	// decided is the last record of a rule or a hold that all this rests on, and joined
	// the last by which a resource joined a system that is held.
	decided, joined uint64
	grown           []everqual.Hold // those of Holds that cover more than is recorded
}

// RestsOn are the digests of what a record rests on in the archive.
func RestsOn(r everqual.Record) (on []everqual.Digest) {
	var said struct {
		Evidence, Digest, Data, Keys everqual.Digest
		Digests                      json.RawMessage
	}
	if json.Unmarshal(r.Body, &said) != nil {
		return nil
	}
	switch r.Kind {
	case everqual.KindObservation, everqual.KindConfirmation:
		on = append(on, said.Evidence)
	case everqual.KindSpecification:
		on = append(on, said.Digest)
	case everqual.KindReport:
		on = append(on, said.Data)
	case everqual.KindCompleteness:
		var files []everqual.TrailDigest
		if json.Unmarshal(said.Digests, &files) == nil {
			for _, f := range files {
				on = append(on, f.Blob)
			}
		}
		on = append(on, said.Keys)
	}
	return slices.DeleteFunc(on, func(d everqual.Digest) bool { return d == "" })
}

// Disposable are the kinds whose records rest on what may be deleted one day. The
// text of a specification is not among them: the verdicts rest on it too.
func Disposable() []everqual.Kind {
	return []everqual.Kind{everqual.KindObservation, everqual.KindConfirmation, everqual.KindReport, everqual.KindCompleteness}
}

// Retain records how long what a kind of record rests on is kept.
func (c *Corridor) Retain(ctx context.Context, r everqual.Retention) error {
	if !slices.Contains(Disposable(), r.Kind) {
		return everqual.Permanent(fmt.Errorf("a retention is of %v: nothing is ever deleted of other records", Disposable()))
	}
	r.At = c.Clock.Now()
	return c.decided(ctx, everqual.KindRetention, r.At, "retention:"+string(r.Kind), []string{"retention"}, r)
}

func (c *Corridor) decided(ctx context.Context, kind everqual.Kind, at time.Time, key string, subjects []string, body any) error {
	_, _, err := c.Ledger.Append(ctx, decision(kind, at, key, subjects, body))
	if err != nil {
		return fmt.Errorf("record %s: %w", kind, err)
	}
	return nil
}

func decision(kind everqual.Kind, at time.Time, key string, subjects []string, body any) ledger.Entry {
	return ledger.Entry{Kind: kind, Key: key + ":" + at.UTC().Format(time.RFC3339Nano), Subjects: subjects, Body: body}
}

// lastDecided is the last record of a retention or a hold, 0 where there is none.
func (c *Corridor) lastDecided(ctx context.Context) (last uint64, err error) {
	for _, kind := range []everqual.Kind{everqual.KindRetention, everqual.KindHold} {
		for r, err := range c.Ledger.Records(ctx, ledger.Query{Kind: kind, Descending: true, Limit: 1}) {
			if err != nil {
				return 0, err
			}
			last = max(last, r.Sequence)
		}
	}
	return last, nil
}

// Retained tells what may be deleted now.
func (c *Corridor) Retained(ctx context.Context) (s Retained, err error) {
	s = Retained{Rules: []everqual.Retention{}, Expired: []everqual.Digest{}}
	if s.decided, err = c.lastDecided(ctx); err != nil { // before anything that it may change
		return s, err
	}
	if err := c.holding(ctx, &s); err != nil {
		return s, err
	}
	if err := c.rules(ctx, &s); err != nil {
		return s, err
	}
	blobs, last := map[everqual.Digest]need{}, map[string]everqual.Digest{}
	for r, err := range c.Ledger.Records(ctx, ledger.Query{}) {
		if err != nil {
			return s, err
		}
		for _, d := range RestsOn(r) {
			blobs[d] = max(blobs[d], s.need(r, c.Clock.Now()))
			if r.Kind == everqual.KindObservation {
				last[r.Subjects[0]] = d
			}
		}
	}
	for _, d := range last { // what is known of a resource now is never without its evidence
		blobs[d] = kept
	}
	if err := c.share(ctx, blobs); err != nil {
		return s, err
	}
	for _, d := range slices.Sorted(maps.Keys(blobs)) {
		switch blobs[d] {
		case expired:
			s.Expired = append(s.Expired, d)
		case held:
			s.Held++
		case kept:
			s.Kept++
		}
	}
	return s, c.unlocked(ctx, &s)
}

// need is why a blob is there; the strongest of those that its records have.
type need int

const (
	gone    need = iota // deleted before
	expired             // may be deleted
	held
	kept
)

func (s *Retained) need(r everqual.Record, now time.Time) need {
	i := slices.IndexFunc(s.Rules, func(x everqual.Retention) bool { return x.Kind == r.Kind })
	switch {
	case i < 0 || s.Rules[i].Keep == "" || s.Rules[i].Keep.After(r.Time).After(now):
		return kept
	case slices.ContainsFunc(s.Holds, func(h everqual.Hold) bool { return covers(h, r) }):
		return held
	}
	return expired
}

func (c *Corridor) rules(ctx context.Context, s *Retained) error {
	last := map[everqual.Kind]everqual.Retention{}
	for d, err := range ledger.Bodies[everqual.Retention](ctx, c.Ledger, ledger.Query{Kind: everqual.KindRetention}) {
		if err != nil {
			return err
		}
		last[d.Body.Kind] = d.Body
	}
	for _, k := range slices.Sorted(maps.Keys(last)) {
		s.Rules = append(s.Rules, last[k])
	}
	return nil
}

// share gives the replies that pieces of evidence share the strongest need of these, and
// takes those out that were deleted before.
func (c *Corridor) share(ctx context.Context, blobs map[everqual.Digest]need) error {
	for _, d := range slices.Collect(maps.Keys(blobs)) {
		raw, err := c.Archive.Get(ctx, d)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			blobs[d] = gone
			continue
		case err != nil:
			return fmt.Errorf("read %s from the archive: %w", d, err)
		}
		var e everqual.Evidence
		if json.Unmarshal(raw, &e) != nil {
			continue // a specification or a report
		}
		for _, x := range e.Exchanges {
			if x.BodyDigest != "" {
				blobs[x.BodyDigest] = max(blobs[x.BodyDigest], blobs[d])
			}
		}
	}
	return nil
}

// disposing is how many blobs one record says of.
const disposing = 1000

// DisposeOf deletes what has expired. Each deletion is recorded before it is made:
// a crash leaves a blob that may go, never one that went without a word. A hold or a
// rule that is recorded before it stops it, and a hold that grew is recorded first as
// it is now: nobody who reads the records can work out all that joined a system.
func (c *Corridor) DisposeOf(ctx context.Context, s Retained, by, reason string) error {
	archive, ok := c.Archive.(Eraser)
	if !ok {
		return errNoEraser
	}
	if len(s.Expired) > 0 {
		if err := c.extend(ctx, &s); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(s.Expired, disposing) {
		d := everqual.Disposal{Digests: some, By: by, Reason: reason, At: c.Clock.Now()}
		key := "disposal:" + string(everqual.DigestOf(fmt.Append(nil, some)))
		e := decision(everqual.KindDisposal, d.At, key, []string{"retention"}, d)
		if err := c.Ledger.AppendIf(ctx, e, func() error { return c.asItWas(ctx, s) }); err != nil {
			return fmt.Errorf("record %s: %w", everqual.KindDisposal, err)
		}
		if err := archive.Erase(ctx, some...); err != nil {
			return fmt.Errorf("delete from the archive: %w", err)
		}
	}
	return nil
}

func (c *Corridor) asItWas(ctx context.Context, s Retained) error {
	decided, err := c.lastDecided(ctx)
	if err != nil {
		return err
	}
	if decided != s.decided {
		return everqual.Permanent(fmt.Errorf("a hold or a retention was recorded meanwhile (record %d): look again at what may be deleted", decided))
	}
	joined, err := c.lastJoined(ctx, s.Holds)
	if err == nil && joined != s.joined {
		err = everqual.Permanent(fmt.Errorf("a resource joined a system that is held meanwhile (record %d): look again at what may be deleted", joined))
	}
	return err
}

// Disposed are the blobs that were deleted so, or were about to be.
func (c *Corridor) Disposed(ctx context.Context) (map[everqual.Digest]bool, error) {
	gone := map[everqual.Digest]bool{}
	for d, err := range ledger.Bodies[everqual.Disposal](ctx, c.Ledger, ledger.Query{Kind: everqual.KindDisposal}) {
		if err != nil {
			return nil, err
		}
		for _, x := range d.Body.Digests {
			gone[x] = true
		}
	}
	return gone, nil
}
