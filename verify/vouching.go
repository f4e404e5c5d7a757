package verify

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/everqual/everqual"
)

// Attested is an attestation in a ledger, and what it says.
type Attested struct {
	Record uint64                   `json:"record"`
	Size   uint64                   `json:"size"`
	Form   everqual.AttestationForm `json:"form"`
	By     string                   `json:"by"`
	Time   time.Time                `json:"time"`
	// Checked tells that a witness or an authority that was named made it.
	Checked bool `json:"checked"`
}

// vouching gathers the attestations of a ledger until the records are known that
// they speak of.
type vouching struct {
	*Result
	trust Trust
	held  map[uint64][]held // by size
	// upTo is the greatest size that each witness cosigned.
	upTo map[string]uint64
}

// held is an attestation that is sound by itself, and its place.
type held struct {
	vouched
	Attested
	place Finding
}

func newVouching(r *Result, t Trust) *vouching {
	return &vouching{Result: r, trust: t, held: map[uint64][]held{}, upTo: map[string]uint64{}}
}

// take reads the attestation of a record.
func (v *vouching) take(place Finding, appended time.Time, body []byte) {
	var a everqual.Attestation
	if err := decode(body, &a); err != nil {
		v.wrong(place, "it is no attestation: %v", err)
		return
	}
	said, err := v.trust.attestation(a, appended)
	if err != nil {
		v.wrong(place, "the %s of the checkpoint of %d records vouches for nothing: %v", a.Form, a.Size, err)
		return
	}
	v.held[a.Size] = append(v.held[a.Size], held{said, Attested{place.Record, a.Size, a.Form, a.By, a.Time, said.who != ""}, place})
}

func (v *vouching) wrong(place Finding, format string, args ...any) {
	place.Message = fmt.Sprintf(format, args...)
	v.Find(place)
}

// at compares what is vouched for with the root of the first size records, and
// with the checkpoint that the ledger keeps of them, when it is known.
func (v *vouching) at(size uint64, root everqual.Digest, note string) {
	for _, h := range v.held[size] {
		switch {
		case h.root != root:
			v.wrong(h.place, "%s vouched at %s for other records than the first %d that are here: the ledger was changed after that, or has two faces", h.By, h.Time.Format(time.RFC3339), size)
		case note != "" && h.note != note:
			v.wrong(h.place, "it is over another note than the checkpoint of %d records that the ledger keeps", size)
		default:
			v.count(h)
		}
	}
	delete(v.held, size)
}

func (v *vouching) count(h held) {
	v.Attestations = append(v.Attestations, h.Attested)
	switch {
	case h.who == "":
	case h.Form == everqual.Cosignature:
		v.upTo[h.who] = max(v.upTo[h.who], h.Size)
	case h.Size > v.Stamped || h.Size == v.Stamped && h.Time.Before(v.StampedAt): // the first to say so
		v.Stamped, v.StampedAt = h.Size, h.Time
	}
}

// end tells which attestations speak of nothing, and whether those that were asked
// for are there.
func (v *vouching) end() {
	for _, size := range slices.Sorted(maps.Keys(v.held)) {
		for _, h := range v.held[size] {
			v.wrong(h.place, "it vouches for %d records, and there are not as many, or no checkpoint of them: the end is missing", size)
		}
	}
	slices.SortFunc(v.Attestations, func(a, b Attested) int { return int(a.Record) - int(b.Record) })
	if needed := v.trust.needed(); needed > 0 {
		if len(v.upTo) < needed {
			v.Find(Finding{Message: fmt.Sprintf("%d of the witnesses that were named cosigned it, %d must have", len(v.upTo), needed)})
		} else {
			sizes := slices.Sorted(maps.Values(v.upTo))
			v.Cosigned = sizes[len(sizes)-needed]
		}
	}
	if v.trust.Authorities != nil && v.Stamped == 0 {
		v.Find(Finding{Message: "no time-stamp in it is of an authority that was named"})
	}
}

// vouches notes what a record of a bundle says of checkpoints.
func (b *bundleCheck) vouches(place Finding, r everqual.Record) {
	switch r.Kind {
	case everqual.KindCheckpoint:
		b.earlier(place, r)
	case everqual.KindAttestation:
		b.vouching.take(place, r.Time, r.Body)
	}
}

// earlier reads an older checkpoint among the records. It may be signed by a key that the
// ledger had before, which need not be at hand: its root is compared all the same.
func (b *bundleCheck) earlier(place Finding, r everqual.Record) {
	wrong := func(field, format string, args ...any) {
		place.Field, place.Message = field, fmt.Sprintf(format, args...)
		b.Find(place)
	}
	var c everqual.Checkpoint
	if err := decode(r.Body, &c); err != nil {
		wrong("body", "it is no checkpoint: %v", err)
		return
	}
	switch said, _, err := b.vouching.trust.underlying(c.Note); {
	case err != nil:
		wrong("note", "the checkpoint is not signed by this ledger's key: %v", err)
	case said.size != c.Size || said.root != c.Root:
		wrong("note", "the checkpoint says another size or root than its signed note")
	case c.Size >= r.Sequence:
		wrong("size", "it is signed that there were %d records, and this is record %d", c.Size, r.Sequence)
	default:
		b.notes[c.Size] = c.Note
		place.Field = "root"
		b.claims.add(c.Size, claim{place, c.Root, fmt.Sprintf("the checkpoint in record %d", r.Sequence)})
	}
}
