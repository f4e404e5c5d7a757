package everqual

import (
	"encoding/json"
	"time"
)

// Kind says what a record's body is.
type Kind string

const (
	KindChangeEvent   Kind = "change-event"  // ReceivedEvent
	KindObservation   Kind = "observation"   // Observation: a new version
	KindConfirmation  Kind = "confirmation"  // Confirmation: observed again, unchanged
	KindAssessment    Kind = "assessment"    // Assessment
	KindSpecification Kind = "specification" // SpecificationRef and more, when first used
	KindInForce       Kind = "in-force"      // []SpecificationRef: the set that all was judged by
	KindSystem        Kind = "system"        // System: as it was defined from here on
	KindBaseline      Kind = "baseline"      // Baseline
	KindDeadLetter    Kind = "dead-letter"   // DeadLetter
	KindDisposition   Kind = "disposition"   // Disposition of a dead letter
	KindIntake        Kind = "intake"        // IntakeAccount: what one run was given
	KindSweep         Kind = "sweep"         // SweepAccount: once when it begins, once when it has ended
	KindReport        Kind = "report"        // ReportIssued: a report was written
	KindApproval      Kind = "approval"      // ReportDecided: what was decided about it
	KindCheckpoint    Kind = "checkpoint"    // Checkpoint: a signed state of the ledger itself
	KindAttestation   Kind = "attestation"   // Attestation: somebody else vouches for a checkpoint
	KindCompleteness  Kind = "completeness"  // Completeness: what CloudTrail signed for, held against the ledger
	KindRetention     Kind = "retention"     // Retention: how long is kept what a kind of record rests on
	KindHold          Kind = "hold"          // Hold: what is kept whatever the retention says, or the end of that
	KindDisposal      Kind = "disposal"      // Disposal: what was deleted when its retention had passed
	KindMigration     Kind = "migration"     // Migration: the ledger came here from another home
	KindMoved         Kind = "moved"         // Migration: the ledger went to another home, and goes on there
	KindKey           Kind = "key"           // KeyChange: another key of the home signs from here on
)

// Record is one entry of the ledger.
type Record struct {
	Sequence uint64 `json:"sequence"` // from 1, without gaps
	Kind     Kind   `json:"kind"`
	// Key is unique in the ledger: appending the same key again changes
	// nothing, which makes every append repeatable.
	Key string `json:"key"`
	// Subjects are what the record speaks of (resource ids, a system id, an
	// event id): the record is found in the history of each.
	Subjects []string  `json:"subjects"`
	Time     time.Time `json:"time"` // when it was appended, UTC
	// Body is the noun as JSON, kept and hashed as these exact bytes.
	Body json.RawMessage `json:"body"`
	// Previous is the Hash of the record before, "" for the first. Hash covers
	// every other field.
	Previous Digest `json:"previous"`
	Hash     Digest `json:"hash"`
	// Tree are the hashes that the record completes in the ledger's Merkle tree,
	// 32 bytes each: its leaf, then each subtree of which it is the last leaf.
	// They follow from the records and are kept so that they need not be made anew.
	Tree []byte `json:"-"`
}

// ReportIssued says which report was written, by its digest.
type ReportIssued struct {
	System string `json:"system"`
	Number string `json:"number,omitempty"`
	Digest Digest `json:"digest"`
	// Data is the archived data of the report, without digest and proof: its
	// digest is the report's.
	Data Digest `json:"data,omitempty"`
	By   string `json:"by,omitempty"`
	// Records is how many records the ledger held when the report was begun: it
	// shows all of them.
	Records uint64 `json:"records,omitempty"`
}

// Checkpoint is a signed state of the ledger: its first Size records are those of
// the Merkle tree with this root.
type Checkpoint struct {
	Size uint64 `json:"size"`
	Root Digest `json:"root"`
	// Note is the signed note: origin, size and root in lines, and the signatures
	// below. https://c2sp.org/tlog-checkpoint
	Note string `json:"note"`
}

