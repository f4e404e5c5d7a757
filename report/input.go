package report

import (
	"time"

	"github.com/everqual/everqual"
)

// Input is all that a report is made of. The caller reads it from the ledger;
// New reads nothing, not even the clock, so the same input gives the same
// report, byte for byte. New does not change what Input refers to.
type Input struct {
	// Organisation stands at the head of every page; "Everqual" when empty.
	Organisation    string
	DocumentNumber  string
	DocumentVersion string
	GeneratedAt     time.Time
	// ToolVersion is the released version of the program, such as "v0.1.0".
	// A development build is no qualified tool and fails its prerequisite.
	ToolVersion string
	Period      everqual.Period // that the report covers

	System         everqual.System
	Specifications []everqual.Specification // in force, with Digest and Source
	Inventory      []Recorded               // latest observation per resource
	Assessments    []everqual.Assessment    // latest per resource and specification
	Baseline       *everqual.Baseline       // nil when none was set
	Drift          []Drift                  // since the baseline
	DeadLetters    []everqual.DeadLetter    // open ones
	Events         everqual.EventCounts
	// Unplaced counts resources that were touched and never could be read:
	// whether they belong to the system is not known.
	Unplaced  int
	Ledger    Head
	Callers   []everqual.Caller // identities that collected
	Revisions []Revision        // of the document, oldest first
}

// Recorded is an observation with its place in the ledger.
type Recorded struct {
	everqual.Observation
	Sequence uint64          // of the ledger record
	Hash     everqual.Digest // of the ledger record
	// Changed are events that touched it after it was last seen.
	Changed []everqual.EventThen
}

// Head is the last ledger record that the report knows. CheckpointAt is the
// time of that head or of the last signed checkpoint.
type Head struct {
	Sequence     uint64          `json:"sequence"`
	Hash         everqual.Digest `json:"hash"`
	CheckpointAt time.Time       `json:"checkpoint_at,omitzero"`
}

// Drift is one attribute that differs from the baseline, with the change event
// that explains it as far as it is known.
type Drift struct {
	Resource  everqual.Resource `json:"resource"`
	Name      string            `json:"name,omitempty"`
	Path      string            `json:"path"`
	Before    string            `json:"before"` // compact JSON, "" when absent
	After     string            `json:"after"`  // compact JSON, "" when absent
	By        string            `json:"by,omitempty"`
	At        time.Time         `json:"at,omitzero"`
	EventID   string            `json:"event_id,omitempty"`
	EventName string            `json:"event_name,omitempty"`
}

// Revision is one row of the document's revision history.
type Revision struct {
	Version string    `json:"version"`
	Date    time.Time `json:"date"`
	Change  string    `json:"change"`
	Reason  string    `json:"reason"`
	By      string    `json:"by"`
}
