package awshome

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// Messages are all that wait or are in flight, the earliest due first.
func (q *queue) Messages(ctx context.Context) (all []flow.Message, err error) {
	rows, err := q.dueRows(ctx, nanos(farthest), 0)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, earlier)
	found := make([]*kept, len(rows))
	err = together(ctx, len(rows), func(ctx context.Context, i int) (err error) {
		found[i], err = q.find(ctx, rows[i].id)
		return err
	})
	for _, m := range found {
		if m != nil { // else it was done meanwhile
			all = append(all, m.Message)
		}
	}
	return all, err
}

// Lay puts dead letters of another home in, in their order. One that is there stays.
func (q *queue) Lay(ctx context.Context, letters ...everqual.DeadLetter) error {
	if len(letters) == 0 {
		return nil
	}
	last, err := q.number(ctx, len(letters))
	if err != nil {
		return err
	}
	return together(ctx, len(letters), func(ctx context.Context, i int) error {
		l := letters[i]
		m := &kept{Message: flow.Message{ID: l.ID, Kind: l.Kind, Subject: l.Subject, Body: l.Body, SentAt: l.SentAt}}
		n := last - int64(len(letters)-1-i)
		err := q.table.transact(ctx, q.table.put(letterItem(m, l, n, l.FailedAt)))
		if errors.As(err, new(*refused)) {
			return nil // it is there
		}
		return err
	})
}

// Digests yields what the archive keeps, in order. An error ends the sequence.
func (a *archive) Digests(ctx context.Context) iter.Seq2[everqual.Digest, error] {
	return func(yield func(everqual.Digest, error) bool) {
		keys, err := a.list(ctx, "archive/")
		if err != nil {
			yield("", err)
			return
		}
		for _, k := range keys {
			d := everqual.Digest("sha256:" + strings.TrimPrefix(k, "archive/"))
			if d.Hex() != "" && !yield(d, nil) { // else somebody else's
				return
			}
		}
	}
}

// Upload puts files into the home's bucket, such as specs/system.json. One that is
// there already and is another one is an error.
func Upload(ctx context.Context, name string, files map[string][]byte, opt Options) error {
	cfg, c, err := resolve(ctx, name, opt)
	if err != nil {
		return err
	}
	a := &archive{s3.NewFromConfig(cfg, bucketStyle), c.Bucket}
	for key, b := range files {
		if err := a.upload(ctx, key, b); err != nil {
			return err
		}
	}
	return nil
}
