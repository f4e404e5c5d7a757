package embedded_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/home/hometest"
	"github.com/everqual/everqual/ledger"
)

// TestTornLog cuts SQLite's log off at many places, and spoils its end: what a
// power loss can leave. Each time a whole beginning of the ledger is there, and it goes
// on.
func TestTornLog(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "home")
	h := open(t, dir, embedded.Options{})
	const records = 12
	for i := range records {
		mustAppend(t, h, fmt.Sprint("record ", i))
	}
	main, log := read(t, filepath.Join(dir, dbName)), read(t, filepath.Join(dir, dbName+"-wal"))
	if len(log) < 20_000 {
		t.Fatalf("the log has %d bytes: the records are not in it", len(log))
	}
	last := uint64(0)
	for n := 0; n <= len(log); n += 9973 {
		cut := append([]byte{}, log[:n]...)
		whole := after(t, main, cut)
		if whole < last || whole > records {
			t.Fatalf("with %d bytes of the log %d records are there, with fewer %d", n, whole, last)
		}
		last = whole
		for i := max(0, n-512); i < n; i++ {
			cut[i] ^= 0x55
		}
		if torn := after(t, main, cut); torn > whole {
			t.Fatalf("with %d bytes of the log, the last of them spoilt, %d records are there, whole ones %d", n, torn, whole)
		}
	}
	if got := after(t, main, log); got != records {
		t.Errorf("with the whole log %d records are there", got)
	}
}

// after is how many records a home with this file and this log has. It must be a sound
// one, and go on.
func after(t *testing.T, main, log []byte) uint64 {
	t.Helper()
	dir := t.TempDir()
	for name, b := range map[string][]byte{dbName: main, dbName + "-wal": log} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.Ledger.Check(context.Background()); err != nil {
		t.Fatal(err)
	}
	head, err := h.Ledger.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, h, "goes on")
	return head.Sequence
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestClockSetBack appends while the clock is set back: the records keep the order in
// which they were appended, and the time that the clock showed.
func TestClockSetBack(t *testing.T) {
	clock := hometest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	h := open(t, t.TempDir(), embedded.Options{Clock: clock})
	var want []time.Time
	for i := range 6 {
		mustAppend(t, h, fmt.Sprint("record ", i))
		want = append(want, clock.Now())
		clock.Advance(time.Hour - time.Duration(i%2)*26*time.Hour)
	}
	i := 0
	for r, err := range h.Ledger.Records(context.Background(), ledger.Query{}) {
		if err != nil || r.Key != fmt.Sprint("record ", i) || !r.Time.Equal(want[i]) {
			t.Errorf("record %d is %s at %v, %v; want the time %v", r.Sequence, r.Key, r.Time, err, want[i])
		}
		i++
	}
	if err := h.Ledger.Check(context.Background()); err != nil || i != 6 {
		t.Errorf("%d records, %v", i, err)
	}
}
