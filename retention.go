package everqual

import (
	"fmt"
	"strconv"
	"time"
)

// Term is a time that is counted by the calendar: a number and y, m (months) or
// d, such as "10y".
type Term string

// ParseTerm refuses what is no term, or none at all: from 1 to 100000 of a unit, and
// one way to write each.
func ParseTerm(s string) (Term, error) {
	if len(s) > 1 && s[0] >= '1' && s[0] <= '9' {
		n, err := strconv.Atoi(s[:len(s)-1])
		if unit := s[len(s)-1]; err == nil && n <= 100_000 && (unit == 'y' || unit == 'm' || unit == 'd') {
			return Term(s), nil
		}
	}
	return "", fmt.Errorf("%q is no term: give a number and y, m or d, such as 10y", s)
}

// After is when a term that began at t has passed. A day that the calendar lacks is
// counted on into the next month: 31 January and 1m is 3 March, or 2 March in a leap
// year. A term that cannot be read never has passed.
func (p Term) After(t time.Time) time.Time {
	if _, err := ParseTerm(string(p)); err != nil {
		return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	n, _ := strconv.Atoi(string(p[:len(p)-1]))
	switch p[len(p)-1] {
	case 'y':
		return t.AddDate(n, 0, 0)
	case 'm':
		return t.AddDate(0, n, 0)
	}
	return t.AddDate(0, 0, n)
}

// Retention says how long, at least, what the records of a kind rest on is kept,
// counted from the record: EU Annex 11 §17, 21 CFR 11.10(c). Without one it is kept
// for ever. The records themselves are never deleted.
type Retention struct {
	Kind   Kind      `json:"kind"`
	Keep   Term      `json:"keep"` // "" for ever
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Hold keeps everything that records about a subject rest on, whatever the
// retention says, until it is released: a legal hold. It keeps what accounts of
// completeness rest on too, which name nobody and speak of all.
type Hold struct {
	ID string `json:"id"`
	// Subjects are resource ids, or "*" for all; of a System, the system itself and its
	// resources, those that joined it since among them when it is recorded again.
	Subjects []string  `json:"subjects"`
	System   string    `json:"system,omitempty"`
	By       string    `json:"by"`
	Reason   string    `json:"reason"`
	At       time.Time `json:"at"`
	// Released ends the hold with the same ID.
	Released bool `json:"released,omitempty"`
}

// Disposal says what was deleted from the archive because its retention had passed.
// It is recorded before anything is deleted.
type Disposal struct {
	Digests []Digest  `json:"digests"`
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
}
