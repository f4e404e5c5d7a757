package verify

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"golang.org/x/mod/sumdb/note"
)

// skew is how much later than its record an attestation may say that it was made:
// two clocks are never the same.
const skew = 10 * time.Minute

// errOther is an attestation by somebody whose word is not asked for.
var errOther = errors.New("whoever made it is not among those who were named")

// Attestation checks an attestation by itself: that it is over the checkpoint that
// it brings, that it says what its makers signed, and that it was made before it
// was appended. It tells who is believed to have made it, "" when nobody of those
// who are trusted did.
func (t Trust) Attestation(a everqual.Attestation, appended time.Time) (who string, err error) {
	said, err := t.attestation(a, appended)
	return said.who, err
}

// vouched is what an attestation was found to say.
type vouched struct {
	checkpoint
	note string // the checkpoint's, as it was kept
	who  string // a key or authority that is trusted
	by   string
	at   time.Time
}

func (t Trust) attestation(a everqual.Attestation, appended time.Time) (v vouched, err error) {
	line := ""
	v.note = a.Note
	switch a.Form {
	case everqual.Cosignature:
		end := strings.LastIndexByte(strings.TrimSuffix(a.Note, "\n"), '\n') + 1
		v.note, line = a.Note[:end], a.Note[end:]
	case everqual.TimeStamp:
	default:
		return v, fmt.Errorf("%q is no form of attestation that this program knows", a.Form)
	}
	var text string
	if v.checkpoint, text, err = t.underlying(v.note); err != nil {
		return v, fmt.Errorf("it is over no checkpoint of this ledger: %w", err)
	}
	if a.Form == everqual.Cosignature {
		err = t.cosigned(&v, text, line)
	} else {
		err = t.stamped(&v, a.Token)
	}
	switch {
	case errors.Is(err, errOther):
		v.who = ""
	case err != nil:
		return v, err
	}
	switch {
	case a.Form == everqual.Cosignature && len(a.Token) > 0:
		return v, errors.New("a cosignature has no token")
	case a.Size != v.size || a.Root != v.root:
		return v, errors.New("its record says another size or root than the checkpoint that it is over")
	case a.By != v.by || !a.Time.Equal(v.at):
		return v, fmt.Errorf("its record says %q at %s, what was signed is %q at %s", a.By, a.Time.Format(time.RFC3339), v.by, v.at.Format(time.RFC3339))
	case v.at.After(appended.Add(skew)):
		return v, fmt.Errorf("it was made at %s, after it was appended at %s: one of the two times is not true", v.at.Format(time.RFC3339), appended.UTC().Format(time.RFC3339))
	}
	return v, nil
}

// underlying reads the checkpoint that an attestation is over, and its signed text.
// The key of a ledger that moved may not be at hand, and has another name: the root
// is compared with the records all the same.
func (t Trust) underlying(whole string) (checkpoint, string, error) {
	n, err := note.Open([]byte(whole), note.VerifierList(t.Keys...))
	var unknown *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unknown):
		n = unknown.Note
	case err != nil:
		return checkpoint{}, "", err
	}
	sigs := append(n.Sigs, n.UnverifiedSigs...)
	known := func(k note.Verifier) bool { return k.Name() == sigs[0].Name }
	switch {
	case len(sigs) != 1:
		return checkpoint{}, "", fmt.Errorf("it has %d signatures, a checkpoint has one", len(sigs))
	case len(n.Sigs) == 0 && slices.ContainsFunc(t.Keys, known):
		return checkpoint{}, "", fmt.Errorf("it is signed by another key than the one of %s", sigs[0].Name)
	}
	if err := asWritten(n.Text, sigs, []byte(whole)); err != nil {
		return checkpoint{}, "", err
	}
	c, err := checkpointOf(n.Text, sigs[0].Name)
	return c, n.Text, err
}

// cosigned checks one line of a cosignature.
func (t Trust) cosigned(v *vouched, text, line string) error {
	whole := []byte(text + "\n" + line)
	n, err := note.Open(whole, note.VerifierList(t.Witnesses...))
	var unknown *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unknown):
		n = unknown.Note
	case err != nil:
		return fmt.Errorf("its cosignature is not the witness's: %w", err)
	}
	sigs := append(n.Sigs, n.UnverifiedSigs...)
	if err := asWritten(n.Text, sigs, whole); err != nil || n.Text != text || len(sigs) != 1 {
		return errors.Join(errors.New("it is not one line of a cosignature"), err)
	}
	v.by = sigs[0].Name
	if v.at, err = cosignedAt(sigs[0]); err != nil {
		return err
	}
	if len(n.Sigs) == 0 {
		return errOther
	}
	v.who = fmt.Sprintf("%s+%08x", sigs[0].Name, sigs[0].Hash)
	return nil
}

// The signatures of Ed25519 and ML-DSA-44, behind a key's hash and a time.
const ed25519Size, mldsaSize = 4 + 8 + 64, 4 + 8 + 2420

// cosignedAt is the time that a cosignature says.
func cosignedAt(s note.Signature) (time.Time, error) {
	b, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(b) != ed25519Size && len(b) != mldsaSize {
		return time.Time{}, fmt.Errorf("the signature of %q is no cosignature with a time", s.Name)
	}
	at := binary.BigEndian.Uint64(b[4:])
	if at == 0 || at > math.MaxUint32 { // the year 2106: JSON has four digits of a year
		return time.Time{}, fmt.Errorf("the cosignature of %q says no time that could be", s.Name)
	}
	return time.Unix(int64(at), 0).UTC(), nil
}
