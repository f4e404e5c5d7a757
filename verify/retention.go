package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/everqual/everqual"
)

// retention follows what was to be kept how long, and what was deleted.
type retention struct {
	keep    map[everqual.Kind]everqual.Term
	holds   map[string]hold
	rests   map[everqual.Digest][]resting
	gone    map[everqual.Digest]bool // deleted under the retention
	latest  map[string]uint64        // the last version of each resource
	members map[string]set           // the resources of each system
	marked  bool                     // assessments are found by marks from here on

	before time.Time  // of the last record
	passed []disposal // that were right by the clock of their time
}

// disposal is a deletion that had to wait until a time which was not there yet when the
// record before it was appended.
type disposal struct {
	record uint64
	digest everqual.Digest
	at     time.Time
	until  time.Time
}

type set map[string]bool

// hold is one in force, as its last record says.
type hold struct {
	system   string
	subjects set
}

// resting is a record that rests on a blob.
type resting struct {
	sequence uint64
	kind     everqual.Kind
	at       time.Time
	subjects []string
}

func newRetention() *retention {
	return &retention{
		keep: map[everqual.Kind]everqual.Term{}, holds: map[string]hold{},
		rests: map[everqual.Digest][]resting{}, gone: map[everqual.Digest]bool{},
		latest: map[string]uint64{}, members: map[string]set{},
	}
}

// record takes the next record, and finds what was deleted before its time.
func (t *retention) record(r everqual.Record) []Finding {
	defer func() { t.before = r.Time }()
	if found := t.ahead(r); found != nil {
		return append(found, t.take(r)...)
	}
	return t.take(r)
}

// ahead finds deletions for which the clock was ahead: the records before and after them
// are both of a time at which it was too early.
func (t *retention) ahead(r everqual.Record) (found []Finding) {
	t.passed = slices.DeleteFunc(t.passed, func(d disposal) bool {
		early := r.Time.Before(d.until)
		if early {
			found = append(found, Finding{Record: d.record, Field: string(d.digest), Message: fmt.Sprintf(
				"it was deleted before its time: that was %s, the record says %s, and record %d after it is of %s again",
				d.until.Format(time.DateOnly), d.at.Format(time.DateOnly), r.Sequence, r.Time.Format(time.DateOnly))})
		}
		return early
	})
	return found
}

func (t *retention) take(r everqual.Record) []Finding {
	on, _ := restsOn(r.Kind, r.Body) // who calls says what is wrong with the body
	for _, d := range on {
		t.rests[d] = append(t.rests[d], resting{r.Sequence, r.Kind, r.Time.UTC(), r.Subjects})
		delete(t.gone, d) // it was written again
	}
	switch r.Kind {
	case everqual.KindObservation:
		t.latest[first(r.Subjects)] = r.Sequence
	case everqual.KindAssessment:
		t.assessed(r)
	case everqual.KindRetention:
		return t.rule(r)
	case everqual.KindHold:
		return t.held(r)
	case everqual.KindDisposal:
		return t.disposal(r)
	}
	return nil
}

// first is the resource that an observation or an assessment is of.
func first(subjects []string) string {
	if len(subjects) == 0 {
		return ""
	}
	return subjects[0]
}

// object reads a body.
func object(r everqual.Record, to any) []Finding {
	if err := decode(r.Body, to); err != nil {
		return []Finding{{Record: r.Sequence, Field: "body", Message: fmt.Sprintf("it is no %s: %v", r.Kind, err)}}
	}
	return nil
}

// rule takes a retention. One that cannot be read as a term counts, and never passes;
// one of a kind that is never deleted of counts for nothing.
func (t *retention) rule(r everqual.Record) []Finding {
	var said everqual.Retention
	if found := object(r, &said); found != nil {
		return found
	}
	if !slices.Contains([]everqual.Kind{everqual.KindObservation, everqual.KindConfirmation, everqual.KindReport, everqual.KindCompleteness}, said.Kind) {
		return []Finding{{Record: r.Sequence, Field: "kind", Message: fmt.Sprintf("nothing is ever deleted of records of kind %q", said.Kind)}}
	}
	t.keep[said.Kind] = said.Keep
	if said.Keep != "" && forEver(said.Keep) {
		return []Finding{{Record: r.Sequence, Field: "keep", Message: fmt.Sprintf("%q is no term: it never passes", said.Keep)}}
	}
	return nil
}

