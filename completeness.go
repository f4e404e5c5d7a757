package everqual

import "time"

// Completeness is the account of a time: what CloudTrail's signed digests list, held
// against the ledger. With it the digests are kept, so that whoever has the log files
// can tell that they are all, and whole.
type Completeness struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Until is up to when files were delivered that were looked at; To, where it is
	// zero, as earlier versions did.
	Until    time.Time `json:"delivered_until,omitzero"`
	Complete bool      `json:"complete"` // nothing was missing, damaged or left open
	// Events is how many the validated log files hold, Fates what became of them,
	// Open how many are not accounted for.
	Events   int            `json:"events"`
	Open     int            `json:"open"`
	Fates    map[string]int `json:"fates"`
	LogFiles int            `json:"log_files"`
	// Keys is the archived list of CloudTrail's public keys, as
	// 'aws cloudtrail list-public-keys' gives it.
	Keys    Digest        `json:"keys"`
	Digests []TrailDigest `json:"digests"`
}

// TrailDigest is one digest file of CloudTrail that was valid: an object of its bucket.
type TrailDigest struct {
	Key      string            `json:"key"`
	Blob     Digest            `json:"blob"` // the object's bytes, archived
	Metadata map[string]string `json:"metadata,omitempty"`
}
