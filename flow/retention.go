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
	// rests is the last record of a rule or a hold that all this rests on.
	rests uint64
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

// Hold records a hold and returns it. One of a system covers its resources. An ID that
// is in use is refused: the hold that has it would end unseen.
func (c *Corridor) Hold(ctx context.Context, h everqual.Hold) (everqual.Hold, error) {
	holds, err := c.Holds(ctx)
	if err != nil {
		return h, err
	}
	if slices.ContainsFunc(holds, func(x everqual.Hold) bool { return x.ID == h.ID }) {
		return h, everqual.Permanent(fmt.Errorf("the hold %q is in force: give the new one another id", h.ID))
	}
	if h.System != "" {
		if h.Subjects, err = c.idsOf(ctx, h.System); err != nil {
			return h, err
		}
	}
	return h, c.recordHold(ctx, h)
}

// Release ends a hold that is in force.
func (c *Corridor) Release(ctx context.Context, h everqual.Hold, by, reason string) error {
	h.By, h.Reason, h.Released = by, reason, true
	return c.recordHold(ctx, h)
}

func (c *Corridor) recordHold(ctx context.Context, h everqual.Hold) error {
	h.At = c.Clock.Now()
	return c.decided(ctx, everqual.KindHold, h.At, "hold:"+h.ID, append([]string{"retention"}, h.Subjects...), h)
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
	if s.rests, err = c.lastDecided(ctx); err != nil { // before anything that it may change
		return s, err
	}
	if s.Holds, err = c.Holds(ctx); err != nil {
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
	case slices.ContainsFunc(s.Holds, func(h everqual.Hold) bool { return h.Covers(r.Subjects) }):
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

// Holds are those in force, in the order in which they were placed. One of a system
// covers its resources as they are now too, and everything when nobody knows the
// system any more.
func (c *Corridor) Holds(ctx context.Context) ([]everqual.Hold, error) {
	holds := []everqual.Hold{}
	for d, err := range ledger.Bodies[everqual.Hold](ctx, c.Ledger, ledger.Query{Kind: everqual.KindHold}) {
		if err != nil {
			return nil, err
		}
		h := d.Body
		holds = slices.DeleteFunc(holds, func(x everqual.Hold) bool { return x.ID == h.ID })
		if !h.Released {
			holds = append(holds, h)
		}
	}
	for i, h := range holds {
		if h.System == "" {
			continue
		}
		now, err := c.idsOf(ctx, h.System)
		if err != nil {
			return nil, err
		}
		holds[i].Subjects = slices.Compact(slices.Sorted(slices.Values(append(now, h.Subjects...))))
	}
	return holds, nil
}

// idsOf are the ids of a system's resources.
func (c *Corridor) idsOf(ctx context.Context, system string) (ids []string, err error) {
	s, ok := c.Library.System(system)
	if !ok {
		return []string{"*"}, nil
	}
	members, err := c.Members(ctx, s)
	for _, m := range members {
		ids = append(ids, string(m.Resource.ID))
	}
	return ids, err
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
// rule that is recorded before it stops it.
func (c *Corridor) DisposeOf(ctx context.Context, s Retained, by, reason string) error {
	archive, ok := c.Archive.(Eraser)
	if !ok {
		return errNoEraser
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
	last, err := c.lastDecided(ctx)
	if err == nil && last != s.rests {
		err = everqual.Permanent(fmt.Errorf("a hold or a retention was recorded meanwhile (record %d): look again at what may be deleted", last))
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
