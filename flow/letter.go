package flow

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Letter is a dead letter that nobody has decided about. The ledger is the truth:
// what the queue keeps of it may be lost or changed, and is only compared.
type Letter struct {
	everqual.DeadLetter
	Entry uint64 `json:"entry,omitempty"` // in the ledger; 0: it is not recorded
	// Strange says how the queue and the ledger differ about it; Heals, that a kill in
	// between is enough to explain that, and that the next run ends what was cut off.
	Strange string `json:"strange,omitempty"`
	Heals   bool   `json:"heals,omitempty"`
}

// Said is the cause, with what is strange about the letter.
func (l Letter) Said() string {
	if l.Strange == "" {
		return l.Cause
	}
	return l.Cause + " (" + l.Strange + ")"
}

// asKept is how the queue's letter would be recorded, to the byte.
func asKept(l everqual.DeadLetter) []byte {
	l = recordable(l)
	l.SentAt, l.FailedAt = l.SentAt.UTC(), l.FailedAt.UTC()
	b, _ := json.Marshal(l) // its body is JSON: cannot fail
	return b
}

// Letters are the open dead letters: those that the ledger holds without a
// decision, and what the queue has beyond them, in the order of their deaths.
func (h Home) Letters(ctx context.Context) ([]Letter, error) {
	open, err := h.undecided(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := h.rows(ctx)
	if err != nil {
		return nil, err
	}
	if open, err = h.missed(ctx, open, &rows); err != nil {
		return nil, err
	}
	for id, l := range open {
		if row, ok := rows[id]; ok && !bytes.Equal(asKept(row), asKept(l.DeadLetter)) {
			l.Strange = "the queue says otherwise of it: " + differing(row, l.DeadLetter)
			open[id] = l
		}
	}
	for id, row := range rows {
		if _, ok := open[id]; ok {
			continue
		}
		if open[id], err = h.unrecorded(ctx, row); err != nil {
			return nil, err
		}
	}
	var all []Letter
	for _, l := range open {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b Letter) int { return cmp.Or(a.FailedAt.Compare(b.FailedAt), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// undecided are the last deaths that the ledger holds, by the id of the message,
// without those that somebody decided about afterwards.
func (h Home) undecided(ctx context.Context) (map[string]Letter, error) {
	open := map[string]Letter{}
	for d, err := range ledger.Bodies[everqual.DeadLetter](ctx, h.Ledger, ledger.Query{Kind: everqual.KindDeadLetter}) {
		if err != nil {
			return nil, fmt.Errorf("read dead letters: %w", err)
		}
		open[d.Body.ID] = Letter{DeadLetter: d.Body, Entry: d.Record.Sequence}
	}
	if len(open) == 0 {
		return open, nil
	}
	for d, err := range ledger.Bodies[everqual.Disposition](ctx, h.Ledger, ledger.Query{Kind: everqual.KindDisposition}) {
		if err != nil {
			return nil, fmt.Errorf("read dispositions: %w", err)
		}
		if open[d.Body.DeadLetter].Entry < d.Record.Sequence {
			delete(open, d.Body.DeadLetter)
		}
	}
	return open, nil
}

func (h Home) rows(ctx context.Context) (map[string]everqual.DeadLetter, error) {
	letters, err := h.Queue.DeadLetters(ctx)
	rows := map[string]everqual.DeadLetter{}
	for _, l := range letters {
		rows[l.ID] = l
	}
	return rows, err
}

// missed looks again for the letters that the queue does not show. It may be
// that another worker was just burying one, or a person deciding about it.
func (h Home) missed(ctx context.Context, open map[string]Letter, rows *map[string]everqual.DeadLetter) (map[string]Letter, error) {
	gone := func() (ids []string) {
		for id := range open {
			if _, ok := (*rows)[id]; !ok {
				ids = append(ids, id)
			}
		}
		return ids
	}
	missing := gone()
	if len(missing) == 0 {
		return open, nil
	}
	// In this order: a message that is in neither was neither when its letter was open.
	waiting := map[string]bool{}
	messages, err := h.Queue.Messages(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		waiting[m.ID] = true
	}
	if *rows, err = h.rows(ctx); err != nil {
		return nil, err
	}
	for _, id := range gone() {
		l := open[id]
		if waiting[id] {
			l.Strange, l.Heals = "its burial was cut off, the next run ends it", true
			open[id] = l
			continue
		}
		_, decided, err := h.lastDeath(ctx, id)
		if err != nil {
			return nil, err
		}
		if decided != nil {
			delete(open, id)
			continue
		}
		l.Strange = "its message is gone from the queue"
		open[id] = l
	}
	return open, nil
}

// unrecorded is a letter that the queue has, and that is not open in the ledger.
func (h Home) unrecorded(ctx context.Context, row everqual.DeadLetter) (Letter, error) {
	l := Letter{DeadLetter: recordable(row)}
	last, decided, err := h.lastDeath(ctx, row.ID)
	switch {
	case err != nil:
		return l, err
	case decided != nil && last.FailedAt.Equal(row.FailedAt):
		l.Entry, l.Heals = last.Entry, true
		l.Strange = fmt.Sprintf("%s decided to %s it, which was cut off: the next run ends it", decided.By, decided.Action)
	default:
		l.Strange = "the ledger does not hold it; the next run records it"
	}
	return l, nil
}

// lastDeath is the last that the ledger holds of a letter, and what was decided
// about that; nil: nothing yet.
func (h Home) lastDeath(ctx context.Context, id string) (last Letter, decided *everqual.Disposition, err error) {
	for r, err := range h.Ledger.Records(ctx, ledger.Query{Subject: letterSubject(id), Descending: true}) {
		if err != nil {
			return last, nil, err
		}
		switch r.Kind {
		case everqual.KindDisposition:
			d, err := ledger.Body[everqual.Disposition](r)
			if err != nil {
				return last, nil, err
			}
			if decided == nil {
				decided = &d
			}
		case everqual.KindDeadLetter:
			last.Entry = r.Sequence
			last.DeadLetter, err = ledger.Body[everqual.DeadLetter](r)
			return last, decided, err
		}
	}
	return last, decided, nil
}

func letterSubject(id string) string { return "dead-letter:" + id }

// differing names what differs, with both values.
func differing(queue, record everqual.DeadLetter) string {
	for _, f := range []struct{ name, queue, record string }{
		{"kind", queue.Kind, record.Kind}, {"subject", queue.Subject, record.Subject}, {"cause", queue.Cause, record.Cause},
		{"attempts", fmt.Sprint(queue.Attempts), fmt.Sprint(record.Attempts)},
		{"sent", stamp(queue.SentAt), stamp(record.SentAt)}, {"failed", stamp(queue.FailedAt), stamp(record.FailedAt)},
	} {
		if f.queue != f.record {
			return fmt.Sprintf("%s %.200q, recorded %.200q", f.name, f.queue, f.record)
		}
	}
	return "its body is another one"
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// DeadLetter returns one open dead letter.
func (h Home) DeadLetter(ctx context.Context, id string) (Letter, error) {
	letters, err := h.Letters(ctx)
	if err != nil {
		return Letter{}, err
	}
	for _, l := range letters {
		if l.ID == id {
			return l, nil
		}
	}
	return Letter{}, fmt.Errorf("dead letter %q: %w", id, fs.ErrNotExist)
}

// recordDeath records a dead letter and returns it as it is recorded. Where the last
// thing that is recorded of it is this very death, its burial was cut off and is
// only repeated.
func (c *Corridor) recordDeath(ctx context.Context, letter everqual.DeadLetter) (everqual.DeadLetter, error) {
	letter = recordable(letter)
	last, decided, err := c.lastDeath(ctx, letter.ID)
	if err != nil || last.Entry > 0 && decided == nil && last.SentAt.Equal(letter.SentAt) {
		return last.DeadLetter, err
	}
	_, err = c.append(ctx, ledger.Entry{
		Kind:     everqual.KindDeadLetter,
		Key:      letterSubject(letter.ID) + ":" + stamp(letter.FailedAt),
		Subjects: []string{letter.Subject, letterSubject(letter.ID)},
		Body:     letter,
	})
	return letter, err
}
