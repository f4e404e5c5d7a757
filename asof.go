package everqual

import (
	"fmt"
	"time"
)

// Qualification is whether a system was in a qualified state.
type Qualification string

const (
	Qualified    Qualification = "QUALIFIED"
	NotQualified Qualification = "NOT QUALIFIED"
	NotKnown     Qualification = "NOT KNOWN" // for the reasons given
)

// AsOf is what was so of a system at one time, as the ledger knew it at another:
// Entry is in each case the ledger record that says so.
type AsOf struct {
	System  string        `json:"system"`
	At      time.Time     `json:"at"`       // when it was so
	KnownAt time.Time     `json:"known_at"` // by what the ledger held then
	State   Qualification `json:"state"`
	Reasons []string      `json:"reasons"`
	// Records is how many records the ledger held. Root is the signed root of the
	// last checkpoint among them, "" for none, and RootSize how many records that
	// is over: fewer.
	Records  uint64 `json:"records"`
	Root     Digest `json:"root,omitempty"`
	RootSize uint64 `json:"root_size,omitempty"`

	Scope          ScopeThen           `json:"scope"`
	Specifications []SpecificationThen `json:"specifications"` // those of the system that were in force
	Baseline       *BaselineThen       `json:"baseline,omitempty"`
	// Report is the last one that had been issued, Decided the last one that had been
	// approved or rejected. The state is computed and follows from neither.
	Report    *ReportThen    `json:"report,omitempty"`
	Decided   *ReportThen    `json:"decided_report,omitempty"`
	Verdicts  Counts         `json:"verdicts"`
	Resources []ResourceThen `json:"resources"`
}

// ScopeThen is what named the system's resources. Note says where the ledger does
// not tell which scope it was.
type ScopeThen struct {
	Selector Selector `json:"selector"`
	Entry    uint64   `json:"entry,omitempty"` // 0: in no record
	Note     string   `json:"note,omitempty"`
}

// SpecificationThen is a specification that was in force, and the record of its
// first use.
type SpecificationThen struct {
	SpecificationRef
	Effective Period `json:"effective,omitzero"`
	Entry     uint64 `json:"entry"`
}

// BaselineThen is the last accepted state.
type BaselineThen struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Entry  uint64    `json:"entry"`
}

// ReportThen is a report that had been issued, and what was decided about it.
type ReportThen struct {
	Number   string    `json:"number"`
	Digest   Digest    `json:"digest"`
	IssuedAt time.Time `json:"issued_at"`
	Entry    uint64    `json:"entry"`
	Decision *Decided  `json:"decision,omitempty"`
}

// String says it in a line.
func (r ReportThen) String() string {
	s := fmt.Sprintf("%s, %s, issued %s (entry %d), ", r.Number, r.Digest.Short(), r.IssuedAt.UTC().Format("2006-01-02 15:04:05Z"), r.Entry)
	if r.Decision == nil {
		return s + "not decided about"
	}
	return s + r.Decision.String()
}

// ResourceThen is one resource of the system.
type ResourceThen struct {
	Resource Resource `json:"resource"`
	Name     string   `json:"name,omitempty"`
	State    State    `json:"state"`
	Version  int      `json:"version"`
	Entry    uint64   `json:"entry"`
	// CollectedAt is when this version was first seen, SeenAt when it last was.
	CollectedAt time.Time `json:"collected_at"`
	SeenAt      time.Time `json:"seen_at"`
	// Changed are events since then that nobody had looked after.
	Changed     []EventThen      `json:"changed,omitempty"`
	Assessments []AssessmentThen `json:"assessments"`
}

// EventThen is a change event.
type EventThen struct {
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	Time  time.Time `json:"time"`
	Entry uint64    `json:"entry"`
}

// AssessmentThen is what a specification in force said of the version. Entry is 0
// where it had yet to say anything: nothing is evaluated then.
type AssessmentThen struct {
	Specification SpecificationRef `json:"specification"`
	Entry         uint64           `json:"entry,omitempty"`
	Verdicts      []Verdict        `json:"verdicts"`
}
