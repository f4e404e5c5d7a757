package ledger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
	"pgregory.net/rapid"
)

func TestStore(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Store { return &ledgertest.Memory{} }, nil)
}

func TestLedger(t *testing.T) {
	ledgertest.RunLedger(t, func(t *testing.T) *ledger.Ledger { return ledger.New(&ledgertest.Memory{}, time.Now) })
}

// A store that takes few records at once is asked for no more, and gets all: what
// was to be appended together is split, a caller's own entries only where they must be.
func TestFewAtOnce(t *testing.T) {
	open := func(t *testing.T) *ledger.Ledger { return ledger.New(&ledgertest.Memory{Most: 3}, time.Now) }
	ledgertest.RunLedger(t, open)
	l := open(t)
	var wg sync.WaitGroup
	for caller := range 20 {
		wg.Go(func() {
			pair := []ledger.Entry{{Kind: "test", Key: fmt.Sprint(caller, "/1")}, {Kind: "test", Key: fmt.Sprint(caller, "/2")}}
			records, fresh, err := l.Append(context.Background(), pair...)
			if err != nil || len(fresh) != 2 || records[1].Sequence != records[0].Sequence+1 {
				t.Errorf("a pair became %v, %v", records, err)
			}
		})
	}
	wg.Wait()
	if err := l.Check(context.Background()); err != nil {
		t.Error(err)
	}
}

