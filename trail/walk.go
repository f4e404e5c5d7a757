package trail

import (
	"context"
	"fmt"
	"time"
)

// state is what became of a digest.
type state int

const (
	valid state = iota
	unverifiable
	invalid
)

// digest is one digest file as far as it could be read.
type digest struct {
	digestName
	object  Object
	doc     *document // nil when it could not be read
	hash    string    // of the decompressed digest
	signed  bool      // one of its signatures verifies
	state   state
	covered Interval
}

// link is what a later digest says of an earlier one.
type link struct {
	from *digest
	// signature is nil when it is no hexadecimal number.
	signature []byte
}

// walker goes through one chain, the newest digest first.
type walker struct {
	*validator
	chain   Chain
	here    map[string]bool   // its digests that are in the range
	links   map[string][]link // by the key that they name
	missing map[string]bool
	passed  map[string]bool // its digests that were judged
	quiet   bool            // nothing is reported
	later   *digest         // the last one that the chain did not pass by
	next    string          // the digest that follows by the word of later, when it is here
	covered []Interval
}

func (v *validator) walk(ctx context.Context, chain Chain, names []digestName) error {
	w := &walker{validator: v, chain: chain, here: map[string]bool{}, links: map[string][]link{}, missing: map[string]bool{}, passed: map[string]bool{}}
	for _, n := range names {
		w.here[n.key] = v.opt.covers(n.end)
	}
	for i, n := range names {
		var err error
		switch {
		case w.here[n.key]:
			err = w.step(ctx, n)
		default:
			v.result.Digests.Outside++
			if v.opt.beyond(n.end) && (i+1 == len(names) || !v.opt.beyond(names[i+1].end)) {
				err = w.anchor(ctx, n)
			}
		}
		if err != nil {
			return err
		}
	}
	w.begin()
	v.result.Chains = append(v.result.Chains, Coverage{chain, merge(w.covered)})
	return nil
}

// anchor takes what the first digest after the range says of the newest one in
// it. It is not counted, and nothing is reported of it.
func (w *walker) anchor(ctx context.Context, n digestName) error {
	d := &digest{digestName: n}
	w.quiet = true
	err := w.load(ctx, d)
	w.judge(d)
	w.quiet = false
	if err != nil {
		return err
	}
	if d.trusted() {
		w.stand(d)
		for _, l := range d.doc.Logs {
			w.afterwards[l.Object] = true
		}
	}
	w.remember(d)
	return nil
}

// step judges one digest and what it lists.
func (w *walker) step(ctx context.Context, n digestName) error {
	d := &digest{digestName: n}
	if err := w.load(ctx, d); err != nil {
		return err
	}
	w.judge(d)
	w.count(d)
	w.place(d)
	w.remember(d)
	var err error
	if !w.opt.DigestsOnly {
		err = w.listed(ctx, d)
	}
	w.release(d)
	return err
}

// release lets go of what nobody asks a judged digest any more: a chain of a
// year lists many log files.
func (w *walker) release(d *digest) {
	delete(w.links, d.key)
	if d.doc != nil {
		d.doc.Logs = nil
	}
}

func (w *walker) count(d *digest) {
	c := &w.result.Digests
	switch d.state {
	case valid:
		c.Valid++
		w.result.ValidDigests = append(w.result.ValidDigests, d.key)
		if len(d.doc.Logs) == 0 {
			c.Quiet++
		}
		if !w.chain.Backfill {
			w.covered = append(w.covered, d.covered)
		}
	case unverifiable:
		c.Unverifiable++
	case invalid:
		c.Invalid++
	}
}

// trusted tells whether what a digest says of others counts: when it is
// invalid, that is reported, and its words would be reported twice.
func (d *digest) trusted() bool { return d.doc != nil && d.state != invalid }

// place relates a digest to the one after it. A backfill chain has no hours
// that must follow each other.
func (w *walker) place(d *digest) {
	if w.next != "" && d.key != w.next {
		w.passed[d.key] = true
		w.passedBy(d)
		return
	}
	if w.later == nil {
		w.end(d)
	} else {
		w.follow(w.later, d)
	}
	w.stand(d)
}

