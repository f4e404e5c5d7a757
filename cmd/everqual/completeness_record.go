package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/trail"
)

// keep records the account, after what it rests on is archived.
func (ask completenessAsk) keep(ctx context.Context, c *flow.Corridor, a *completeness) error {
	account := everqual.Completeness{
		From: a.From, To: a.To, Until: a.Until, Complete: a.complete(), Events: a.Events, Open: a.OpenCount, LogFiles: a.Files, Fates: map[string]int{},
		Digests: []everqual.TrailDigest{},
	}
	for f, n := range a.Fates {
		account.Fates[string(f)] = n
	}
	archived := func(b []byte) (everqual.Digest, error) {
		d := everqual.DigestOf(b)
		return d, c.Archive.Put(ctx, d, b)
	}
	var err error
	if account.Keys, err = archived(a.keys); err != nil {
		return fmt.Errorf("archive CloudTrail's public keys: %w", err)
	}
	files, err := trailFiles(ctx, ask.logs, ask.bucket)
	if err != nil {
		return err
	}
	for _, key := range a.Trail.ValidDigests {
		o, err := files.Get(ctx, key)
		f := everqual.TrailDigest{Key: key, Metadata: o.Metadata}
		if err == nil {
			f.Blob, err = archived(o.Body)
		}
		if err != nil {
			return fmt.Errorf("archive the digest %s: %w", key, err)
		}
		account.Digests = append(account.Digests, f)
	}
	body, err := json.Marshal(account)
	if err != nil {
		return err
	}
	_, _, err = c.Ledger.Append(ctx, ledger.Entry{
		Kind: everqual.KindCompleteness, Key: "completeness:" + string(everqual.DigestOf(body)), Subjects: []string{"completeness"}, Body: account,
	})
	if err != nil {
		return fmt.Errorf("record the account: %w", err)
	}
	return nil
}

// completeness validates the digests of a recorded account again.
func (r *recomputing) completeness(ctx context.Context, record everqual.Record) error {
	var a everqual.Completeness
	if err := json.Unmarshal(record.Body, &a); err != nil {
		r.wrong(record, "body", "it is no account of completeness: %v", err)
		return nil
	}
	text, err := r.blob(ctx, a.Keys)
	switch {
	case errors.Is(err, fs.ErrNotExist): // it was deleted under the retention
		r.NotRecomputed++
		return nil
	case err != nil:
		return err
	}
	keys, err := trail.ParseKeys(text)
	if err != nil {
		r.wrong(record, "keys", "they are no public keys of CloudTrail: %v", err)
		return nil
	}
	made, err := trail.Validate(ctx, kept{r, a.Digests}, keys, trail.Options{From: a.From, To: cmp.Or(a.Until, a.To), DigestsOnly: true})
	valid := len(made.ValidDigests)
	for _, f := range made.Findings { // earlier versions took these for valid
		if f.Kind == trail.KeyExpired && f.Severity == trail.Unverifiable {
			valid++
		}
	}
	switch {
	case err != nil:
		return err
	case valid != len(a.Digests):
		r.wrong(record, "digests", "%d of the %d digests of CloudTrail are valid", valid, len(a.Digests))
	default:
		r.Recomputed++
	}
	return nil
}

// kept are the archived digests as the bucket that they came from.
type kept struct {
	from  *recomputing
	files []everqual.TrailDigest
}

func (k kept) List(context.Context, string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, f := range k.files {
			if !yield(f.Key, nil) {
				return
			}
		}
	}
}

func (k kept) Get(ctx context.Context, key string) (trail.Object, error) {
	for _, f := range k.files {
		if f.Key == key {
			body, err := k.from.blob(ctx, f.Blob)
			return trail.Object{Key: key, Body: body, Metadata: f.Metadata}, err
		}
	}
	return trail.Object{}, fmt.Errorf("%s: %w", key, fs.ErrNotExist)
}
