package verify

import (
	"crypto/x509"

	"golang.org/x/mod/sumdb/note"
)

// Trust is whose word a verifier takes.
type Trust struct {
	// Keys are the ledger's: one of them must have signed each checkpoint.
	Keys []note.Verifier
	// Witnesses are keys of cosigners of checkpoints, https://c2sp.org/tlog-cosignature;
	// Needed is how many of them must have cosigned, 0 for all.
	Witnesses []note.Verifier
	Needed    int
	// Kept are checkpoints from earlier: what they say must still be so. Keep adds one.
	Kept []checkpoint
	// Authorities are the roots of time-stamping authorities, nil for none.
	Authorities *x509.CertPool
}

// needed is how many witnesses must have cosigned.
func (t Trust) needed() int {
	if t.Needed > 0 {
		return t.Needed
	}
	return len(t.Witnesses)
}
