package verify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/everqual/everqual"
	"golang.org/x/mod/sumdb/note"
)

// Bundle checks a bundle against the keys that are trusted, one of which must be its
// own. With none it is checked against the key that it brings: then it is one
// piece, and whose it is must be known from elsewhere. The error is for what could
// not be checked at all.
func (trust Trust) Bundle(ctx context.Context, from io.Reader) (*Result, error) {
	r := &Result{Findings: []Finding{}}
	b := &bundleCheck{
		Result: r, held: trust.Keys, tree: newTree(), vouching: newVouching(r, trust), moves: newMoves(r), claims: newClaims(r, trust), notes: map[uint64]string{},
		keys:      map[[16]byte]bool{},
		retention: newRetention(), approvals: newApprovals(),
		blobs: map[everqual.Digest]bool{}, wanted: map[everqual.Digest]uint64{},
	}
	t := &tarball{from: from}
	for {
		m, err := t.next()
		var form *errForm
		switch {
		case errors.Is(err, io.EOF):
			b.end()
			return b.Result, nil
		case errors.As(err, &form):
			b.Find(Finding{File: "the tar", Offset: form.at, Message: form.message})
			return b.Result, nil
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		if err := b.file(m); err != nil {
			return nil, err
		}
	}
}

// bundleCheck is what is known of a bundle so far.
type bundleCheck struct {
	*Result
	held     []note.Verifier // the keys that were given
	key      note.Verifier   // the bundle's own, when it may be used
	former   []note.Verifier // that signed before, by the word of the manifest alone
	places   []Finding       // of the files, to tell of
	lines    []string        // what the manifest must say of them
	manifest bool            // it was read
	signed   checkpoint
	tree     *tree
	leaves   [][]byte
	last     everqual.Record
	heads    [][sha256.Size]byte // of the entries that are here, by sequence
	keys     map[[16]byte]bool   // of records, by the beginning of their hash
	blobs    map[everqual.Digest]bool
	wanted   map[everqual.Digest]uint64 // what records rest on, and the first that does
	shared   []shared                   // by evidence that is here

	retention *retention
	approvals *approvals
	vouching  *vouching         // for the same result
	moves     *moves            // for the same result
	claims    *claims           // for the same result
	notes     map[uint64]string // of checkpoints among the records, by size
}

// shared is a reply that a piece of evidence shares with others, and a record that rests
// on that; or with no evidence between, what a record rests on itself.
type shared struct {
	record          uint64
	reply, evidence everqual.Digest
}

// file checks one file. Its error is for what could not be checked at all.
func (b *bundleCheck) file(m member) error {
	if b.manifest {
		b.Find(Finding{File: m.name, Offset: m.at, Message: "the manifest is the last file of a bundle"})
		return nil
	}
	if m.name == "manifest" {
		b.manifest = true
		b.listed(m)
		return nil
	}
	b.inOrder(m)
	b.places = append(b.places, Finding{File: m.name, Offset: m.at})
	b.lines = append(b.lines, fmt.Sprintf("%s %d %s", sum(m.content).Hex(), len(m.content), m.name))
	digest, isBlob := strings.CutPrefix(m.name, "blobs/")
	switch {
	case m.name == "README.md":
	case m.name == "ledger.pub":
		b.public(m)
	case strings.HasPrefix(m.name, "former/"):
		b.formerly(m)
	case m.name == "checkpoint":
		b.checkpoint(m)
	case isBlob:
		b.blob(m, everqual.Digest("sha256:"+digest))
	case strings.HasPrefix(m.name, "ledger/leaves/"):
		return b.leafs(m)
	case strings.HasPrefix(m.name, "ledger/records/"):
		b.records(m)
	default:
		b.wrong(m, 0, "a bundle has no such file")
	}
	return nil
}

// order is how the names of a bundle's files begin, in the order of the files.
var order = []string{"README.md", "ledger.pub", "former/", "checkpoint", "ledger/leaves/", "ledger/records/", "blobs/"}

// inOrder expects each file where it must be, behind the one before.
func (b *bundleCheck) inOrder(m member) {
	place := func(name string) int {
		return slices.IndexFunc(order, func(o string) bool { return name == o || strings.HasSuffix(o, "/") && strings.HasPrefix(name, o) })
	}
	before, here := -1, place(m.name)
	if n := len(b.places); n > 0 {
		before = place(b.places[n-1].File)
	}
	if here == 0 && before >= 0 || here < before || here == before && m.name <= b.places[len(b.places)-1].File {
		b.wrong(m, 0, "it is not where a bundle has it")
	}
}

func (b *bundleCheck) wrong(m member, offset int, format string, args ...any) {
	b.Find(Finding{File: m.name, Offset: m.at + int64(offset), Message: fmt.Sprintf(format, args...)})
}

// public reads the key that the bundle brings. One that was given must be the same.
func (b *bundleCheck) public(m member) {
	text, whole := strings.CutSuffix(string(m.content), "\n")
	own, err := note.NewVerifier(text)
	held := slices.IndexFunc(b.held, func(k note.Verifier) bool {
		return err == nil && k.Name() == own.Name() && k.KeyHash() == own.KeyHash()
	})
	switch {
	case err != nil || !whole || strings.ContainsAny(text, "\r\n"):
		b.wrong(m, 0, "it is no public key of signed notes in one line")
	case len(b.held) == 0:
		b.key = own
		b.vouching.trust.Keys = []note.Verifier{own}
	case held < 0:
		b.wrong(m, 0, "it is another key than the one that was given: the bundle is of another ledger, or was made by somebody else")
	default:
		b.key = b.held[held]
	}
}

func (b *bundleCheck) checkpoint(m member) {
	if b.key == nil {
		b.wrong(m, 0, "there is no key to check it with")
		return
	}
	var err error
	if b.signed, err = open(m.content, note.VerifierList(b.key)); err != nil {
		b.wrong(m, 0, "the checkpoint is not signed by this ledger's key: %v", err)
		return
	}
	b.Origin, b.Checkpoints = b.signed.origin, 1
}

// leafs reads leaves of the tree, 32 bytes each.
func (b *bundleCheck) leafs(m member) error {
	if len(b.leaves) > 0 && b.Records > 0 {
		b.wrong(m, 0, "leaves come before records")
	}
	if name := fmt.Sprintf("ledger/leaves/%012d", len(b.leaves)+1); m.name != name || len(m.content)%32 != 0 {
		b.wrong(m, 0, "the next leaves are %s, 32 bytes each", name)
	}
	for i := 0; i+32 <= len(m.content); i += 32 {
		leaf := m.content[i : i+32]
		b.leaves = append(b.leaves, leaf)
		if err := b.tree.add(leaf); err != nil {
			return err
		}
	}
	return nil
}

// blob checks a blob against its name, and notes which replies it shares.
func (b *bundleCheck) blob(m member, d everqual.Digest) {
	if b.Blobs++; d != sum(m.content) || d.Hex() == "" {
		b.wrong(m, 0, "it was changed, or has another's name: its content gives %s", sum(m.content).Short())
	}
	b.blobs[d] = true
	if b.wanted[d] == 0 {
		return
	}
	for _, reply := range repliesIn(m.content) {
		if !b.blobs[reply] { // it may come yet
			b.shared = append(b.shared, shared{b.wanted[d], reply, d})
		}
	}
}

// listed checks the manifest: it is signed, and says of each file what it is.
func (b *bundleCheck) listed(m member) {
	if b.key == nil {
		b.wrong(m, 0, "there is no key to check it with")
		return
	}
	n, err := openNote(m.content, note.VerifierList(b.key))
	if err != nil {
		b.wrong(m, 0, "the manifest is not signed by this ledger's key: %v", err)
		return
	}
	said := strings.Split(strings.TrimSuffix(n.Text, "\n"), "\n")
	if said[0] != "everqual bundle 1" {
		b.wrong(m, 0, "its first line is %q; this program knows %q", said[0], "everqual bundle 1")
	}
	said = said[1:]
	for i, line := range b.lines {
		switch {
		case i >= len(said):
			f := b.places[i]
			f.Message = "the manifest does not list it: it was put in later"
			b.Find(f)
		case said[i] != line:
			f := b.places[i]
			f.Message = fmt.Sprintf("it is not what the manifest lists: %q: it was changed, put in or left out", said[i])
			b.Find(f)
		}
	}
	for _, line := range said[min(len(b.lines), len(said)):] {
		b.wrong(m, 0, "a file is missing: %q", line)
	}
}

// end checks what the whole bundle must show.
func (b *bundleCheck) end() {
	for name, missing := range map[string]bool{
		"README.md":    len(b.places) == 0 || b.places[0].File != "README.md",
		"the manifest": !b.manifest, "the checkpoint": b.Checkpoints == 0, "the public key": b.key == nil,
	} {
		if missing {
			b.Find(Finding{Message: name + " is missing, or not to be used"})
		}
	}
	root, err := b.tree.root()
	if uint64(len(b.leaves)) != b.signed.size || err != nil || root != b.signed.root {
		f := Finding{Message: fmt.Sprintf(
			"the %d leaves do not give the signed root of %d records: a leaf was changed, or the checkpoint is of another ledger", len(b.leaves), b.signed.size)}
		if i := slices.IndexFunc(b.places, func(p Finding) bool { return p.File == "checkpoint" }); i >= 0 {
			f.File, f.Offset = b.places[i].File, b.places[i].Offset
		}
		b.Find(f)
	} else if b.Checkpoints > 0 {
		b.Size, b.Root = b.signed.size, b.signed.root
	}
	b.missing()
	b.compare()
}

// missing tells what is not there that must be.
func (b *bundleCheck) missing() {
	for d, record := range b.wanted {
		b.shared = append(b.shared, shared{record: record, reply: d})
	}
	slices.SortFunc(b.shared, func(a, b shared) int {
		return cmp.Or(cmp.Compare(a.reply, b.reply), cmp.Compare(a.evidence, b.evidence))
	})
	deleted := map[everqual.Digest]bool{}
	for _, w := range b.shared {
		switch {
		case b.blobs[w.reply]:
		case b.retention.deleted(w.reply, w.evidence):
			deleted[w.reply] = true
		default:
			b.Find(Finding{Record: w.record, Field: string(w.reply), Message: "what it rests on is not in the bundle"})
		}
	}
	b.Deleted = len(deleted)
}

// compare holds what is said of the first so many records against the leaves. Part of a
// ledger need not show the checkpoint that an attestation is over: the leaves give its root.
func (b *bundleCheck) compare() {
	whole := b.Records == len(b.leaves)
	t := newTree()
	for i, leaf := range b.leaves {
		size := uint64(i + 1)
		if t.add(leaf) != nil || b.moves.at(size, t, b.head(size)) != nil || b.claims.at(size, t) != nil {
			return
		}
		if _, spoken := b.vouching.held[size]; !spoken || whole && b.notes[size] == "" {
			continue
		}
		if root, err := t.root(); err == nil {
			b.vouching.at(size, root, b.notes[size])
		}
	}
	b.claims.end(uint64(len(b.leaves)))
	b.vouching.end()
}

// head is the hash of a record's entry, "" when it is not here.
func (b *bundleCheck) head(sequence uint64) everqual.Digest {
	if sequence > uint64(len(b.heads)) || b.heads[sequence-1] == [sha256.Size]byte{} {
		return ""
	}
	return everqual.Digest("sha256:" + hex.EncodeToString(b.heads[sequence-1][:]))
}
