package verify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"github.com/everqual/everqual"
	"golang.org/x/mod/sumdb/note"
)

// Source is a ledger with its archive, as it is kept.
type Source interface {
	// Records yields the records from the first, and of one kind only when it is
	// not "". An error ends the sequence.
	Records(ctx context.Context, kind everqual.Kind) iter.Seq2[everqual.Record, error]
	// Blob returns what the archive keeps under a digest; fs.ErrNotExist when
	// there is nothing.
	Blob(ctx context.Context, d everqual.Digest) ([]byte, error)
	// Head is the last record and its hash, as appends find it.
	Head(ctx context.Context) (sequence uint64, hash everqual.Digest, err error)
}

// Home checks every record of a ledger: the chain, the tree, its checkpoints and
// who vouches for them, and that what the records rest on is in the archive. Each
// checkpoint must be signed by one of the keys: a ledger that moved has more than
// one. The error is for what could not be checked at all.
func (trust Trust) Home(ctx context.Context, source Source) (*Result, error) {
	r := &Result{Findings: []Finding{}}
	h := homeCheck{
		Result: r, source: source, seen: map[everqual.Digest]bool{}, vouching: newVouching(r, trust), moves: newMoves(r),
		retention: newRetention(), approvals: newApprovals(), claims: newClaims(r, trust),
	}
	var err error
	if h.roots, err = h.checkpoints(ctx, note.VerifierList(trust.Keys...)); err != nil {
		return nil, err
	}
	if err := h.attestations(ctx); err != nil {
		return nil, err
	}
	if err := h.migrations(ctx); err != nil {
		return nil, err
	}
	if err := h.head(ctx, 0); err != nil {
		return nil, err
	}
	t := newTree()
	var last everqual.Record
	for record, err := range source.Records(ctx, "") {
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			r.Find(Finding{Record: last.Sequence + 1, Message: "it cannot be read: " + err.Error()})
			break // what follows cannot be judged
		}
		if err := h.record(ctx, record, last, t); err != nil {
			return nil, err
		}
		last = record
	}
	if h.said > last.Sequence {
		r.Find(Finding{Field: "head", Message: fmt.Sprintf("it says that there are %d records, there are %d: the end is missing, or the head was changed", h.said, last.Sequence)})
	} else if err := h.head(ctx, last.Sequence); err != nil {
		return nil, err
	}
	h.claims.end(last.Sequence)
	if r.Total == 0 && len(h.roots) == 0 {
		r.Find(Finding{Message: "no record is signed by this key: it is another ledger's, or all that was signed is gone"})
	}
	deleted := map[everqual.Digest]bool{}
	for _, m := range h.missing {
		if h.retention.deleted(m.digest, m.parent) {
			deleted[m.digest] = true
		} else {
			r.Find(Finding{Record: m.record, Field: string(m.digest), Message: "what it rests on is not in the archive"})
		}
	}
	r.Deleted = len(deleted)
	for size, c := range h.roots {
		if size > last.Sequence {
			r.Find(Finding{Record: c.record, Message: fmt.Sprintf("it is signed that there are %d records, there are %d: the end is missing", size, last.Sequence)})
		}
	}
	h.vouching.end()
	return r, nil
}

// head reads how many records there are as appends find it: not fewer than were seen.
func (h *homeCheck) head(ctx context.Context, seen uint64) (err error) {
	h.said, h.saidHash, err = h.source.Head(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		h.Find(Finding{Field: "head", Message: "it cannot be read: " + err.Error()})
	case h.said < seen:
		h.Find(Finding{Field: "head", Message: fmt.Sprintf("it says that there are %d records, there are %d: it was changed", h.said, seen)})
	}
	return nil
}

type homeCheck struct {
	*Result
	source Source
	roots  map[uint64]signed        // by size
	seen   map[everqual.Digest]bool // whether it is absent
	// missing is not in the archive: it was deleted under the retention, or a
	// finding.
	missing   []missing
	retention *retention
	approvals *approvals
	vouching  *vouching       // for the same result
	moves     *moves          // for the same result
	claims    *claims         // for the same result
	said      uint64          // how many records the head says, before the walk
	saidHash  everqual.Digest // of the last of them
}

// missing is a blob that a record rests on; parent is the evidence that shares it.
type missing struct {
	record         uint64
	digest, parent everqual.Digest
}

// signed is a checkpoint, the record that holds it, and its note.
type signed struct {
	checkpoint
	record uint64
	note   string
}

// checkpoints reads what was signed. One with a bad signature is found, not used.
func (h *homeCheck) checkpoints(ctx context.Context, keys note.Verifiers) (map[uint64]signed, error) {
	roots := map[uint64]signed{}
	for record, err := range h.source.Records(ctx, everqual.KindCheckpoint) {
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			break // the walk over all records says what is wrong
		}
		h.Checkpoints++
		var c everqual.Checkpoint
		if err := decode(record.Body, &c); err != nil {
			h.Find(Finding{Record: record.Sequence, Field: "body", Message: "it is no checkpoint: " + err.Error()})
			continue
		}
		said, err := open([]byte(c.Note), keys)
		switch {
		case err != nil:
			h.Find(Finding{Record: record.Sequence, Field: "note", Message: "the checkpoint is not signed by this ledger's key: " + err.Error()})
		case said.size != c.Size || said.root != c.Root:
			h.Find(Finding{Record: record.Sequence, Field: "note", Message: "the checkpoint says another size or root than its signed note"})
		default:
			roots[said.size] = signed{said, record.Sequence, c.Note}
		}
	}
	return roots, nil
}

