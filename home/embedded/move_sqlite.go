package embedded

import (
	"context"
	"encoding/hex"
	"fmt"
	"iter"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// Messages are all that wait or are in flight, in the order in which they were sent.
func (q *queue) Messages(ctx context.Context) (all []flow.Message, err error) {
	rows, err := q.db.read.query(ctx, `SELECT id, kind, subject, body, sent_at, not_before FROM message ORDER BY n`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m flow.Message
		var body []byte
		var sent, notBefore int64
		if err := rows.Scan(&m.ID, &m.Kind, &m.Subject, &body, &sent, &notBefore); err != nil {
			return nil, err
		}
		m.Body, m.SentAt, m.NotBefore = body, moment(sent), moment(notBefore)
		all = append(all, m)
	}
	return all, rows.Err()
}

// Lay puts dead letters of another home in. One that is there stays.
func (q *queue) Lay(ctx context.Context, letters ...everqual.DeadLetter) error {
	return q.db.write.change(ctx, func(tx *transaction) error {
		for _, l := range letters {
			err := tx.insert(l.ID, "dead_letter", `INSERT INTO dead_letter (id, kind, subject, body, cause, attempts, sent_at, failed_at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
				l.ID, l.Kind, l.Subject, blob(l.Body), l.Cause, l.Attempts, nanos(l.SentAt), nanos(l.FailedAt))
			if err != nil {
				return fmt.Errorf("keep dead letter %s: %w", l.ID, err)
			}
		}
		return nil
	})
}

// Digests yields what the archive keeps, in order. An error ends the sequence.
func (a *archive) Digests(ctx context.Context) iter.Seq2[everqual.Digest, error] {
	return func(yield func(everqual.Digest, error) bool) {
		rows, err := a.db.read.query(ctx, `SELECT digest FROM blob ORDER BY digest`)
		if err != nil {
			yield("", fmt.Errorf("list the archive: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var sum []byte
			err := rows.Scan(&sum)
			if !yield(everqual.Digest("sha256:"+hex.EncodeToString(sum)), err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield("", fmt.Errorf("list the archive: %w", err))
		}
	}
}
