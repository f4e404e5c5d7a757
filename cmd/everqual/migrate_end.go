package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/everqual/everqual"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/ledger"
)

// arrivedKey and leftKey are the keys of what both homes record of a move: once, however
// often it is repeated.
func arrivedKey(head everqual.Digest) string { return "migration:" + string(head) }
func leftKey(head everqual.Digest) string    { return "moved:" + string(head) }

// end records the move where the ledger is now, has the new home sign, and then tells
// the old one. Cut off in between, the same command goes on here: what is recorded in
// the new home says that all has arrived.
func (m migration) end(ctx context.Context, n *moved) error {
	said, err := m.arrived(ctx, n)
	if err != nil {
		return err
	}
	err = takeOver(ctx, m.to.Home)
	if err != nil && !errors.Is(err, awshome.ErrNoKey) {
		return fmt.Errorf("all has arrived, but %s could not sign it: %w", m.to.home, err)
	}
	n.Signer = said.To.Origin
	head, err := m.from.Ledger.Head(ctx)
	if n.Later = head.Sequence - n.Records; err != nil || n.Later > 0 {
		return err // what is there only must be moved, or given up by somebody who says so
	}
	m.tell(ctx, said, n)
	return nil
}

// arrived records the move in the home that the ledger came to.
func (m migration) arrived(ctx context.Context, n *moved) (said everqual.Migration, err error) {
	said = everqual.Migration{
		From: m.from.ref(), To: m.to.ref(), Records: n.Records, Head: n.Head, Root: n.Root,
		By: m.by, Reason: m.reason, At: m.to.Clock.Now(),
	}
	if said.From.Origin, err = origin(ctx, m.from.Ledger); err != nil {
		return said, err
	}
	_, public, err := m.to.Signer(ctx)
	if err != nil && !errors.Is(err, awshome.ErrNoKey) {
		return said, err
	}
	said.To.Origin, _, _ = strings.Cut(public, "+")
	records, _, err := m.to.Ledger.Append(ctx, ledger.Entry{
		Kind: everqual.KindMigration, Key: arrivedKey(n.Head), Subjects: []string{"migration"}, Body: said,
	})
	if err != nil {
		return said, fmt.Errorf("all has arrived, but %s could not record it: %w", m.to.home, err)
	}
	return ledger.Body[everqual.Migration](records[0]) // as it was recorded first
}

// origin is the name that the ledger was last signed with.
func origin(ctx context.Context, l *ledger.Ledger) (string, error) {
	for c, err := range ledger.Bodies[everqual.Checkpoint](ctx, l, ledger.Query{Kind: everqual.KindCheckpoint, Descending: true, Limit: 1}) {
		return originOf(c.Body), err
	}
	return "", nil
}

// tell has the old home end with a record of where its ledger went: nothing but
// checkpoints can be appended to it from then on. One that cannot be written to, such
// as a copy, has moved all the same, and that it could not be told is said.
func (m migration) tell(ctx context.Context, said everqual.Migration, n *moved) {
	err := m.telling(ctx, said, n)
	if err != nil {
		n.Untold = err.Error()
	}
}

func (m migration) telling(ctx context.Context, said everqual.Migration, n *moved) (err error) {
	old, err := m.from.side(ctx, m.from.home, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, old.Close()) }()
	if _, left, err := old.Ledger.MovedTo(ctx); err == nil && left.Sequence == 0 {
		records, _, err := old.Ledger.Append(ctx, ledger.Entry{Kind: everqual.KindMoved, Key: leftKey(n.Head), Subjects: []string{"migration"}, Body: said})
		if err != nil {
			return err
		}
		n.Later = records[0].Sequence - 1 - n.Records // by somebody who was faster
	} else if err != nil {
		return err
	}
	if err := takeOver(ctx, old.Home); !errors.Is(err, awshome.ErrNoKey) {
		return err
	}
	return nil
}

// finish does what is left of a move that is recorded as arrived: nothing, but after
// one that was cut off at its end.
func (m migration) finish(ctx context.Context, n *moved) error {
	if n.Told {
		return nil
	}
	record, ok, err := m.to.Ledger.Find(ctx, arrivedKey(n.Head))
	if err != nil {
		return err
	}
	if !ok { // cut off just before its last word, and the new home went on: whether all had arrived is not known
		n.Untold = m.to.home + " went on before it had recorded the move: see whether its specifications and queue are whole"
		return nil
	}
	said, err := ledger.Body[everqual.Migration](record)
	if err != nil {
		return err
	}
	if err := takeOver(ctx, m.to.Home); err != nil && !errors.Is(err, awshome.ErrNoKey) {
		return err
	}
	m.tell(ctx, said, n)
	return nil
}

// left is the head of what is to be moved: without what the old home says of having
// moved here before.
func (m migration) left(ctx context.Context, n *moved) (ledger.Head, error) {
	head, err := m.from.Ledger.Head(ctx)
	if err != nil || m.to.Ledger == nil {
		return head, err
	}
	_, left, err := m.from.Ledger.MovedTo(ctx)
	if err != nil || left.Sequence == 0 {
		return head, err
	}
	if _, here, err := m.to.Ledger.Find(ctx, arrivedKey(left.Previous)); err != nil || !here {
		return head, err // to another home, which is given up now
	}
	n.Told = true
	return ledger.Head{Sequence: left.Sequence - 1, Hash: left.Previous}, nil
}

func (s *side) ref() everqual.HomeRef {
	kind := "folder"
	if _, onAWS := s.onAWS(); onAWS {
		kind = "aws"
	}
	return everqual.HomeRef{Kind: kind, Name: s.home}
}
