// Package verify checks a ledger without trusting who wrote it: the records of a
// home, or a bundle that was exported from one. It shares the nouns with the
// writer and nothing else: trees, chain, notes and the tar are read by code of its
// own, after docs/ledger-format.md.
package verify

import (
	"fmt"
	"strings"
	"time"

	"github.com/everqual/everqual"
)

// Finding is one thing that is not as it must be, and what that means.
type Finding struct {
	// File and Offset are the place in a bundle, Offset in bytes from the
	// beginning of the bundle; "" in a home.
	File   string `json:"file,omitempty"`
	Offset int64  `json:"offset,omitempty"`
	// Record is the sequence of the ledger record, 0 when it is none.
	Record  uint64 `json:"record,omitempty"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// String is the finding in a line.
func (f Finding) String() string {
	var place []string
	if f.File != "" {
		place = append(place, fmt.Sprintf("%s, byte %d", f.File, f.Offset))
	}
	if f.Record > 0 {
		place = append(place, fmt.Sprintf("record %d", f.Record))
	}
	if f.Field != "" {
		place = append(place, f.Field)
	}
	if place == nil {
		return f.Message
	}
	return strings.Join(place, ", ") + ": " + f.Message
}

// Result is what was checked, and what was found.
type Result struct {
	// Origin is the name of the key that signed; Size and Root are the newest
	// checkpoint whose signature and root are right.
	Origin string          `json:"origin,omitempty"`
	Size   uint64          `json:"size"`
	Root   everqual.Digest `json:"root,omitempty"`

	Records     int `json:"records"`
	Checkpoints int `json:"checkpoints"`
	Blobs       int `json:"blobs"`
	Deleted     int `json:"deleted,omitempty"` // blobs, when their retention had passed
	// Unsigned is how many records came after the newest checkpoint, other
	// checkpoints aside: they are in the chain, but nobody has signed them yet.
	Unsigned int `json:"unsigned"`
	// Attestations are those that are sound and speak of records that are here.
	// Cosigned is up to which record as many of the named witnesses cosigned as
	// must have, Stamped up to which a named authority said so first at StampedAt.
	Attestations []Attested `json:"attestations,omitempty"`
	Cosigned     uint64     `json:"cosigned,omitempty"`
	Stamped      uint64     `json:"stamped,omitempty"`
	StampedAt    time.Time  `json:"stamped_at,omitzero"`
	// Recomputed are the observations and assessments that were made again and are
	// the same; NotRecomputed those that another version of a collector made, or whose
	// evidence was deleted.
	Recomputed    int `json:"recomputed,omitempty"`
	NotRecomputed int `json:"not_recomputed,omitempty"`
	// Total counts all findings; Findings are the first ones.
	Total    int       `json:"total_findings"`
	Findings []Finding `json:"findings"`
}

// OK tells whether everything is as it must be.
func (r *Result) OK() bool { return r.Total == 0 }

// maxFindings is how many findings are kept; all are counted.
const maxFindings = 1000

// Find adds a finding.
func (r *Result) Find(f Finding) {
	if r.Total++; len(r.Findings) < maxFindings {
		r.Findings = append(r.Findings, f)
	}
}
