package trail

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
)

// fate is what became of a log file that is listed.
type fate int

const (
	logValid fate = iota
	logUnproven
	logModified
	logMissing
	logElsewhere
)

// logState is a log file that was listed, and by which digest first.
type logState struct {
	hash    string // as stated
	fate    fate
	matches bool // its content has that hash
	by      string
	end     time.Time // of the earliest digest
}

// listed checks the log files of a digest. What an invalid one lists is only
// noted, so that such a file is not taken for one that no digest knows.
func (w *walker) listed(ctx context.Context, d *digest) error {
	if d.doc == nil {
		return nil
	}
	for i, l := range d.doc.Logs {
		if d.state == invalid {
			w.claimed[l.Object] = true
			continue
		}
		if err := w.log(ctx, d, fmt.Sprintf("logFiles[%d].hashValue", i), l); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) log(ctx context.Context, d *digest, field string, l logEntry) error {
	f := Finding{Severity: Damage, Key: l.Object, Field: field, From: d.covered.From, To: d.covered.To}
	if s, seen := w.logs[l.Object]; seen {
		w.again(d, l, s, f)
		return nil
	}
	s := &logState{hash: l.Hash, by: d.key, end: d.end}
	var err error
	if s.fate, err = w.compare(ctx, d, l, f); err != nil {
		return err
	}
	if s.matches = s.fate == logValid; s.matches && d.state != valid {
		s.fate = logUnproven
	}
	w.logs[l.Object] = s
	if s.fate != logMissing && s.fate != logElsewhere {
		delete(w.unseen, l.Object)
		delete(w.others, l.Object)
	}
	return nil
}

// again takes a log file that was listed before.
func (w *walker) again(d *digest, l logEntry, s *logState, f Finding) {
	if d.end.Before(s.end) {
		s.end = d.end
	}
	same := strings.EqualFold(s.hash, l.Hash)
	f.Kind, f.Severity, f.Message = LogListedTwice, Note, fmt.Sprintf("%s lists it too, with the same hash", s.by)
	if !same {
		f.Severity, f.Message = Damage, fmt.Sprintf("%s lists it with another hash: one of them is not the file that was delivered", s.by)
	}
	if same && s.matches && d.state == valid {
		s.fate, s.by = logValid, d.key
	}
	w.report(f)
}

const hashAlgorithm = "SHA-256"

// compare reads a log file and compares it with the hash that is stated. The
// error is one of the context.
func (w *walker) compare(ctx context.Context, d *digest, l logEntry, f Finding) (fate, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	say := func(as fate, k Kind, s Severity, message string) (fate, error) {
		f.Kind, f.Severity, f.Message = k, s, message
		w.report(f)
		return as, nil
	}
	o, err := w.files.Get(ctx, l.Object)
	elsewhere := l.Bucket != cmp.Or(o.Bucket, d.doc.Bucket)
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case elsewhere && (o.Bucket != "" || errors.Is(err, fs.ErrNotExist)):
		return say(logElsewhere, LogElsewhere, Unverifiable, fmt.Sprintf("%s lists it in bucket %s, which this is no copy of", d.key, l.Bucket))
	case err == nil || errors.Is(err, ErrMetadata): // that of a log file means nothing
	case errors.Is(err, fs.ErrNotExist):
		return say(logMissing, LogMissing, Damage, fmt.Sprintf("the log file is absent, and %s lists it: it was removed, renamed or not copied", d.key))
	case errors.Is(err, ErrTooLarge):
		return say(logModified, LogTooLarge, Damage, err.Error())
	default:
		return say(logUnproven, LogUnreadable, Unverifiable, "cannot be read: "+err.Error())
	}
	content, err := w.inflate(o.Body, w.opt.LogLimit)
	switch {
	case errors.Is(err, ErrTooLarge):
		return say(logModified, LogTooLarge, Damage, err.Error())
	case err != nil:
		return say(logModified, LogBroken, Damage, err.Error())
	case l.HashAlgorithm != hashAlgorithm:
		return say(logUnproven, LogAlgorithm, Unverifiable, fmt.Sprintf("its hash is of algorithm %q, only %s is known", l.HashAlgorithm, hashAlgorithm))
	}
	if hash := hashOf(content); !strings.EqualFold(hash, l.Hash) {
		return say(logModified, LogModified, Damage, fmt.Sprintf("its hash is %s, and %s says %s: its content was changed%s", hash, d.key, l.Hash, brokenJSON(content)))
	}
	return logValid, nil
}