// stand makes a digest the one that the next is related to.
func (w *walker) stand(d *digest) {
	w.later, w.next, w.passed[d.key] = d, "", true
	if !d.trusted() || d.doc.Previous == nil {
		return
	}
	if p := *d.doc.Previous; w.here[p] && !w.passed[p] {
		w.next = p
	}
}

// passedBy reports a digest that lies between one and its previous digest.
func (w *walker) passedBy(d *digest) {
	f := Finding{Kind: DigestUnlinked, Severity: Damage, Key: d.key, From: d.covered.From, To: d.covered.To,
		Message: fmt.Sprintf("the chain passes this digest by: %s names %s as the one before it", w.later.key, w.next)}
	next, _ := parseDigestName(w.next)
	if d.end.Equal(w.later.end) || d.end.Equal(next.end) {
		f.Kind, f.Message = DigestDuplicate, "a second digest for the same hour, which no later digest refers to"
	}
	if d.signed && d.state == valid { // CloudTrail's own, for whatever reason
		f.Severity = Note
	}
	w.report(f)
}

func (w *walker) report(f Finding) {
	if f.Chain = w.chain; !w.quiet {
		w.find(f)
	}
}

// end reports what is left of the range after the newest digest.
func (w *walker) end(d *digest) {
	if to := w.opt.To; !w.chain.Backfill && d.end.Before(to) {
		w.report(Finding{Kind: ChainEnd, Severity: Gap, Key: d.key, From: d.end, To: to,
			Message: fmt.Sprintf("the newest digest ends %s, before the range does, %s: what came later is not signed for, or its digests were removed or are not here yet",
				d.end.Format(time.RFC3339), to.Format(time.RFC3339))})
	}
}

// follow reports time between a digest and the one after it, and where a chain
// begins anew.
func (w *walker) follow(later, d *digest) {
	from, to := d.covered.To, later.covered.From
	switch {
	case later.trusted() && later.doc.Previous == nil:
		w.report(Finding{Kind: ChainStart, Severity: Gap, Key: later.key, Field: "previousDigestS3Object", From: from, To: latest(from, to),
			Message: fmt.Sprintf("a chain begins anew here, after %s: logging or validation was off, and what was delivered in between is not signed for", d.key)})
	case w.chain.Backfill:
	case !later.trusted():
		w.hole(from, to, "no digest is here for this time, and the one after it is not valid, so that it cannot say which is absent")
	case *later.doc.Previous == d.key:
		w.abut(later, d)
	case w.gone(later):
		w.holeBefore(*later.doc.Previous, from)
	}
}

// abut compares the times of two digests of which one names the other.
func (w *walker) abut(later, d *digest) {
	from, to := d.covered.To, later.covered.From
	switch {
	case !d.trusted() || from.Equal(to):
	case from.Before(to):
		w.report(Finding{Kind: Uncovered, Severity: Gap, Key: later.key, Field: "digestStartTime", From: from, To: to,
			Message: fmt.Sprintf("the chain is unbroken, but leaves out the time since %s ends", d.key)})
	case d.covered == later.covered:
		w.report(Finding{Kind: DigestDuplicate, Severity: Note, Key: later.key, From: to, To: later.covered.To,
			Message: fmt.Sprintf("a second digest for the same hour as %s, to which it refers", d.key)})
	default:
		w.report(Finding{Kind: DigestOverlap, Severity: Note, Key: later.key, Field: "digestStartTime", From: to, To: from,
			Message: fmt.Sprintf("begins before %s ends", d.key)})
	}
}

// slack is the time that is not taken for a missing digest: the first digest of
// a chain covers less than an hour.
const slack = hour / 2

// hole counts the digests that time without any would have.
func (w *walker) hole(from, to time.Time, why string) {
	to = w.until(to)
	n := int((to.Sub(from) + slack) / hour)
	if n <= 0 || w.chain.Backfill {
		return
	}
	w.result.Digests.Missing += n
	w.report(Finding{Kind: DigestHole, Severity: Damage, From: from, To: to, Message: fmt.Sprintf("%s: about %d", why, n)})
}

