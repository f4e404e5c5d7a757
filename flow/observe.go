package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// notYet asks to be called again at a time. It is no failure.
type notYet struct{ until time.Time }

func (n notYet) Error() string { return "not before " + n.until.Format(time.RFC3339) }

func asNotYet(err error, to *notYet) bool { return errors.As(err, to) }

// observe answers one request: the resource as it is now becomes a record, and
// the record is judged. An observation made after the event had settled, by
// whichever request, answers it without asking AWS again.
func (c *Corridor) observe(ctx context.Context, r request, attempt int) error {
	if r.Unresolved != "" {
		return everqual.Permanent(fmt.Errorf("event %s names no resource: %s", r.EventID, r.Unresolved))
	}
	last, err := c.Ledger.Latest(ctx, r.Resource.ID)
	if err != nil {
		return fmt.Errorf("read last record of %s: %w", r.Resource.ID, err)
	}
	if last.Version > 0 && !last.SeenAt.Before(r.NotBefore) {
		return c.Judge(ctx, last)
	}
	now := c.Clock.Now() // a look that a wrong clock put into the future holds nothing up
	if quiet := last.SeenAt.Add(c.Settings.Debounce); last.Version > 0 && now.Before(quiet) && !last.SeenAt.After(now) {
		return notYet{quiet}
	}
	collecting, ended := c.begin(ctx, "collect", slog.String("type", r.Resource.Type))
	o, exchanged, evidence, err := c.Collector.Observe(collecting, r.Resource)
	ended(err, slog.String("state", string(o.State)), slog.Int("calls", len(exchanged.Exchanges)), slog.Int("unread", len(o.Unread)))
	if err != nil {
		return fmt.Errorf("collect %s: %w", r.Resource.ID, err)
	}
	if why, again := retryable(o); again && attempt < c.Settings.MaxAttempts {
		return fmt.Errorf("collect %s: %s: %s", r.Resource.ID, why.Reason, why.Message)
	}
	if last.Version > 0 && unread(o, "") {
		o.Name = last.Name // people still know it by that name
	}
	if err := c.archive(ctx, o.Evidence, evidence, exchanged); err != nil {
		return fmt.Errorf("archive evidence of %s: %w", r.Resource.ID, err)
	}
	appending, ended := c.begin(ctx, "append", slog.String("record", string(everqual.KindObservation)))
	observed, err := c.Ledger.Observe(appending, o)
	ended(err, slog.Int("version", observed.Version))
	if err != nil {
		return fmt.Errorf("record %s: %w", r.Resource.ID, err)
	}
	c.log(ctx).Info("observed", "version", observed.Version)
	return c.Judge(ctx, observed)
}

// Look observes a resource at once and judges it, unless there is an observation
// that was made since. attempt counts the tries from 1: at the last one what
// still cannot be read is recorded as such. NotYet tells of an error that means
// to be called again at a time.
func (c *Corridor) Look(ctx context.Context, r everqual.Resource, since time.Time, attempt int) (ledger.Observed, error) {
	ctx, _ = with(ctx, slog.String(aboutResource, string(r.ID)))
	err := c.observe(ctx, request{Resource: r, NotBefore: since}, attempt)
	if err != nil {
		return ledger.Observed{}, err
	}
	return c.Ledger.Latest(ctx, r.ID)
}

// NotYet tells when to call again, where that is all that err says.
func NotYet(err error) (time.Time, bool) {
	var wait notYet
	ok := asNotYet(err, &wait)
	return wait.until, ok
}

// archive keeps the evidence, and before it the replies that it shares with
// other evidence.
func (c *Corridor) archive(ctx context.Context, d everqual.Digest, raw []byte, e everqual.Evidence) error {
	for _, x := range e.Exchanges {
		if x.BodyDigest == "" {
			continue
		}
		if _, known := c.shared.LoadOrStore(x.BodyDigest, true); known {
			continue
		}
		if err := c.Archive.Put(ctx, x.BodyDigest, []byte(x.Body)); err != nil {
			c.shared.Delete(x.BodyDigest)
			return err
		}
	}
	return c.Archive.Put(ctx, d, raw)
}

// retryable returns the first part that another try might read.
func retryable(o everqual.Observation) (everqual.Unread, bool) {
	for _, u := range o.Unread {
		if u.Reason.Retryable() {
			return u, true
		}
	}
	return everqual.Unread{}, false
}
