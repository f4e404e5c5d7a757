// Package report is the room that composes the Installation Qualification (IQ)
// report: one model, Report, and one file per format. New computes everything
// that the report states from what it is given; the formats only render, so
// that the PDF, the JSON and the CSV can not disagree.
package report

import (
	"time"

	"github.com/everqual/everqual"
)

// Format names the shape of the JSON document; a change that a reader could
// trip over gets a new number.
const Format = "everqual-iq-report/1"

// Title is the title of the document.
const Title = "Installation Qualification Report"

// Report is the IQ document model. Its JSON is exactly what WriteJSON writes.
// All times are UTC; all lists have a fixed order and are never null.
type Report struct {
	Format string `json:"format"`
	// Digest is the SHA-256 over the JSON as WriteJSON writes it, without the
	// lines that hold this digest and the proof.
	Digest everqual.Digest `json:"digest,omitempty"`
	// Proof shows that the ledger holds this digest, by a signed checkpoint: the
	// entry and the body of the record, and a proof of inclusion, each in lines.
	// docs/ledger-format.md describes it.
	Proof        string               `json:"proof,omitempty"`
	Document     Document             `json:"document"`
	System       everqual.System      `json:"system"`
	Conclusion   Conclusion           `json:"conclusion"`
	Coverage     Coverage             `json:"coverage"`
	Counts       everqual.Counts      `json:"counts"`
	Risks        []RiskCounts         `json:"risks"`
	Specs        []Specification      `json:"specifications"`
	Prereqs      []Prerequisite       `json:"prerequisites"`
	Inventory    []Item               `json:"inventory"`
	Results      []Result             `json:"results"`
	Trace        []TraceRow           `json:"trace"`
	Baseline     *BaselineRef         `json:"baseline"`
	Drift        []Drift              `json:"drift"`
	Deviations   []Deviation          `json:"deviations"`
	NotEvaluated []Open               `json:"not_evaluated"`
	DeadLetters  []DeadLetter         `json:"dead_letters"`
	Events       everqual.EventCounts `json:"events"`
	Unplaced     int                  `json:"unplaced"`
	Ledger       Head                 `json:"ledger"`
	Callers      []everqual.Caller    `json:"callers"`
	Revisions    []Revision           `json:"revisions"`
}

// Document identifies the report as a controlled document.
type Document struct {
	Title        string          `json:"title"`
	Number       string          `json:"number"`
	Version      string          `json:"version"`
	Organisation string          `json:"organisation,omitempty"`
	GeneratedAt  time.Time       `json:"generated_at"`
	ToolVersion  string          `json:"tool_version"`
	Period       everqual.Period `json:"period,omitzero"`
}

// Status is the computed conclusion. Accepting a report with its deviations is
// a decision of persons, made with their signatures, and never computed.
type Status string

const (
	Accepted    Status = "ACCEPTED"     // everything evaluated, nothing failed
	NotAccepted Status = "NOT ACCEPTED" // a deviation is open or a prerequisite is not met
	Incomplete  Status = "INCOMPLETE"   // nothing failed, but not everything could be evaluated
)

// Conclusion is the status with the reasons for it, such as "3 deviations
// open". An accepted report has no reasons.
type Conclusion struct {
	Status  Status   `json:"status"`
	Reasons []string `json:"reasons"`
	// Remarks do not change the status, but limit what it speaks of.
	Remarks []string `json:"remarks"`
}

// Coverage accounts for resources. Resources is the sum of Assessed to
// OutOfScope.
type Coverage struct {
	Resources            int `json:"resources"`
	Assessed             int `json:"assessed"`
	NotAssessed          int `json:"not_assessed"`
	WithoutSpecification int `json:"without_specification"`
	Unread               int `json:"unread"`
	Deleted              int `json:"deleted"`
	OutOfScope           int `json:"out_of_scope"`
	// PartlyRead counts the present resources of which a part could not be
	// read; they are also in one of the counts above.
	PartlyRead int `json:"partly_read"`
}

// InScope is the number of resources that the report is about: all but the
// deleted ones and those out of scope.
func (c Coverage) InScope() int { return c.Resources - c.Deleted - c.OutOfScope }

// RiskCounts counts verdicts of one risk class; Risk is "" when unstated.
type RiskCounts struct {
	Risk   string          `json:"risk"`
	Counts everqual.Counts `json:"counts"`
}

// Specification is one executed specification.
type Specification struct {
	ID        string            `json:"id"`
	Version   string            `json:"version"`
	Title     string            `json:"title"`
	Digest    everqual.Digest   `json:"digest"`
	Path      string            `json:"path,omitempty"`
	Effective everqual.Period   `json:"effective,omitzero"`
	Approval  everqual.Approval `json:"approval,omitzero"`
	Applies   everqual.Selector `json:"applies"`
	TestCases int               `json:"test_cases"`
	Resources int               `json:"resources"` // with results in this report
	Counts    everqual.Counts   `json:"counts"`
	// ExecutedFrom and ExecutedTo are the first and the last collection time
	// behind its results; zero when there are none.
	ExecutedFrom time.Time `json:"executed_from,omitzero"`
	ExecutedTo   time.Time `json:"executed_to,omitzero"`
}