// Attestation says that somebody else saw a checkpoint, and when: a witness that
// cosigned it, or a time-stamping authority.
type Attestation struct {
	Size uint64          `json:"size"` // of the checkpoint
	Root Digest          `json:"root"`
	Form AttestationForm `json:"form"`
	// Note is the checkpoint's signed note to the byte; a cosignature is one more
	// line of it.
	Note string `json:"note"`
	// Token is a DER TimeStampToken of RFC 3161 over the SHA-256 of Note.
	Token []byte `json:"token,omitempty"`
	// By and Time repeat who vouches and when: the name of the witness's key, or
	// the subject of the authority's certificate.
	By   string    `json:"by"`
	Time time.Time `json:"time"`
}

// AttestationForm is how somebody vouches.
type AttestationForm string

const (
	Cosignature AttestationForm = "cosignature" // https://c2sp.org/tlog-cosignature
	TimeStamp   AttestationForm = "rfc3161"
)

// ReceivedEvent is the body of a change-event record.
type ReceivedEvent struct {
	ChangeEvent
	Class Class `json:"class"`
	// Rule is the id of the rule that knows the event; Resources are what it
	// touched. An unmatched event with a rule is known to touch nothing that the
	// rule describes.
	Rule      string     `json:"rule,omitempty"`
	Resources []Resource `json:"resources,omitempty"`
}

// Confirmation says that a resource was observed again and had not changed.
type Confirmation struct {
	Resource    Resource  `json:"resource"`
	Version     int       `json:"version"`
	Observation Digest    `json:"observation"`
	Evidence    Digest    `json:"evidence"`
	CollectedAt time.Time `json:"collected_at"`
}

// Baseline is the set of record versions at the last accepted deployment or
// qualification; drift is measured from it.
type Baseline struct {
	System  string         `json:"system"`
	At      time.Time      `json:"at"`
	By      string         `json:"by"`
	Reason  string         `json:"reason"`
	Members []BaselineItem `json:"members"` // sorted by resource id
}

// BaselineItem is one resource version in a baseline.
type BaselineItem struct {
	Resource Resource `json:"resource"`
	Version  int      `json:"version"`
	Digest   Digest   `json:"digest"`
}

// DeadLetter is a message that failed for good.
type DeadLetter struct {
	ID       string          `json:"id"`
	Kind     string          `json:"kind"` // of the message: "observe", "notify", "report"
	Subject  string          `json:"subject"`
	Body     json.RawMessage `json:"body"`
	Cause    string          `json:"cause"`
	Attempts int             `json:"attempts"`
	SentAt   time.Time       `json:"sent_at"`
	FailedAt time.Time       `json:"failed_at"`
}

// Disposition is what a person decided about a dead letter, and why.
type Disposition struct {
	DeadLetter string    `json:"dead_letter"`
	Action     string    `json:"action"` // "redrive" or "dispose"
	By         string    `json:"by"`
	Reason     string    `json:"reason"`
	At         time.Time `json:"at"`
}

// IntakeAccount accounts for the inputs of one run: nothing that was handed in
// goes uncounted.
type IntakeAccount struct {
	From    string      `json:"from"`
	Started time.Time   `json:"started"`
	Ended   time.Time   `json:"ended"`
	Events  EventCounts `json:"events"`
	// Files were read; Skipped hold no change events, with the reason.
	Files   int            `json:"files"`
	Skipped []InputProblem `json:"skipped,omitempty"`
	// Problems are inputs that could not be read and events that could not be
	// parsed. ProblemCount counts all of them, Problems lists the first ones.
	ProblemCount int            `json:"problem_count"`
	Problems     []InputProblem `json:"problems,omitempty"`
	// Ahead are events whose time was still to come when they came in, counted and
	// listed likewise. They were read, and count as what they are.
	AheadCount int            `json:"ahead_count,omitempty"`
	Ahead      []InputProblem `json:"ahead,omitempty"`
}

// InputProblem is what was wrong with an input, and where.
type InputProblem struct {
	Place   Place  `json:"place"`
	Message string `json:"message"`
}
