package everqual

import "time"

// KeyChange says that somebody had a home begin a new key. It is signed by that key.
type KeyChange struct {
	From string `json:"from,omitempty"` // name of the key that signed last, "" when nobody did
	To   string `json:"to"`             // name of the new key
	// Former is the public key of before, where it was still there, and Public the new
	// one, as they are given to whoever verifies.
	Former string `json:"former,omitempty"`
	Public string `json:"public"`
	// GivenUp is what the former key signed last where the ledger does not go on from it.
	GivenUp *SignedState `json:"given_up,omitempty"`
	By      string       `json:"by"`
	Reason  string       `json:"reason"`
	At      time.Time    `json:"at"`
}

// SignedState is a size of the ledger and the root of its tree then.
type SignedState struct {
	Size uint64 `json:"size"`
	Root Digest `json:"root"`
}