// forEver tells whether a term never passes: there is none, or it cannot be read.
func forEver(term everqual.Term) bool {
	_, err := everqual.ParseTerm(string(term))
	return err != nil
}

// held takes a hold: the last record of an id counts.
func (t *retention) held(r everqual.Record) []Finding {
	var said everqual.Hold
	if found := object(r, &said); found != nil {
		return found
	}
	if said.Released {
		delete(t.holds, said.ID)
		return nil
	}
	h := hold{said.System, set{}}
	for _, s := range said.Subjects {
		h.subjects[s] = true
	}
	t.holds[said.ID] = h
	return nil
}

// assessed takes the resources that a system's specifications judged: they belong to it,
// whether a hold names them or not. Records from before there were marks say it in
// their bodies.
func (t *retention) assessed(r everqual.Record) {
	resource := first(r.Subjects)
	for _, s := range r.Subjects {
		if system, ok := strings.CutPrefix(s, "assessed:"); ok {
			t.joins(resource, system)
			t.marked = true
		}
	}
	var said everqual.Assessment
	if !t.marked && decode(r.Body, &said) == nil {
		t.joins(resource, said.System)
	}
}

func (t *retention) joins(resource, system string) {
	if t.members[system] == nil {
		t.members[system] = set{}
	}
	t.members[system][resource] = true
}

func (t *retention) disposal(r everqual.Record) (found []Finding) {
	var said everqual.Disposal
	if found := object(r, &said); found != nil {
		return found
	}
	for _, d := range said.Digests {
		if why := t.early(d, r.Time.UTC()); why != "" {
			found = append(found, Finding{Record: r.Sequence, Field: string(d), Message: "it was deleted " + why})
		} else if until := t.until(d); until.After(t.before) {
			t.passed = append(t.passed, disposal{r.Sequence, d, r.Time, until})
		}
		t.gone[d] = true
	}
	return found
}

// deleted tells whether a blob is rightly not there; a reply that pieces of evidence
// share goes with them only.
func (t *retention) deleted(d, parent everqual.Digest) bool {
	return t.gone[d] && (parent == "" || t.gone[parent])
}

// until is how long a blob had to be kept by the terms of what rests on it.
func (t *retention) until(d everqual.Digest) (until time.Time) {
	for _, r := range t.rests[d] {
		if u := t.keep[r.kind].After(r.at); u.After(until) {
			until = u
		}
	}
	return until
}

// early tells why a blob had to be kept at that time, "" when it had not.
func (t *retention) early(d everqual.Digest, at time.Time) string {
	for _, r := range t.rests[d] {
		if why := t.kept(r, at); why != "" {
			return why
		}
	}
	return ""
}

// kept tells why what a record rests on had to be kept at that time.
func (t *retention) kept(r resting, at time.Time) string {
	term := t.keep[r.kind]
	if forEver(term) {
		return fmt.Sprintf("though record %d rests on it, and what a record of kind %s rests on is kept for ever", r.sequence, r.kind)
	}
	if until := term.After(r.at); at.Before(until) {
		return fmt.Sprintf("before its time: record %d rests on it until %s", r.sequence, until.Format(time.DateOnly))
	}
	for _, id := range slices.Sorted(maps.Keys(t.holds)) {
		if h := t.holds[id]; t.covers(h, r) {
			return fmt.Sprintf("in spite of the hold %s on what record %d rests on", strings.TrimSpace(id+" "+ofSystem(h.system)), r.sequence)
		}
	}
	if r.kind == everqual.KindObservation && t.latest[first(r.subjects)] == r.sequence {
		return fmt.Sprintf("though record %d rests on it, the last version of its resource", r.sequence)
	}
	return ""
}

func ofSystem(system string) string {
	if system == "" {
		return ""
	}
	return "of the system " + system
}

// covers tells whether a hold keeps what a record rests on: they share a subject, and
// of a hold on a system it is one too, with all that it ever judged. An account of
// completeness names nobody and speaks of all.
func (t *retention) covers(h hold, r resting) bool {
	if h.subjects["*"] || r.kind == everqual.KindCompleteness {
		return true
	}
	return slices.ContainsFunc(r.subjects, func(s string) bool {
		return h.subjects[s] || h.system != "" && (s == h.system || t.members[h.system][s])
	})
}