// attestations reads who vouches for checkpoints.
func (h *homeCheck) attestations(ctx context.Context) error {
	for record, err := range h.source.Records(ctx, everqual.KindAttestation) {
		if err != nil {
			return ctx.Err() // else the walk over all records says what is wrong
		}
		h.vouching.take(Finding{Record: record.Sequence}, record.Time, record.Body)
	}
	return nil
}

// migrations reads from where the ledger came, and where it went.
func (h *homeCheck) migrations(ctx context.Context) error {
	for _, kind := range []everqual.Kind{everqual.KindMigration, everqual.KindMoved} {
		for record, err := range h.source.Records(ctx, kind) {
			if err != nil {
				return ctx.Err() // else the walk over all records says what is wrong
			}
			h.moves.take(Finding{Record: record.Sequence}, record.Sequence, kind, record.Body)
		}
	}
	return nil
}

// record checks one record after the last.
func (h *homeCheck) record(ctx context.Context, r, last everqual.Record, t *tree) error {
	if h.Records++; r.Kind != everqual.KindCheckpoint {
		h.Unsigned++
	}
	wrong := func(field, format string, args ...any) {
		h.Find(Finding{Record: r.Sequence, Field: field, Message: fmt.Sprintf(format, args...)})
	}
	if r.Sequence != last.Sequence+1 {
		wrong("sequence", "it follows record %d: records between them are missing, or out of order", last.Sequence)
	}
	if r.Previous != last.Hash {
		wrong("previous", "it is not the hash of the record before: that record was changed, removed or put in after this one was written")
	}
	e, err := entryOf(r, sum(r.Body))
	if err != nil {
		return err
	}
	if got := sum(e); got != r.Hash {
		wrong("hash", "the record's content gives %s: it was changed after it was written", got.Short())
	}
	nodes, err := t.grow(leafOf(e))
	switch {
	case err != nil:
		return err
	case !bytes.HasPrefix(r.Tree, nodes[:sha256.Size]):
		wrong("tree", "the hash kept for the Merkle tree is not the record's: the record was changed, or the tree")
	case !bytes.Equal(r.Tree, nodes):
		wrong("tree", "the hashes kept for the Merkle tree above this record are not those that the records give: the tree was changed")
	}
	if r.Sequence == h.said && r.Hash != h.saidHash {
		wrong("head", "the head says that another record is the last one: it was changed, or the record")
	}
	if err := errors.Join(h.moves.at(r.Sequence, t, r.Hash), h.claims.at(r.Sequence, t)); err != nil {
		return err
	}
	if c, ok := h.roots[r.Sequence]; ok {
		root, err := t.root()
		switch {
		case err != nil:
			return err
		case root != c.root:
			h.Find(Finding{Record: c.record, Field: "root", Message: fmt.Sprintf("the first %d records do not give the signed root: at least one of them was changed after %s", c.size, "it was signed")})
		default:
			h.Origin, h.Size, h.Root, h.Unsigned = c.origin, c.size, c.root, 0
		}
		h.vouching.at(c.size, root, c.note)
	}
	return h.rests(ctx, r)
}

// rests checks that a record goes with those before it, and that what it rests on is
// archived, byte for byte.
func (h *homeCheck) rests(ctx context.Context, r everqual.Record) error {
	for _, f := range append(h.retention.record(r), h.approvals.record(r)...) {
		h.Find(f)
	}
	on, err := restsOn(r.Kind, r.Body)
	if err != nil {
		h.Find(Finding{Record: r.Sequence, Field: "body", Message: fmt.Sprintf("it is no %s: %v", r.Kind, err)})
	}
	for _, d := range on {
		if err := h.blob(ctx, r.Sequence, d, ""); err != nil {
			return err
		}
	}
	return nil
}

func (h *homeCheck) blob(ctx context.Context, record uint64, d, parent everqual.Digest) error {
	if absent, seen := h.seen[d]; seen {
		if absent && parent != "" { // evidence that is here wants it as well
			h.missing = append(h.missing, missing{record, d, parent})
		}
		return nil
	}
	b, err := h.source.Blob(ctx, d)
	h.seen[d] = errors.Is(err, fs.ErrNotExist)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, fs.ErrNotExist):
		h.missing = append(h.missing, missing{record, d, parent})
		return nil
	case err != nil:
		h.Find(Finding{Record: record, Field: string(d), Message: "what it rests on cannot be read: " + err.Error()})
		return nil
	case sum(b) != d:
		h.Find(Finding{Record: record, Field: string(d), Message: "what it rests on was changed"})
		return nil
	}
	h.Blobs++
	if parent != "" {
		return nil
	}
	for _, shared := range repliesIn(b) {
		if err := h.blob(ctx, record, shared, d); err != nil {
			return err
		}
	}
	return nil
}
