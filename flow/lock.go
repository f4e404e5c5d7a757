package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/everqual/everqual"
)

// Lock is what keeps a blob from being deleted outside of the ledger's retention, such
// as Object Lock of S3. One who expects the blob to go is told of it, and nothing is
// recorded as deleted that stays.
type Lock struct {
	Digest everqual.Digest `json:"digest"`
	Mode   string          `json:"mode,omitempty"` // what the archive calls it
	Until  time.Time       `json:"until,omitzero"` // when it ends by itself
	Hold   bool            `json:"hold,omitempty"` // it does not end before somebody ends it
}

func (l Lock) String() string {
	until := fmt.Sprintf("%s until %s", l.Mode, l.Until.UTC().Format(time.RFC3339))
	switch {
	case l.Hold && l.Mode != "":
		return until + ", and by a legal hold of the archive until that is removed"
	case l.Hold:
		return "by a legal hold of the archive until that is removed"
	}
	return until
}

// Stronger is both locks in one: a blob is locked as long as any copy of it.
func Stronger(a, b *Lock) *Lock {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case b.Until.After(a.Until):
		a, b = b, a
	}
	both := *a
	both.Hold = a.Hold || b.Hold
	return &both
}

// unlocked takes out of what has expired what the archive has locked.
func (c *Corridor) unlocked(ctx context.Context, s *Retained) error {
	archive, ok := c.Archive.(Eraser)
	if !ok || len(s.Expired) == 0 {
		return nil
	}
	locks, err := archive.Locks(ctx, s.Expired...)
	if err != nil {
		return err
	}
	now, locked := c.Clock.Now(), map[everqual.Digest]bool{}
	for _, l := range locks {
		if l.Hold || l.Until.After(now) {
			s.Locked = append(s.Locked, l)
			locked[l.Digest] = true
		}
	}
	s.Expired = slices.DeleteFunc(s.Expired, func(d everqual.Digest) bool { return locked[d] })
	return nil
}