// holeBefore reports the time before a digest that is missing itself.
func (w *walker) holeBefore(missing string, from time.Time) {
	if n, ok := parseDigestName(missing); ok {
		w.hole(from, n.end.Add(-hour), "no digest is here for this time, and the one that would refer to it is missing too")
	}
}

// begin reports what is left of the range before the oldest digest.
func (w *walker) begin() {
	d, from := w.later, w.opt.From
	if d == nil {
		if w.chain.Backfill {
			return
		}
		w.report(Finding{Kind: Uncovered, Severity: Gap, From: from, To: w.opt.To, Message: "the chain has no digest in the range"})
		return
	}
	start := w.until(d.covered.From)
	switch {
	case d.trusted() && d.doc.Previous == nil:
		w.beginning(d, start)
	case w.chain.Backfill || from.IsZero() || !from.Before(start):
	case !d.trusted():
		w.hole(from, start, "no digest is here for this time, and the oldest one is not valid, so that it cannot say whether one is absent")
	case w.gone(d) && !w.endsBefore(*d.doc.Previous, from):
		w.holeBefore(*d.doc.Previous, from)
	case start.Sub(from) > slack:
		w.report(Finding{Kind: Uncovered, Severity: Gap, Key: d.key, From: from, To: start,
			Message: "no digest covers this time: the one before ends before the range begins"})
	}
}

func (w *walker) endsBefore(key string, t time.Time) bool {
	n, ok := parseDigestName(key)
	return ok && !n.end.After(t)
}

func (w *walker) beginning(d *digest, start time.Time) {
	if p := (place{w.chain.Account, w.chain.Region}); !w.chain.Backfill {
		w.begins[p] = append(w.begins[p], d.covered.From)
	}
	f := Finding{Kind: ChainStart, Severity: Note, Key: d.key, Field: "previousDigestS3Object", To: start,
		Message: "the chain begins here: log files that were delivered earlier are not signed for"}
	if from := w.opt.From; !from.IsZero() && from.Before(start) && !w.chain.Backfill {
		f.Severity, f.From = Gap, from
	}
	w.report(f)
}

// until ends a time with the range.
func (w *walker) until(t time.Time) time.Time {
	if to := w.opt.To; !to.IsZero() && to.Before(t) {
		return to
	}
	return t
}

// remember keeps what a digest says of the one before it, and reports that one
// when it is not here.
func (w *walker) remember(d *digest) {
	if d.doc == nil || d.doc.Previous == nil {
		return
	}
	key := *d.doc.Previous
	w.links[key] = append(w.links[key], link{d, decodeHex(*d.doc.PreviousSignature)})
	if _, found := w.digests[key]; found || !d.trusted() || w.missing[key] {
		return
	}
	n, ok := parseDigestName(key)
	if ok && !w.opt.covers(n.end) || ok && !w.opt.wants(n.chain.Account, n.chain.Region) {
		return
	}
	w.absent(d, key, n.end)
}

// leaves tells whether the digest before this one is in another bucket.
func (d *digest) leaves() bool {
	return d.doc.PreviousStore != nil && *d.doc.PreviousStore != d.doc.Bucket
}

// gone tells whether the digest before this one is absent, be it of the range or
// not.
func (w *walker) gone(d *digest) bool {
	_, found := w.digests[*d.doc.Previous]
	return !found && !d.leaves()
}

func (w *walker) absent(d *digest, key string, end time.Time) {
	f := Finding{Kind: DigestMissing, Severity: Damage, Key: key, From: d.covered.From.Add(-hour), To: d.covered.From,
		Message: fmt.Sprintf("the digest is absent, and %s refers to it: it was removed, or not copied; if the copy begins later, say so with the beginning of the range", d.key)}
	if !end.IsZero() {
		f.From, f.To = end.Add(-hour), end
	}
	if d.leaves() {
		f.Kind, f.Severity, f.Key = ChainLeaves, Unverifiable, d.key
		f.Field = "previousDigestS3Bucket"
		f.Message = fmt.Sprintf("the chain comes from bucket %s, which this is no copy of: %s", *d.doc.PreviousStore, key)
		w.report(f)
		return
	}
	w.missing[key] = true
	w.result.Digests.Missing++
	w.report(f)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
