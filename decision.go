package everqual

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Decision is what was decided about a report: the meaning that 21 CFR 11.50(a)(3)
// asks for.
type Decision string

const (
	Approved   Decision = "approved"
	Rejected   Decision = "rejected"
	Unanswered Decision = "unanswered" // nobody answered in time: nothing was decided
)

// ReportDecided says what was decided about a report that was issued. It is the
// record of a decision and no electronic signature: nobody had to prove who he is
// (21 CFR 11.100, 11.200).
type ReportDecided struct {
	System   string   `json:"system"`
	Number   string   `json:"number,omitempty"`
	Report   Digest   `json:"report"` // its digest
	Decision Decision `json:"decision"`
	// By is the full name as it was given; Principal is as whom AWS or the machine
	// knew the one who answered, "" where that is not known.
	By        string `json:"by,omitempty"`
	Principal string `json:"principal,omitempty"`
	Reason    string `json:"reason,omitempty"`
	// Execution asked, at Asked; both are missing where a person decided unasked.
	// Answered is when the answer came, or when the waiting for one ended.
	Execution string    `json:"execution,omitempty"`
	Asked     time.Time `json:"asked,omitzero"`
	Answered  time.Time `json:"answered"`
}

// Decided is a decision as the ledger holds it.
type Decided struct {
	ReportDecided
	Entry uint64 `json:"entry"`
}

// Same tells whether two decisions say the same.
func (d ReportDecided) Same(e ReportDecided) bool {
	return d.Report == e.Report && d.Decision == e.Decision && d.By == e.By && d.Reason == e.Reason
}

// Lacks is what a person's decision must say and does not: the meaning and the
// printed name (21 CFR 11.50(a)), and why (Annex 11 §9).
func (d ReportDecided) Lacks() (all []string) {
	if d.Decision != Approved && d.Decision != Rejected {
		all = append(all, fmt.Sprintf("the decision is %q or %q, not %q", Approved, Rejected, d.Decision))
	}
	for _, s := range []struct {
		what, text string
		most       int
	}{{"the full name of who decides", d.By, 200}, {"the reason", d.Reason, 4000}} {
		switch {
		case strings.TrimSpace(s.text) == "":
			all = append(all, s.what+" is missing")
		case utf8.RuneCountInString(s.text) > s.most:
			all = append(all, fmt.Sprintf("%s has more than %d characters", s.what, s.most))
		case strings.ContainsFunc(s.text, unicode.IsControl):
			all = append(all, s.what+" is not one line of text")
		}
	}
	return all
}

// String says it in a line.
func (d ReportDecided) String() string { return d.line("") }

// String says it in a line, with its entry.
func (d Decided) String() string { return d.line(fmt.Sprintf(" (entry %d)", d.Entry)) }

func (d ReportDecided) line(entry string) string {
	at := d.Answered.UTC().Format("2006-01-02 15:04:05Z") + entry
	if d.Decision == Unanswered {
		return "unanswered until " + at
	}
	return fmt.Sprintf("%s by %s at %s: %s", d.Decision, d.By, at, d.Reason)
}
