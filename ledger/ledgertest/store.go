package ledgertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Run runs the suite that every store passes. open returns an empty store;
// reopen closes one and opens it anew, nil where a store does not outlive its
// process.
func Run(t *testing.T, open func(t *testing.T) ledger.Store, reopen func(t *testing.T, s ledger.Store) ledger.Store) {
	tests := []struct {
		name string
		run  func(t *testing.T, s ledger.Store)
	}{
		{"an empty store", empty},
		{"gives back what it was given", givesBack},
		{"an append needs the present head", needsHead},
		{"a taken key refuses the whole batch", keyTaken},
		{"a key twice in a batch refuses it", keyTwice},
		{"bounds of a range", bounds},
		{"writers race for a head", race},
		{"ledgers share a store", share},
		{"ledgers race for a version", raceForVersion},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
	t.Run("does as the model does", func(t *testing.T) { likeModel(t, open) })
	t.Run("every write failed", func(t *testing.T) { everyWriteFailed(t, open) })
	if reopen != nil {
		t.Run("keeps it when closed", func(t *testing.T) { keeps(t, open(t), reopen) })
	}
}

// chain makes records that follow after out of their kinds, keys, subjects and
// bodies.
func chain(after ledger.Head, records ...everqual.Record) []everqual.Record {
	made := make([]everqual.Record, len(records))
	for i, r := range records {
		r.Sequence, r.Previous = after.Sequence+1, after.Hash
		r.Time = time.Date(2026, 3, 1, 12, 0, 0, int(r.Sequence%1000)*1e6, time.UTC)
		r.Hash = ledger.HashOf(r)
		r.Tree = []byte(r.Hash[:7+r.Sequence%60]) // the store keeps it as it is
		made[i], after = r, ledger.Head{Sequence: r.Sequence, Hash: r.Hash}
	}
	return made
}

func record(key string, subjects ...string) everqual.Record {
	return everqual.Record{Kind: "test", Key: key, Subjects: subjects, Body: []byte(`{"key":"` + key + `"}`)}
}

func headOf(records []everqual.Record) ledger.Head {
	last := records[len(records)-1]
	return ledger.Head{Sequence: last.Sequence, Hash: last.Hash}
}

func mustAppend(t testing.TB, s ledger.Store, after ledger.Head, records []everqual.Record) ledger.Head {
	t.Helper()
	if err := s.Append(context.Background(), after, records); err != nil {
		t.Fatalf("append after %d: %v", after.Sequence, err)
	}
	return headOf(records)
}

// expect compares everything that can be read with the records that there
// should be.
func expect(t testing.TB, s ledger.Store, want []everqual.Record) {
	t.Helper()
	if err := s.Indexed(context.Background()); err != nil {
		t.Errorf("nobody touched the index: %v", err)
	}
	ctx := context.Background()
	got, err := s.Range(ctx, ledger.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), sameBytes); d != "" {
		t.Fatalf("records (-want +got):\n%s", d)
	}
	head := ledger.Head{}
	for _, r := range want {
		head = ledger.Head{Sequence: r.Sequence, Hash: r.Hash}
		found, ok, err := s.Find(ctx, r.Key)
		if err != nil || !ok {
			t.Fatalf("find %q: %t, %v", r.Key, ok, err)
		}
		if ledger.HashOf(found) != r.Hash {
			t.Fatalf("record %d came back with another hash", r.Sequence)
		}
	}
	if h, err := s.Head(ctx); err != nil || h != head {
		t.Fatalf("head is %v, %v; want %v", h, err, head)
	}
}

// sameBytes compares long bodies faster than cmp would.
var sameBytes = cmp.Comparer(func(a, b json.RawMessage) bool { return bytes.Equal(a, b) })

func empty(t *testing.T, s ledger.Store) {
	expect(t, s, nil)
	if _, ok, err := s.Find(context.Background(), "nothing"); ok || err != nil {
		t.Fatalf("found a record in an empty store: %t, %v", ok, err)
	}
	got, err := s.Range(context.Background(), ledger.Query{Kind: "test", Subject: "s", Descending: true, Limit: 3})
	if err != nil || len(got) != 0 {
		t.Fatalf("range gave %v, %v", got, err)
	}
}

