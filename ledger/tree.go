package ledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/bits"

	"github.com/everqual/everqual"
	"golang.org/x/mod/sumdb/tlog"
)

// tree is the right edge of the ledger's Merkle tree, RFC 6962's: what the next
// records need to find their place in it. Record n is leaf n-1.
type tree struct {
	head Head
	edge map[int64]tlog.Hash // by stored hash index
}

// extend gives the records that follow head their tree hashes.
func (t *tree) extend(ctx context.Context, store Store, head Head, records []everqual.Record) error {
	edge, err := t.at(ctx, store, head)
	if err != nil {
		return fmt.Errorf("read the Merkle tree of %d records: %w", head.Sequence, err)
	}
	known := make(map[int64]tlog.Hash, len(edge)+2*len(records))
	maps.Copy(known, edge)
	read := reader(ctx, store, known)
	for i := range records {
		if err := place(&records[i], known, read); err != nil {
			return err
		}
	}
	last := records[len(records)-1]
	t.head, t.edge = Head{last.Sequence, last.Hash}, edgeOf(last.Sequence, known)
	return nil
}

// place gives a record its tree hashes, and adds them to those that are known. A
// record that was sealed just now brings the first of them, its leaf.
func place(r *everqual.Record, known map[int64]tlog.Hash, read tlog.HashReader) error {
	if len(r.Tree) == 0 {
		h := tlog.RecordHash(EntryOf(*r))
		r.Tree = h[:]
	}
	leaf := int64(r.Sequence - 1)
	hashes, err := tlog.StoredHashesForRecordHash(leaf, tlog.Hash(r.Tree), read)
	if err != nil {
		return fmt.Errorf("place record %d in the Merkle tree: %w", r.Sequence, err)
	}
	r.Tree = make([]byte, 0, len(hashes)*tlog.HashSize)
	for level, h := range hashes {
		r.Tree = append(r.Tree, h[:]...)
		known[tlog.StoredHashIndex(level, leaf>>level)] = h
	}
	return nil
}

// Planting gives the records of a ledger their tree hashes, one after the other
// from the first: a store that was written before there was a tree needs it once.
type Planting struct{ known map[int64]tlog.Hash }

// Place gives the next record its tree hashes.
func (p *Planting) Place(r *everqual.Record) error {
	if p.known == nil {
		p.known = map[int64]tlog.Hash{}
	}
	if err := place(r, p.known, reader(context.Background(), nil, p.known)); err != nil {
		return err
	}
	p.known = edgeOf(r.Sequence, p.known)
	return nil
}

// at is the edge after head, from memory when nobody else has appended since.
func (t *tree) at(ctx context.Context, store Store, head Head) (map[int64]tlog.Hash, error) {
	if t.edge != nil && t.head == head {
		return t.edge, nil
	}
	edge := map[int64]tlog.Hash{}
	read := reader(ctx, store, edge)
	for _, i := range edgeIndexes(head.Sequence) {
		h, err := read.ReadHashes([]int64{i})
		if err != nil {
			return nil, err
		}
		edge[i] = h[0]
	}
	return edge, nil
}

func edgeOf(size uint64, known map[int64]tlog.Hash) map[int64]tlog.Hash {
	edge := map[int64]tlog.Hash{}
	for _, i := range edgeIndexes(size) {
		edge[i] = known[i]
	}
	return edge
}

// edgeIndexes are where the roots of the complete subtrees are that a tree of
// that size consists of, one for each bit of it.
func edgeIndexes(size uint64) (indexes []int64) {
	for level := range bits.Len64(size) {
		if size>>level&1 == 1 {
			indexes = append(indexes, tlog.StoredHashIndex(level, int64(size>>level)-1))
		}
	}
	return indexes
}

// reader finds stored hashes, those that are not known with the record that
// completed them.
func reader(ctx context.Context, store Store, known map[int64]tlog.Hash) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			h, ok := known[index]
			if !ok {
				var err error
				if h, err = stored(ctx, store, index); err != nil {
					return nil, err
				}
			}
			hashes[i] = h
		}
		return hashes, nil
	})
}

func stored(ctx context.Context, store Store, index int64) (h tlog.Hash, err error) {
	level, n := tlog.SplitStoredHashIndex(index)
	sequence := uint64(n+1) << level
	records, err := store.Range(ctx, Query{After: sequence - 1, Limit: 1})
	switch {
	case err != nil:
		return h, err
	case len(records) == 0 || records[0].Sequence != sequence:
		return h, fmt.Errorf("record %d is missing", sequence)
	case len(records[0].Tree) < (level+1)*tlog.HashSize:
		return h, fmt.Errorf("record %d has no tree hash of level %d", sequence, level)
	}
	return tlog.Hash(records[0].Tree[level*tlog.HashSize:]), nil
}

// Root returns the root of the Merkle tree of the first size records.
func (l *Ledger) Root(ctx context.Context, size uint64) (everqual.Digest, error) {
	h, err := tlog.TreeHash(int64(size), reader(ctx, l.store, nil))
	if err != nil {
		return "", fmt.Errorf("root of %d records: %w", size, err)
	}
	return digestOf(h), nil
}

// Proof returns the hashes that lead from a record to the root of the first size
// records, the leaf's sibling first: RFC 6962's audit path.
func (l *Ledger) Proof(ctx context.Context, sequence, size uint64) ([]everqual.Digest, error) {
	if sequence == 0 || sequence > size {
		return nil, everqual.Permanent(errors.New("a proof is of a record inside the tree"))
	}
	path, err := tlog.ProveRecord(int64(size), int64(sequence-1), reader(ctx, l.store, nil))
	if err != nil {
		return nil, fmt.Errorf("prove record %d among %d: %w", sequence, size, err)
	}
	return digestsOf(path), nil
}

// Consistency returns the hashes that show that the tree of the first size records
// begins with that of the first old ones: RFC 6962's consistency proof.
func (l *Ledger) Consistency(ctx context.Context, old, size uint64) ([]everqual.Digest, error) {
	if old > size {
		return nil, everqual.Permanent(fmt.Errorf("a tree of %d records does not begin with %d", size, old))
	}
	if old == 0 {
		return nil, nil // every tree begins with the empty one
	}
	path, err := tlog.ProveTree(int64(size), int64(old), reader(ctx, l.store, nil))
	if err != nil {
		return nil, fmt.Errorf("prove that %d records begin with %d: %w", size, old, err)
	}
	return digestsOf(path), nil
}

func digestsOf(hashes []tlog.Hash) []everqual.Digest {
	digests := make([]everqual.Digest, len(hashes))
	for i, h := range hashes {
		digests[i] = digestOf(h)
	}
	return digests
}

func digestOf(h tlog.Hash) everqual.Digest {
	return everqual.Digest("sha256:" + hex.EncodeToString(h[:]))
}
