package everqual

import "time"

// Migration says that a ledger moved from one home to another, where it had arrived
// whole and was verified. The home that it came to begins with it what is its own; the
// one that it left ends with it.
type Migration struct {
	From HomeRef `json:"from"`
	To   HomeRef `json:"to"`
	// Records is how many moved, the first ones of the ledger; Head is the hash of the
	// last of them, and Root that of the Merkle tree of all.
	Records uint64    `json:"records"`
	Head    Digest    `json:"head"`
	Root    Digest    `json:"root"`
	By      string    `json:"by"`
	Reason  string    `json:"reason,omitempty"`
	At      time.Time `json:"at"`
}

// HomeRef names a home as whoever moved it did.
type HomeRef struct {
	Kind string `json:"kind"` // "folder" or "aws"
	Name string `json:"name"`
	// Origin is the name of the key that signs there, "" when none does.
	Origin string `json:"origin,omitempty"`
}