func brokenJSON(content []byte) string {
	if json.Valid(content) {
		return ""
	}
	return ", and is no JSON any more"
}

// countLogs counts those that are listed.
func (v *validator) countLogs() {
	c := &v.result.Logs
	for key, s := range v.logs {
		switch s.fate {
		case logValid:
			c.Valid++
			v.result.ValidLogs = append(v.result.ValidLogs, key)
			v.result.Delivered[key] = s.end
		case logUnproven:
			c.Unproven++
		case logModified:
			c.Modified++
		case logMissing:
			c.Missing++
		case logElsewhere:
			c.Elsewhere++
		}
	}
}

// A log file's name has the time when CloudTrail made it, to the minute, and
// its digest is that of when it was delivered. Next to time that is not
// covered, it may belong there.
const (
	deliveredLate  = 15 * time.Minute
	deliveredEarly = 5 * time.Minute
)

type place struct{ account, region string }

// unlisted reports the log files that no digest lists. Their names have the minute only:
// of one at the edge of the range it cannot be told on which side it is.
func (v *validator) unlisted() {
	covered := map[place][]Interval{}
	for _, c := range v.result.Chains {
		p := place{c.Chain.Account, c.Chain.Region}
		covered[p] = append(covered[p], c.Covered...)
	}
	for p := range covered {
		covered[p] = merge(covered[p])
	}
	open := map[place][]time.Time{}
	for _, key := range slices.Sorted(maps.Keys(v.unseen)) {
		n := v.unseen[key]
		p := place{n.account, n.region}
		switch {
		case !v.opt.contains(n.time) || !v.opt.contains(n.time.Add(time.Minute-1)) || v.afterwards[key]:
			v.result.Logs.Outside++
		case !v.claimed[key] && within(covered[p], n.time):
			v.result.Logs.Unlisted++
			v.find(Finding{Kind: LogUnlisted, Severity: Unverifiable, Chain: Chain{Account: p.account, Region: p.region}, Key: key, From: n.time, To: n.time,
				Message: "no digest lists this log file, though its time is covered: it was put here or renamed, or it is of a trail without validation, or late and listed by a backfill digest that is not here"})
		case !v.claimed[key] && v.first(p, n.time):
			v.result.Logs.Outside++
		default:
			v.result.Logs.Uncovered++
			open[p] = append(open[p], n.time)
		}
	}
	v.uncovered(open)
}

// first tells whether a chain begins in the minute: what is not listed then was
// delivered before.
func (v *validator) first(p place, minute time.Time) bool {
	return slices.ContainsFunc(v.begins[p], func(t time.Time) bool { return minute.Before(t) && t.Before(minute.Add(time.Minute)) })
}

func within(covered []Interval, t time.Time) bool {
	return slices.ContainsFunc(covered, func(i Interval) bool {
		return !t.Before(i.From.Add(deliveredEarly)) && !t.After(i.To.Add(-deliveredLate))
	})
}

// uncovered reports once for each account and region how many log files nobody
// signed for.
func (v *validator) uncovered(open map[place][]time.Time) {
	for p, times := range open {
		v.find(Finding{Kind: LogUncovered, Severity: Unverifiable, Chain: Chain{Account: p.account, Region: p.region},
			From: slices.MinFunc(times, time.Time.Compare), To: slices.MaxFunc(times, time.Time.Compare),
			Message: fmt.Sprintf("%d log files are of time that no valid digest covers, or only an invalid digest lists them: whether they were changed cannot be told", len(times))})
	}
}
