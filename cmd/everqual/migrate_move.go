package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// run moves the home, or says what would be moved. The order is that of what rests on
// what: a crash leaves an archive, or the beginning of a ledger, that nobody
// has signed or works on yet, and the next run goes on from there.
func (m migration) run(ctx context.Context, check bool) (n moved, err error) {
	n = moved{From: m.from.home, To: m.to.home, Checked: check, Damaged: []string{}}
	bar := newProgress()
	defer bar.clear()
	bar.show("verifying %s", m.from.home)
	keys, err := m.from.ownKeyTexts(ctx, m.from.Home)
	if err != nil {
		return n, err
	}
	if err := m.from.verify(ctx, keys); err != nil {
		return n, err
	}
	if err := m.compare(ctx, &n); err != nil {
		return n, err
	}
	if n.Before && !check {
		err = m.finish(ctx, &n)
	}
	if check || n.Before {
		return n, errors.Join(err, m.count(ctx, &n))
	}
	if err := m.copyLedger(ctx, &n, bar); err != nil {
		return n, err
	}
	if err := m.copyKeys(ctx, keys, &n); err != nil {
		return n, err
	}
	bar.show("verifying %s", m.to.home)
	if err := m.same(ctx, &n); err != nil {
		return n, err
	}
	if err := m.copyQueue(ctx, &n); err != nil {
		return n, err
	}
	if err := m.copyFiles(ctx, &n); err != nil {
		return n, err
	}
	return n, m.end(ctx, &n)
}

// compare tells how much of the ledger is there already.
func (m migration) compare(ctx context.Context, n *moved) error {
	from, err := m.left(ctx, n)
	if err != nil {
		return err
	}
	var to ledger.Head
	if m.to.Ledger != nil { // else it is to be made
		if to, err = m.to.Ledger.Head(ctx); err != nil {
			return err
		}
	}
	n.Records, n.Head, n.There, n.Before = from.Sequence, from.Hash, to.Sequence, to.Sequence > from.Sequence
	common := min(from.Sequence, to.Sequence)
	if common == 0 {
		return nil
	}
	a, err := m.from.hash(ctx, common)
	if err != nil {
		return err
	}
	b, err := m.to.hash(ctx, common)
	if err == nil && a != b {
		err = fmt.Errorf("%s holds another ledger than %s: record %d is not the same\nMove into an empty home; where this one was moved before, both were written to since", m.to.home, m.from.home, common)
	}
	return err
}

// count says what there is to move.
func (m migration) count(ctx context.Context, n *moved) error {
	for _, err := range m.from.shelves().Digests(ctx) {
		if err != nil {
			return err
		}
		n.Blobs++
	}
	messages, err := m.from.Queue.Messages(ctx)
	if err != nil {
		return err
	}
	letters, err := m.from.Queue.DeadLetters(ctx)
	if err != nil {
		return err
	}
	files, err := m.files(ctx)
	if err != nil {
		return err
	}
	n.Messages, n.Letters, n.Files = len(messages), len(letters), len(files)
	n.Root, err = m.from.Ledger.Root(ctx, n.Records)
	return err
}

// passes is how often what was appended meanwhile is carried over.
const passes = 3

func (m migration) copyLedger(ctx context.Context, n *moved, bar *progress) error {
	for pass, there := 0, n.There; pass < passes; pass++ {
		head, err := m.from.Ledger.Head(ctx)
		if err != nil || pass > 0 && head.Sequence == there {
			return err
		}
		if err := m.copyBlobs(ctx, n, bar); err != nil {
			return err
		}
		if err := m.copyRecords(ctx, there, head.Sequence, bar); err != nil {
			return err
		}
		there, n.Records, n.Head = head.Sequence, head.Sequence, head.Hash
	}
	return nil
}

// together is how many blobs are copied at the same time.
const together = 16

