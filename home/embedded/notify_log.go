package embedded

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// NewLog returns a notifier that writes each notice as one log record.
func NewLog(log *slog.Logger) flow.Notifier { return notifyLog{log} }

type notifyLog struct{ log *slog.Logger }

var levels = map[string]slog.Level{"info": slog.LevelInfo, "critical": slog.LevelError}

func (l notifyLog) Notify(ctx context.Context, n flow.Notice) error {
	level, known := levels[n.Severity]
	if !known {
		level = slog.LevelWarn
	}
	attributes := []slog.Attr{
		slog.String("notice", n.ID), slog.String("severity", n.Severity), slog.String("text", n.Text),
		slog.Time("at", n.Time),
	}
	if n.System != "" {
		attributes = append(attributes, slog.String("system", n.System))
	}
	if n.EventID != "" {
		attributes = append(attributes, slog.String("event", n.EventID))
	}
	if n.Resource.ID != "" {
		attributes = append(attributes, slog.String("resource", string(n.Resource.ID)))
	}
	for _, f := range n.Fields {
		attributes = append(attributes, slog.String(f.Name, f.Value))
	}
	l.log.LogAttrs(ctx, level, n.Title, attributes...)
	return nil
}

// Multi returns a notifier that tells all. When some of them are to be tried
// again, so is the notice; until then the others are not told twice, unless
// the process ends in between.
func Multi(notifiers ...flow.Notifier) flow.Notifier {
	if len(notifiers) == 1 {
		return notifiers[0]
	}
	return &multi{notifiers: notifiers, told: map[string][]*result{}}
}

type multi struct {
	notifiers []flow.Notifier
	mu        sync.Mutex
	told      map[string][]*result // by notice: the results so far, of notices to be tried again
	order     []string             // of told, oldest first
}

// result is how telling one notifier ended; nil while it is to be tried again.
type result struct{ err error }

// maxTold bounds the memory of notices that are never tried again.
const maxTold = 1000

func (m *multi) Notify(ctx context.Context, n flow.Notice) error {
	results := m.take(n.ID)
	var again, final []error
	for i, to := range m.notifiers {
		if results[i] == nil {
			err := to.Notify(ctx, n)
			if err != nil && !everqual.IsPermanent(err) {
				again = append(again, err)
				continue
			}
			results[i] = &result{err}
		}
		final = append(final, results[i].err)
	}
	if len(again) > 0 {
		m.keep(n.ID, results)
		return temporary{errors.Join(append(again, final...)...)}
	}
	return errors.Join(final...)
}

// take hands out what is known of a notice, and forgets it.
func (m *multi) take(id string) []*result {
	m.mu.Lock()
	defer m.mu.Unlock()
	results, known := m.told[id]
	if !known {
		return make([]*result, len(m.notifiers))
	}
	delete(m.told, id)
	m.order = slices.DeleteFunc(m.order, func(s string) bool { return s == id })
	return results
}

func (m *multi) keep(id string, results []*result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.told[id]; !known {
		m.order = append(m.order, id)
	}
	m.told[id] = results
	if len(m.order) > maxTold {
		delete(m.told, m.order[0])
		m.order = m.order[1:]
	}
}

// temporary is an error to try again, although a part of it is permanent.
type temporary struct{ err error }

func (t temporary) Error() string { return t.err.Error() }