func givesBack(t *testing.T, s ledger.Store) {
	awkward := chain(ledger.Head{},
		everqual.Record{Kind: "test", Key: "no subjects", Body: []byte(`null`)},
		everqual.Record{Kind: "test", Key: "odd subjects", Subjects: []string{"b", "a", "b", "", "a'\"\\%_", "ÄÖ\u2028<&>\x00"}, Body: []byte(`{}`)},
		everqual.Record{Kind: "test", Key: "key ' \" \\ % \x00 日本", Subjects: []string{"a"}, Body: []byte(`{ "spaces" : [1.50, 1e400, "<&>\u0000"] }`)},
		everqual.Record{Kind: "test", Key: strings.Repeat("long", 250), Subjects: []string{strings.Repeat("arn", 300)},
			Body: []byte(`"` + strings.Repeat("0123456789", 30_000) + `"`)},
	)
	mustAppend(t, s, ledger.Head{}, awkward)
	expect(t, s, awkward)
	got, err := s.Range(context.Background(), ledger.Query{Subject: "b"})
	if err != nil || len(got) != 1 {
		t.Fatalf("a record that names its subject twice was found %d times, %v", len(got), err)
	}
}

func needsHead(t *testing.T, s ledger.Store) {
	first := chain(ledger.Head{}, record("a"), record("b"))
	mustAppend(t, s, ledger.Head{}, first)
	head := headOf(first)
	for name, wrong := range map[string]ledger.Head{
		"empty":            {},
		"behind":           {Sequence: 1, Hash: first[0].Hash},
		"ahead":            {Sequence: 3, Hash: head.Hash},
		"another's hash":   {Sequence: 2, Hash: first[0].Hash},
		"another sequence": {Sequence: 1, Hash: head.Hash},
	} {
		if err := s.Append(context.Background(), wrong, chain(head, record("c", "s"))); !errors.Is(err, ledger.ErrConflict) {
			t.Errorf("%s head: got %v, want ErrConflict", name, err)
		}
	}
	expect(t, s, first)
	next := chain(head, record("c", "s"))
	mustAppend(t, s, head, next)
	expect(t, s, append(first, next...))
}

func keyTaken(t *testing.T, s ledger.Store) {
	first := chain(ledger.Head{}, record("a", "s"))
	head := mustAppend(t, s, ledger.Head{}, first)
	err := s.Append(context.Background(), head, chain(head, record("b", "s"), record("a", "s"), record("c", "s")))
	refused(t, s, err, first)
}

func keyTwice(t *testing.T, s ledger.Store) {
	first := chain(ledger.Head{}, record("a", "s"))
	head := mustAppend(t, s, ledger.Head{}, first)
	err := s.Append(context.Background(), head, chain(head, record("b", "s"), record("b", "s")))
	refused(t, s, err, first)
}

// refused checks that a batch met ErrConflict and left no trace.
func refused(t *testing.T, s ledger.Store, err error, want []everqual.Record) {
	t.Helper()
	if !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	expect(t, s, want)
	if _, ok, err := s.Find(context.Background(), "b"); ok || err != nil {
		t.Errorf("a part of the refused batch was kept: %t, %v", ok, err)
	}
	if got, err := s.Range(context.Background(), ledger.Query{Subject: "s"}); len(got) != len(want) || err != nil {
		t.Errorf("the subject has %d records, %v; want %d", len(got), err, len(want))
	}
	head := headOf(want)
	mustAppend(t, s, head, chain(head, record("b")))
}

func bounds(t *testing.T, s ledger.Store) {
	mustAppend(t, s, ledger.Head{}, chain(ledger.Head{}, record("a", "s"), record("b", "s"), record("c", "s")))
	for _, test := range []struct {
		name string
		q    ledger.Query
		want int
	}{
		{"after the last", ledger.Query{After: 3}, 0},
		{"after the largest number", ledger.Query{After: math.MaxUint64}, 0},
		{"down from the largest number", ledger.Query{After: math.MaxUint64, Descending: true}, 3},
		{"down from the first", ledger.Query{After: 1, Descending: true}, 0},
		{"limit beyond the end", ledger.Query{Limit: 1000}, 3},
		{"unknown kind", ledger.Query{Kind: "other"}, 0},
		{"unknown subject", ledger.Query{Subject: "other"}, 0},
		{"a subject's beginning is not the subject", ledger.Query{Subject: "S"}, 0},
	} {
		if got, err := s.Range(context.Background(), test.q); err != nil || len(got) != test.want {
			t.Errorf("%s: %d records, %v; want %d", test.name, len(got), err, test.want)
		}
	}
}

func keeps(t *testing.T, s ledger.Store, reopen func(*testing.T, ledger.Store) ledger.Store) {
	first := chain(ledger.Head{}, record("a", "s"), record("b"))
	head := mustAppend(t, s, ledger.Head{}, first)
	s = reopen(t, s)
	expect(t, s, first)
	next := chain(head, record("c", "s"))
	mustAppend(t, s, head, next)
	s = reopen(t, s)
	expect(t, s, append(first, next...))
	if err := s.Append(context.Background(), head, chain(head, record("d"))); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("an old head was accepted after reopening: %v", err)
	}
}
