package verify

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// formerly reads a public key that older checkpoints among the records are signed by.
// Whose it is, only the manifest says: it is believed as far as that.
func (b *bundleCheck) formerly(m member) {
	text, whole := strings.CutSuffix(string(m.content), "\n")
	key, err := note.NewVerifier(text)
	if err != nil || !whole || strings.ContainsAny(text, "\r\n") { // which base64 would pass over
		b.wrong(m, 0, "it is no public key of signed notes in one line")
		return
	}
	same := func(k note.Verifier) bool { return k.Name() == key.Name() && k.KeyHash() == key.KeyHash() }
	switch name := fmt.Sprintf("former/%03d.pub", len(b.former)+1); {
	case m.name != name:
		b.wrong(m, 0, "the next key that signed before is %s", name)
	case b.key != nil && same(b.key):
		b.wrong(m, 0, "it is the key of ledger.pub, which signs now")
	case slices.ContainsFunc(b.former, same):
		b.wrong(m, 0, "the same key is there twice")
	default:
		b.former = append(b.former, key)
		if !slices.ContainsFunc(b.vouching.trust.Keys, same) { // it may have been given too
			b.vouching.trust.Keys = slices.Concat(b.vouching.trust.Keys, []note.Verifier{key})
		}
	}
}
