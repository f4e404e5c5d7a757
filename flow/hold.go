package flow

import (
	"context"
	"fmt"
	"slices"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Hold records a hold and returns it. One of a system covers the system itself and its
// resources. An ID that is in use is refused: the hold that has it would end unseen.
func (c *Corridor) Hold(ctx context.Context, h everqual.Hold) (everqual.Hold, error) {
	holds, err := c.placed(ctx)
	if err != nil {
		return h, err
	}
	if slices.ContainsFunc(holds, func(x everqual.Hold) bool { return x.ID == h.ID }) {
		return h, everqual.Permanent(fmt.Errorf("the hold %q is in force: give the new one another id", h.ID))
	}
	if h, err = c.widened(ctx, h); err != nil {
		return h, err
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
	return c.decided(ctx, everqual.KindHold, h.At, "hold:"+h.ID, holdSubjects(h), h)
}

func holdSubjects(h everqual.Hold) []string { return append([]string{"retention"}, h.Subjects...) }

// Holds are those in force, in the order in which they were placed. One of a system
// covers the system and its resources as they are now too, and everything when nobody
// knows the system any more.
func (c *Corridor) Holds(ctx context.Context) ([]everqual.Hold, error) {
	var s Retained
	err := c.holding(ctx, &s)
	return s.Holds, err
}

// placed are the holds in force as they were recorded last.
func (c *Corridor) placed(ctx context.Context) ([]everqual.Hold, error) {
	holds := []everqual.Hold{}
	for d, err := range ledger.Bodies[everqual.Hold](ctx, c.Ledger, ledger.Query{Kind: everqual.KindHold}) {
		if err != nil {
			return nil, err
		}
		h := d.Body
		switch i := slices.IndexFunc(holds, func(x everqual.Hold) bool { return x.ID == h.ID }); {
		case h.Released:
			holds = slices.DeleteFunc(holds, func(x everqual.Hold) bool { return x.ID == h.ID })
		case i < 0:
			holds = append(holds, h)
		default:
			holds[i] = h
		}
	}
	return holds, nil
}

// widened is a hold with all that it covers now.
func (c *Corridor) widened(ctx context.Context, h everqual.Hold) (everqual.Hold, error) {
	if h.System == "" {
		return h, nil
	}
	now := []string{h.System}
	if s, ok := c.Library.System(h.System); ok {
		members, err := c.Members(ctx, s)
		if err != nil {
			return h, err
		}
		for _, m := range members {
			now = append(now, string(m.Resource.ID))
		}
	} else {
		now = append(now, "*")
	}
	h.Subjects = slices.Compact(slices.Sorted(slices.Values(append(now, h.Subjects...))))
	return h, nil
}

// covers tells whether a hold keeps what a record rests on. An account of completeness
// names nobody and speaks of all: every hold keeps it.
func covers(h everqual.Hold, r everqual.Record) bool {
	return r.Kind == everqual.KindCompleteness ||
		slices.ContainsFunc(h.Subjects, func(s string) bool { return s == "*" || slices.Contains(r.Subjects, s) })
}

// holding finds the holds in force, and those that grew since they were recorded.
func (c *Corridor) holding(ctx context.Context, s *Retained) (err error) {
	placed, err := c.placed(ctx)
	if err != nil {
		return err
	}
	if s.joined, err = c.lastJoined(ctx, placed); err != nil { // before it is asked who joined
		return err
	}
	s.Holds = []everqual.Hold{}
	for _, old := range placed {
		h, err := c.widened(ctx, old)
		if err != nil {
			return err
		}
		if s.Holds = append(s.Holds, h); slices.ContainsFunc(h.Subjects, func(x string) bool { return !slices.Contains(old.Subjects, x) }) {
			s.grown = append(s.grown, h)
		}
	}
	return nil
}

// lastJoined is the last record by which a resource joined a system of these holds, as
// far as there is a mark of it.
func (c *Corridor) lastJoined(ctx context.Context, holds []everqual.Hold) (last uint64, err error) {
	for _, h := range holds {
		if h.System == "" {
			continue
		}
		q := ledger.Query{Kind: everqual.KindAssessment, Subject: ledger.AssessedSubject(h.System), Descending: true, Limit: 1}
		for r, err := range c.Ledger.Records(ctx, q) {
			if err != nil {
				return 0, err
			}
			last = max(last, r.Sequence)
		}
	}
	return last, nil
}

// extend records the holds that grew as they are now. Who placed them, why and when
// stays as it was.
func (c *Corridor) extend(ctx context.Context, s *Retained) error {
	for _, h := range s.grown {
		e := ledger.Entry{
			Kind: everqual.KindHold, Key: fmt.Sprintf("hold:%s:after:%d", h.ID, s.decided), Subjects: holdSubjects(h), Body: h,
		}
		if err := c.Ledger.AppendIf(ctx, e, func() error { return c.asItWas(ctx, *s) }); err != nil {
			return fmt.Errorf("record what joined the hold %s: %w", h.ID, err)
		}
		r, _, err := c.Ledger.Find(ctx, e.Key)
		if err != nil {
			return fmt.Errorf("find what joined the hold %s: %w", h.ID, err)
		}
		s.decided = r.Sequence
	}
	return nil
}