// Prerequisite is one condition that must hold before results count, with the
// evidence that it was checked on.
type Prerequisite struct {
	ID       string           `json:"id"`
	Title    string           `json:"title"`
	Outcome  everqual.Outcome `json:"outcome"`
	Evidence []string         `json:"evidence"`
}

// ResourceStatus is what the report could say about a resource.
type ResourceStatus string

const (
	Assessed        ResourceStatus = "ASSESSED"
	NotAssessed     ResourceStatus = "NOT ASSESSED"     // a specification applies, but there are no results
	NoSpecification ResourceStatus = "NO SPECIFICATION" // in scope, but none applies
	Unread          ResourceStatus = "UNREAD"           // nothing of it could be read
	Deleted         ResourceStatus = "DELETED"
	OutOfScope      ResourceStatus = "OUT OF SCOPE"
)

// Item is one row of the inventory: the latest record of a resource.
type Item struct {
	Resource    everqual.Resource `json:"resource"`
	Name        string            `json:"name"`
	State       everqual.State    `json:"state"`
	Status      ResourceStatus    `json:"status"`
	Tags        map[string]string `json:"tags,omitempty"`
	Unread      []everqual.Unread `json:"unread,omitempty"`
	Version     int               `json:"version"`
	Sequence    uint64            `json:"sequence"`
	Hash        everqual.Digest   `json:"hash"`
	Digest      everqual.Digest   `json:"digest"`
	Evidence    everqual.Digest   `json:"evidence"`
	CollectedAt time.Time         `json:"collected_at"`
	Collector   string            `json:"collector"`
	Caller      everqual.Caller   `json:"caller,omitzero"`
	// Changed are events that touched it after it was last seen.
	Changed []everqual.EventThen `json:"changed,omitempty"`
}

// Result is one row of the test results.
type Result struct {
	Specification everqual.SpecificationRef `json:"specification"`
	Resource      everqual.Resource         `json:"resource"`
	Name          string                    `json:"name"`
	everqual.Verdict
	Version     int             `json:"version"`
	Observation everqual.Digest `json:"observation"`
	Evidence    everqual.Digest `json:"evidence"`
	CollectedAt time.Time       `json:"collected_at,omitzero"`
	AssessedAt  time.Time       `json:"assessed_at,omitzero"`
	// Deviation is the number of the deviation that the result opened.
	Deviation string `json:"deviation,omitempty"`
}

// TraceRow leads from a requirement or a control to the test cases that verify
// it and their outcomes. The row with an empty ID collects the test cases that
// name neither.
type TraceRow struct {
	ID        string          `json:"id"`
	Kind      string          `json:"kind"`       // "requirement", "control" or ""
	TestCases []string        `json:"test_cases"` // "SPEC/TC", sorted
	Counts    everqual.Counts `json:"counts"`
}

// BaselineRef is the baseline that drift was measured from.
type BaselineRef struct {
	At        time.Time `json:"at"`
	By        string    `json:"by"`
	Reason    string    `json:"reason"`
	Resources int       `json:"resources"`
}

// DeviationKind says how a deviation was found.
type DeviationKind string

const (
	FailedTest      DeviationKind = "FAILED TEST"
	SelectionFault  DeviationKind = "SELECTION"         // a specification does not find its resource, or the other way round
	BaselineMissing DeviationKind = "BASELINE RESOURCE" // a resource of the baseline is gone
)

// Deviation is one numbered departure from what was specified. It is open
// until persons close it.
type Deviation struct {
	Number        string                    `json:"number"` // "DEV-001"
	Kind          DeviationKind             `json:"kind"`
	Specification everqual.SpecificationRef `json:"specification,omitzero"`
	TestCase      string                    `json:"test_case,omitempty"`
	Title         string                    `json:"title"`
	Risk          string                    `json:"risk,omitempty"`
	Resource      everqual.Resource         `json:"resource,omitzero"`
	Name          string                    `json:"name,omitempty"`
	Expected      string                    `json:"expected"`
	Actual        string                    `json:"actual"`
	Detail        string                    `json:"detail,omitempty"`
	Evidence      everqual.Digest           `json:"evidence,omitempty"`
	CollectedAt   time.Time                 `json:"collected_at,omitzero"`
}

// Open is one test case that could not be evaluated, and why.
type Open struct {
	Specification everqual.SpecificationRef `json:"specification"`
	TestCase      string                    `json:"test_case"`
	Title         string                    `json:"title"`
	Risk          string                    `json:"risk,omitempty"`
	Resource      everqual.Resource         `json:"resource"`
	Name          string                    `json:"name"`
	Attribute     string                    `json:"attribute"`
	Reason        everqual.Reason           `json:"reason"`
	Detail        string                    `json:"detail"`
}

// DeadLetter is one message that failed for good and awaits a decision.
type DeadLetter struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Subject  string    `json:"subject"`
	Cause    string    `json:"cause"`
	Attempts int       `json:"attempts"`
	FailedAt time.Time `json:"failed_at"`
}
