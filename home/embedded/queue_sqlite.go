package embedded

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// queue keeps messages and dead letters.
//
// A message's row number is never given twice, so row number and receive count
// name one delivery for ever: a receipt from before the message was deleted
// and sent anew cannot touch its successor.
type queue struct {
	db    *database
	clock flow.Clock
}

// Send keeps the messages that are not in the queue. A dead letter with the
// same ID does not hold a message back: the work is asked for again, and doing
// it twice is safe where not doing it is not.
//
// A zero SentAt is now; a zero NotBefore is SentAt.
func (q *queue) Send(ctx context.Context, messages ...flow.Message) error {
	if len(messages) == 0 {
		return nil
	}
	now := q.clock.Now()
	return q.db.write.change(ctx, func(tx *transaction) error {
		for _, m := range messages {
			sent := orElse(m.SentAt, now)
			err := tx.insert(m.ID, "message", `INSERT INTO message (id, kind, subject, body, sent_at, not_before)
				VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`, m.ID, m.Kind, m.Subject, blob(m.Body), nanos(sent), nanos(orElse(m.NotBefore, sent)))
			if err != nil {
				return fmt.Errorf("send %s: %w", m.ID, err)
			}
		}
		return nil
	})
}

// Receive hides the due messages and returns them.
func (q *queue) Receive(ctx context.Context, limit int, visibility time.Duration) ([]flow.Delivery, error) {
	if limit <= 0 {
		return nil, nil
	}
	now := q.clock.Now()
	var got []delivery
	err := q.db.write.change(ctx, func(tx *transaction) error {
		rows, err := tx.query(`UPDATE message SET hidden_until = ?, receives = receives + 1
			WHERE n IN (SELECT n FROM message INDEXED BY message_due
				WHERE not_before <= ?2 AND (hidden_until IS NULL OR hidden_until <= ?2)
				ORDER BY not_before, n LIMIT ?3)
			RETURNING n, id, kind, subject, body, sent_at, not_before, receives`,
			nanos(now.Add(visibility)), nanos(now), limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			d, err := scanDelivery(rows)
			if err != nil {
				return err
			}
			got = append(got, d)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	return inOrder(got), nil
}

type delivery struct {
	flow.Delivery
	n int64
}

func scanDelivery(rows *sql.Rows) (d delivery, err error) {
	var body []byte
	var sent, notBefore int64
	err = rows.Scan(&d.n, &d.ID, &d.Kind, &d.Subject, &body, &sent, &notBefore, &d.Attempt)
	d.Body, d.SentAt, d.NotBefore = body, moment(sent), moment(notBefore)
	d.Receipt = fmt.Sprintf("%d-%d", d.n, d.Attempt)
	return d, err
}

// inOrder sorts what RETURNING gave in no order.
func inOrder(got []delivery) []flow.Delivery {
	slices.SortFunc(got, func(a, b delivery) int {
		if c := a.NotBefore.Compare(b.NotBefore); c != 0 {
			return c
		}
		return int(a.n - b.n)
	})
	var out []flow.Delivery
	for _, d := range got {
		out = append(out, d.Delivery)
	}
	return out
}

// current selects the message of a receipt, as long as that is the last one
// and the message has not been given back.
const current = ` n = ? AND receives = ? AND id = ? AND hidden_until IS NOT NULL`

// receipt returns the arguments of current. A receipt that is none names no
// message.
func receipt(d flow.Delivery) []any {
	n, receives, _ := strings.Cut(d.Receipt, "-")
	row, err := strconv.ParseInt(n, 10, 64)
	count, err2 := strconv.ParseInt(receives, 10, 64)
	if err != nil || err2 != nil {
		row, count = 0, 0
	}
	return []any{row, count, d.ID}
}

// Delete ends a message.
func (q *queue) Delete(ctx context.Context, d flow.Delivery) error {
	return q.db.write.change(ctx, func(tx *transaction) error {
		_, err := tx.exec(`DELETE FROM message WHERE`+current, receipt(d)...)
		return err
	})
}

// Postpone gives a message back; its receipt is used up.
func (q *queue) Postpone(ctx context.Context, d flow.Delivery, t time.Time) error {
	return q.db.write.change(ctx, func(tx *transaction) error {
		_, err := tx.exec(`UPDATE message SET not_before = ?, hidden_until = NULL WHERE`+current,
			append([]any{nanos(orElse(t, q.clock.Now()))}, receipt(d)...)...)
		return err
	})
}

// Bury moves a message to the dead letters. What the message was is taken from
// the queue, why it failed from the letter. An older letter of the same
// message gives way to the new one.
func (q *queue) Bury(ctx context.Context, d flow.Delivery, letter everqual.DeadLetter) error {
	return q.db.write.change(ctx, func(tx *transaction) error {
		args := append([]any{letter.Cause, letter.Attempts, nanos(orElse(letter.FailedAt, q.clock.Now()))}, receipt(d)...)
		kept, err := tx.exec(`INSERT OR REPLACE INTO dead_letter (id, kind, subject, body, cause, attempts, sent_at, failed_at)
			SELECT id, kind, subject, body, ?, ?, sent_at, ? FROM message WHERE`+current, args...)
		if err != nil {
			return err
		}
		n, err := kept.RowsAffected() // none, where the receipt is used up
		if err != nil {
			return err
		}
		return tx.write(int(n), "dead_letter", `DELETE FROM message WHERE`+current, receipt(d)...)
	})
}

// Pending counts the messages and tells when the next one is due.
func (q *queue) Pending(ctx context.Context) (n int, next time.Time, err error) {
	var due sql.NullInt64
	err = q.db.read.row(ctx, `SELECT count(*), min(max(not_before, coalesce(hidden_until, not_before)))
		FROM message INDEXED BY message_due`, nil, &n, &due)
	if err == nil && due.Valid {
		next = moment(due.Int64)
	}
	return n, next, err
}

// Release lets be due now what would wait or be hidden until after t.
func (q *queue) Release(ctx context.Context, t time.Time) (n int, err error) {
	const late = ` WHERE n IN (SELECT n FROM message INDEXED BY message_due WHERE not_before > ?1 OR hidden_until > ?1)`
	err = q.db.read.row(ctx, `SELECT count(*) FROM message`+late, []any{nanos(t)}, &n)
	if err != nil || n == 0 { // hardly ever is there one, and writing waits for others
		return n, err
	}
	return n, q.db.write.change(ctx, func(tx *transaction) error {
		_, err := tx.exec(`UPDATE message SET not_before = min(not_before, ?2), hidden_until = NULL`+late, nanos(t), nanos(q.clock.Now()))
		return err
	})
}

// DeadLetters returns the dead letters in the order in which they were buried.
func (q *queue) DeadLetters(ctx context.Context) ([]everqual.DeadLetter, error) {
	rows, err := q.db.read.query(ctx,
		`SELECT id, kind, subject, body, cause, attempts, sent_at, failed_at FROM dead_letter ORDER BY n`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var letters []everqual.DeadLetter
	for rows.Next() {
		var l everqual.DeadLetter
		var body []byte
		var sent, failed int64
		if err := rows.Scan(&l.ID, &l.Kind, &l.Subject, &body, &l.Cause, &l.Attempts, &sent, &failed); err != nil {
			return nil, err
		}
		l.Body, l.SentAt, l.FailedAt = body, moment(sent), moment(failed)
		letters = append(letters, l)
	}
	return letters, rows.Err()
}

// Redrive puts a dead letter's message back. Where a message with its ID waits
// already, that one does the work of both.
func (q *queue) Redrive(ctx context.Context, id string) error {
	now := nanos(q.clock.Now())
	return q.db.write.change(ctx, func(tx *transaction) error {
		added, err := tx.exec(`INSERT INTO message (id, kind, subject, body, sent_at, not_before)
			SELECT id, kind, subject, body, sent_at, ? FROM dead_letter WHERE id = ? ON CONFLICT (id) DO NOTHING`, now, id)
		if err != nil {
			return err
		}
		result, err := tx.exec(discard, id)
		if err := known(id, result, err); err != nil {
			return err
		}
		return tx.there(added, id, "message")
	})
}

const discard = `DELETE FROM dead_letter WHERE id = ?`

// Discard removes a dead letter.
func (q *queue) Discard(ctx context.Context, id string) error {
	return q.db.write.change(ctx, func(tx *transaction) error {
		result, err := tx.exec(discard, id)
		return known(id, result, err)
	})
}

// known turns a statement that found no dead letter into an error.
func known(id string, result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return fmt.Errorf("dead letter %q: %w", id, fs.ErrNotExist)
}

// nanos returns t as nanoseconds since 1970, held to the years 1678 to 2261
// that these can tell: "never" stays in the future.
func nanos(t time.Time) int64 {
	switch year := t.Year(); {
	case year > 2261:
		return math.MaxInt64
	case year < 1678:
		return math.MinInt64
	}
	return t.UnixNano()
}

func moment(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }

func orElse(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}

// blob keeps a body that is absent apart from SQL's NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