// five returns a ledger of five records on a store in memory.
func five(t *testing.T) (*ledger.Ledger, *ledgertest.Memory) {
	t.Helper()
	store := &ledgertest.Memory{}
	l := ledger.New(store, time.Now)
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		e := ledger.Entry{Kind: "test", Key: key, Subjects: []string{"s", "t"}, Body: map[string]string{"key": key}}
		if _, _, err := l.Append(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Check(context.Background()); err != nil {
		t.Fatalf("the untouched chain does not check: %v", err)
	}
	return l, store
}

func TestCheck(t *testing.T) {
	type records = []everqual.Record
	// rehash gives a changed record a hash that fits its new content.
	rehash := func(r *everqual.Record) { r.Hash = ledger.HashOf(*r) }
	tests := []struct {
		name   string
		change func(r records) records
		want   string
	}{
		{"a changed body", func(r records) records { r[2].Body = []byte(`{"key":"x"}`); return r }, "record 3: its content"},
		{"a space in a body", func(r records) records { r[2].Body = []byte(`{"key": "c"}`); return r }, "record 3: its content"},
		{"a changed kind", func(r records) records { r[2].Kind = "other"; return r }, "record 3: its content"},
		{"a changed key", func(r records) records { r[2].Key = "other"; return r }, "record 3: its content"},
		{"changed subjects", func(r records) records { r[2].Subjects = []string{"t", "s"}; return r }, "record 3: its content"},
		{"a missing subject", func(r records) records { r[2].Subjects = []string{"s"}; return r }, "record 3: its content"},
		{"a changed time", func(r records) records { r[2].Time = r[2].Time.Add(time.Millisecond); return r }, "record 3: its content"},
		{"a changed hash", func(r records) records { r[2].Hash = r[1].Hash; return r }, "record 3: its content"},
		{"a changed body with its hash", func(r records) records {
			r[2].Body = []byte(`{}`)
			rehash(&r[2])
			return r
		}, "record 4: its previous hash"},
		{"a changed last body with its hash", func(r records) records {
			r[4].Body = []byte(`{}`)
			rehash(&r[4])
			return r
		}, "record 5: its hash is not the one that the head says"},
		{"a changed previous", func(r records) records { r[2].Previous = r[0].Hash; return r }, "record 3: its previous hash"},
		{"a gap", func(r records) records { return append(r[:2], r[3:]...) }, "record 4 follows record 2"},
		{"no first record", func(r records) records { return r[1:] }, "record 2 follows record 0"},
		{"a record twice", func(r records) records { return append(r[:3], r[2:]...) }, "record 3 follows record 3"},
		{"swapped contents", func(r records) records {
			r[1], r[2] = r[2], r[1]
			r[1].Sequence, r[2].Sequence = 2, 3
			return r
		}, "record 2: its previous hash"},
		{"a cut tail", func(r records) records { return r[:3] }, "the end is missing"},
		{"nothing left", func(records) records { return nil }, "the end is missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l, store := five(t)
			store.Tamper(test.change)
			err := l.Check(context.Background())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// growing is a store that somebody appends to while it is read.
type growing struct {
	ledger.Store
	grow func()
}

func (g growing) Range(ctx context.Context, q ledger.Query) ([]everqual.Record, error) {
	records, err := g.Store.Range(ctx, q)
	g.grow()
	return records, err
}

func TestCheckWhileAppending(t *testing.T) {
	l, store := five(t)
	n := 0
	reader := ledger.New(growing{store, func() {
		n++
		if _, _, err := l.Append(context.Background(), ledger.Entry{Kind: "test", Key: strings.Repeat("x", n)}); err != nil {
			t.Error(err)
		}
	}}, time.Now)
	if err := reader.Check(context.Background()); err != nil || n == 0 {
		t.Errorf("a growing chain does not check: %v (grown %d times)", err, n)
	}
}

// hash pins the format of the chain: a ledger that was written once must check
// with every later version.
func TestHashOf(t *testing.T) {
	r := everqual.Record{
		Sequence: 7, Kind: "observation", Key: "k<&>", Subjects: []string{"a", "b"},
		Time: time.Date(2026, 3, 1, 13, 0, 0, 120e6, time.FixedZone("CET", 3600)), Body: []byte(`{"a":1}`),
		Previous: "sha256:00",
	}
	const text = `{"sequence":7,"kind":"observation","key":"k<&>","subjects":["a","b"],"time":"2026-03-01T12:00:00.12Z",` +
		`"body":"sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862","previous":"sha256:00"}`
	got := ledger.HashOf(r)
	if got != everqual.DigestOf([]byte(text)) {
		t.Errorf("got %s; want the digest of %s", got, text)
	}
	r.Subjects = nil
	none := ledger.HashOf(r)
	r.Subjects = []string{}
	if empty := ledger.HashOf(r); empty != none || none == got {
		t.Errorf("no subjects hash to %s, an empty list to %s", none, empty)
	}
}

// An entry is what encoding/json writes of its fields, whatever is in them.
func TestEntryIsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]*`), rapid.SampledFrom([]string{"<&>", "\u2028", "\x7f\x00", `"\`}))
		r := everqual.Record{
			Sequence: rapid.Uint64().Draw(t, "sequence"), Kind: everqual.Kind(text.Draw(t, "kind")), Key: text.Draw(t, "key"),
			Subjects: rapid.SliceOf(text).Draw(t, "subjects"), Time: time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "time"), 5e6), Previous: "sha256:00",
		}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		err := enc.Encode(struct {
			Sequence uint64          `json:"sequence"`
			Kind     everqual.Kind   `json:"kind"`
			Key      string          `json:"key"`
			Subjects []string        `json:"subjects"`
			Time     time.Time       `json:"time"`
			Body     everqual.Digest `json:"body"`
			Previous everqual.Digest `json:"previous"`
		}{r.Sequence, r.Kind, r.Key, append([]string{}, r.Subjects...), r.Time.UTC(), everqual.DigestOf(nil), r.Previous})
		if got := ledger.EntryOf(r); err != nil || string(got)+"\n" != want.String() {
			t.Fatalf("got %s\nwant %s, %v", got, &want, err)
		}
	})
}

// A defect within a decision leaves nobody waiting.
func TestDefect(t *testing.T) {
	l := ledger.New(&ledgertest.Memory{}, time.Now)
	func() {
		defer func() { _ = recover() }()
		_ = l.AppendIf(t.Context(), ledger.Entry{Kind: "test", Key: "a"}, func() error { panic("defect") })
		t.Error("no panic")
	}()
	if _, fresh, err := l.Append(t.Context(), ledger.Entry{Kind: "test", Key: "a"}); err != nil || !fresh[0] {
		t.Errorf("fresh %v, %v", fresh, err)
	}
}
