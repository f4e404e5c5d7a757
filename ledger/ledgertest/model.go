package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var (
	kinds    = []everqual.Kind{"change-event", "observation", "assessment"}
	subjects = []string{"", "arn:a", "arn:b", "arn:a#spec", "arn:ab"}
)

// likeModel does the same things to the store and to a Memory, and compares
// every answer.
func likeModel(t *testing.T, open func(t *testing.T) ledger.Store) {
	rapid.Check(t, func(r *rapid.T) {
		m := &machine{store: open(t), model: &Memory{}}
		r.Repeat(map[string]func(*rapid.T){"append": m.append, "find": m.find, "range": m.rangeOf, "index": m.index, "": m.head})
	})
}

type machine struct {
	store ledger.Store
	model *Memory
}

func (m *machine) append(r *rapid.T) {
	after := m.model.head
	if rapid.IntRange(0, 9).Draw(r, "stale") == 0 {
		after.Sequence = uint64(rapid.IntRange(0, 3).Draw(r, "head"))
	}
	most := 40
	if n := m.store.AtOnce(); n > 0 {
		most = min(most, n)
	}
	batch := make([]everqual.Record, rapid.OneOf(rapid.IntRange(1, 4), rapid.IntRange(1, most)).Draw(r, "batch"))
	first := int(m.model.head.Sequence)
	if rapid.IntRange(0, 4).Draw(r, "taken") == 0 {
		first = rapid.IntRange(0, first).Draw(r, "first")
	}
	for i := range batch {
		batch[i] = everqual.Record{
			Kind:     rapid.SampledFrom(kinds).Draw(r, "kind"),
			Key:      fmt.Sprint("key ", first+i),
			Subjects: rapid.SliceOfN(rapid.SampledFrom(subjects), 0, 3).Draw(r, "subjects"),
			Body:     []byte(`{}`),
		}
	}
	batch = chain(after, batch...)
	want := m.model.Append(context.Background(), after, batch)
	if got := m.store.Append(context.Background(), after, batch); !errors.Is(got, want) {
		r.Fatalf("append: got %v, want %v", got, want)
	}
}

func (m *machine) find(r *rapid.T) {
	key := fmt.Sprint("key ", rapid.IntRange(0, int(m.model.head.Sequence)).Draw(r, "key"))
	want, wantOK, _ := m.model.Find(context.Background(), key)
	got, ok, err := m.store.Find(context.Background(), key)
	if err != nil || ok != wantOK {
		r.Fatalf("find %s: got %t, %v; want %t", key, ok, err, wantOK)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		r.Fatalf("find %s (-want +got):\n%s", key, d)
	}
}

func (m *machine) rangeOf(r *rapid.T) {
	q := ledger.Query{
		Kind:       rapid.SampledFrom(append(kinds, "")).Draw(r, "kind"),
		Subject:    rapid.SampledFrom(subjects).Draw(r, "subject"),
		After:      uint64(rapid.IntRange(0, 90).Draw(r, "after")),
		Descending: rapid.Bool().Draw(r, "descending"),
		Limit:      rapid.IntRange(0, 5).Draw(r, "limit"),
	}
	want, _ := m.model.Range(context.Background(), q)
	got, err := m.store.Range(context.Background(), q)
	if err != nil {
		r.Fatalf("range %+v: %v", q, err)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		r.Fatalf("range %+v (-want +got):\n%s", q, d)
	}
}

func (m *machine) index(r *rapid.T) {
	if err := m.store.Indexed(context.Background()); err != nil {
		r.Fatalf("index: %v", err)
	}
}

func (m *machine) head(r *rapid.T) {
	want, _ := m.model.Head(context.Background())
	if got, err := m.store.Head(context.Background()); err != nil || got != want {
		r.Fatalf("head is %v, %v; want %v", got, err, want)
	}
}