func (m migration) copyBlobs(ctx context.Context, n *moved, bar *progress) error {
	there := map[everqual.Digest]bool{}
	for d, err := range m.to.shelves().Digests(ctx) {
		if err != nil {
			return err
		}
		there[d] = true
	}
	var copied atomic.Int64
	var mu sync.Mutex
	n.Blobs, n.Damaged = 0, []string{}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(together)
	for d, err := range m.from.shelves().Digests(ctx) {
		if err != nil {
			return errors.Join(err, g.Wait())
		}
		if n.Blobs++; there[d] {
			continue
		}
		g.Go(func() error {
			b, err := m.from.Archive.Get(ctx, d)
			if everqual.IsPermanent(err) { // all that records rest on was read before
				mu.Lock()
				defer mu.Unlock()
				n.Damaged = append(n.Damaged, err.Error())
				return nil
			}
			if err != nil {
				return err
			}
			bar.show("%s blobs copied", number(int(copied.Add(1))))
			return m.to.Archive.Put(ctx, d, b)
		})
	}
	return g.Wait()
}

// some is how many records are held in memory.
const some = 1000

func (m migration) copyRecords(ctx context.Context, after, last uint64, bar *progress) error {
	var batch []everqual.Record
	for r, err := range m.from.Ledger.Records(ctx, ledger.Query{After: after}) {
		if err != nil {
			return err
		}
		if r.Sequence > last {
			break
		}
		if batch = append(batch, r); len(batch) < some && r.Sequence < last {
			continue
		}
		if err := m.to.Ledger.Restore(ctx, batch); err != nil {
			if errors.Is(err, ledger.ErrConflict) {
				return fmt.Errorf("somebody else appends to %s: end what works there: %w", m.to.home, err)
			}
			return err
		}
		bar.show("%s of %s records copied", number(int(r.Sequence)), number(int(last)))
		batch = nil
	}
	return nil
}

// copyKeys keeps the public keys that signed so far beside the new one.
func (m migration) copyKeys(ctx context.Context, texts []string, n *moved) error {
	keys := map[string][]byte{}
	for _, text := range texts {
		keys["keys/former/"+everqual.DigestOf([]byte(text)).Short()+".pub"] = []byte(text + "\n")
	}
	n.Keys = len(keys)
	return m.to.put(ctx, keys)
}

// same checks that what arrived is what was sent.
func (m migration) same(ctx context.Context, n *moved) error {
	keys, err := m.to.formerKeys(ctx) // nobody signed there yet
	if err != nil {
		return err
	}
	if err := m.to.verify(ctx, keys); err != nil {
		return err
	}
	head, err := m.to.Ledger.Head(ctx)
	if err != nil {
		return err
	}
	root, err := m.from.Ledger.Root(ctx, n.Records)
	if err != nil {
		return err
	}
	there, err := m.to.Ledger.Root(ctx, n.Records)
	if err == nil && (head.Hash != n.Head || there != root) {
		err = fmt.Errorf("%s is not the same as %s: head %s and %s, root %s and %s", m.to.home, m.from.home, head.Hash, n.Head, there, root)
	}
	n.Root = root
	return err
}

func (m migration) copyQueue(ctx context.Context, n *moved) error {
	letters, err := m.from.Queue.DeadLetters(ctx)
	if err != nil {
		return err
	}
	messages, err := m.from.Queue.Messages(ctx)
	if err != nil {
		return err
	}
	n.Letters, n.Messages = len(letters), len(messages)
	if err := m.to.queue().Lay(ctx, letters...); err != nil {
		return err
	}
	return m.to.Queue.Send(ctx, messages...)
}

// files are the specifications and rules.
func (m migration) files(ctx context.Context) (map[string][]byte, error) {
	all := map[string][]byte{}
	for _, folder := range []string{"rules", "specs"} {
		files, err := m.from.files(ctx, folder)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, files)
	}
	return all, nil
}

// copyFiles copies the rules first: a specification wakes who judges by it.
func (m migration) copyFiles(ctx context.Context, n *moved) error {
	all, err := m.files(ctx)
	if err != nil {
		return err
	}
	n.Files = len(all)
	specs := maps.Clone(all)
	maps.DeleteFunc(specs, func(name string, _ []byte) bool { return strings.HasPrefix(name, "rules/") })
	maps.DeleteFunc(all, func(name string, _ []byte) bool { return strings.HasPrefix(name, "specs/") })
	if err := m.to.put(ctx, all); err != nil {
		return err
	}
	return m.to.put(ctx, specs)
}
