package verify

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/everqual/everqual"
)

// retention follows what was to be kept how long, and what was deleted.
type retention struct {
	keep  map[everqual.Kind]everqual.Term
	holds map[string]everqual.Hold
	rests map[everqual.Digest][]resting
	gone  map[everqual.Digest]bool // deleted under the retention
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
		keep: map[everqual.Kind]everqual.Term{}, holds: map[string]everqual.Hold{},
		rests: map[everqual.Digest][]resting{}, gone: map[everqual.Digest]bool{},
	}
}

// record takes the next record, and finds what was deleted before its time.
func (t *retention) record(r everqual.Record) (found []Finding) {
	on, _ := restsOn(r.Kind, r.Body) // who calls says what is wrong with the body
	for _, d := range on {
		t.rests[d] = append(t.rests[d], resting{r.Sequence, r.Kind, r.Time, r.Subjects})
		delete(t.gone, d) // it was written again
	}
	var err error
	switch r.Kind {
	case everqual.KindRetention:
		var said everqual.Retention
		err = json.Unmarshal(r.Body, &said)
		t.keep[said.Kind] = said.Keep
	case everqual.KindHold:
		var said everqual.Hold
		err = json.Unmarshal(r.Body, &said)
		if t.holds[said.ID] = said; said.Released {
			delete(t.holds, said.ID)
		}
	case everqual.KindDisposal:
		var said everqual.Disposal
		err = json.Unmarshal(r.Body, &said)
		for _, d := range said.Digests {
			if why := t.early(d, r.Time); why != "" {
				found = append(found, Finding{Record: r.Sequence, Field: string(d), Message: "it was deleted " + why})
			}
			t.gone[d] = true
		}
	}
	if err != nil {
		found = append(found, Finding{Record: r.Sequence, Field: "body", Message: fmt.Sprintf("it is no %s: %v", r.Kind, err)})
	}
	return found
}

// deleted tells whether a blob is rightly not there; a reply that pieces of evidence
// share goes with them only.
func (t *retention) deleted(d, parent everqual.Digest) bool {
	return t.gone[d] && (parent == "" || t.gone[parent])
}

// early tells why a blob had to be kept at that time, "" when it had not.
func (t *retention) early(d everqual.Digest, at time.Time) string {
	for _, r := range t.rests[d] {
		term := t.keep[r.kind]
		if until := term.After(r.at); at.Before(until) {
			if term == "" {
				return fmt.Sprintf("though record %d rests on it, and what a record of kind %s rests on is kept for ever", r.sequence, r.kind)
			}
			return fmt.Sprintf("before its time: record %d rests on it until %s", r.sequence, until.UTC().Format(time.DateOnly))
		}
		for _, h := range t.holds {
			if h.Covers(r.subjects) {
				return fmt.Sprintf("in spite of the hold %s on what record %d rests on", h.ID, r.sequence)
			}
		}
	}
	return ""
}
