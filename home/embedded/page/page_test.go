package page_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/home/embedded/page"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// record is the nth of a ledger, with a body of so many bytes.
func record(n, size int) everqual.Record {
	return everqual.Record{
		Sequence: uint64(n), Kind: "test", Key: fmt.Sprint("key ", n), Subjects: []string{"a", "", "ä\x00"}[:n%4%3],
		Time: time.Date(2026, 3, 1, 12, 0, n, 5e6, time.UTC), Body: []byte(`"` + strings.Repeat("x", size) + `"`),
		Previous: everqual.DigestOf([]byte{byte(n - 1)}), Hash: everqual.DigestOf([]byte{byte(n)}), Tree: bytes.Repeat([]byte{byte(n)}, 32*(n%3)),
	}
}

func TestPages(t *testing.T) {
	for _, test := range []struct{ records, size, pages int }{
		{1, 0, 1}, {1, 100_000, 1}, {16, 10, 1}, {17, 10, 2}, {40, 1_000, 3}, {10, 20_000, 5}, {3, 40_000, 3},
	} {
		var records, back []everqual.Record
		for i := range test.records {
			records = append(records, record(i+1, test.size))
		}
		pages := 0
		for rest := records; len(rest) > 0; pages++ {
			p, n := new(page.Encoder).Encode(rest)
			some, err := page.Decode(rest[0].Sequence, p)
			if err != nil || len(some) != n {
				t.Fatalf("%+v: %d records of %d, %v", test, len(some), n, err)
			}
			back, rest = append(back, some...), rest[n:]
		}
		if d := cmp.Diff(records, back, cmpopts.EquateEmpty()); d != "" || pages != test.pages {
			t.Errorf("%+v: %d pages (-want +got):\n%s", test, pages, d)
		}
	}
}

// What resembles itself is smaller than it was.
func TestCompressed(t *testing.T) {
	var records []everqual.Record
	for i := range page.Most {
		records = append(records, record(i+1, 1_000))
	}
	if p, n := new(page.Encoder).Encode(records); n != page.Most || len(p) > 4_000 {
		t.Errorf("%d records take %d bytes", n, len(p))
	}
}

// Every damage is an error with a record, or gives records: never a panic, never
// more memory than the page.
func TestDamaged(t *testing.T) {
	p, _ := new(page.Encoder).Encode([]everqual.Record{record(1, 5), record(2, 5)})
	if p[0] != 1 {
		t.Fatal("the page is not compressed")
	}
	for n := range p {
		if _, err := page.Decode(7, p[:n]); err == nil || !strings.Contains(err.Error(), "record 7: read its page") {
			t.Errorf("cut off after %d bytes: %v", n, err)
		}
	}
	for _, test := range []struct{ page, want string }{
		{"", "record 7: read its page: it is none"}, {"\x02abc", "record 7: read its page: it is none"},
		{"\x01\x00", "record 7: its page is empty"}, {"\x00\x04", "record 7: its page is cut short"}, {"\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "record 7: its page is cut short"},
		{"\x00\x01k\x01k\x01t\x00\x00\x00\x00\x00", "record 7: read its time"},
		{"\x00\x01k\x01k\x142026-03-01T12:00:00Z\x00\x00\x00\x00\xff\xff\xff\xff\x01", "record 7: its page is cut short"},
		{"\x00\x01k\x01k\x142026-03-01T12:00:00Z\x00\x00\x00\x00\x00\x01", "record 8: its page is cut short"},
	} {
		if _, err := page.Decode(7, []byte(test.page)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q", test.page, err, test.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for n := range 3 {
		p, _ := new(page.Encoder).Encode([]everqual.Record{record(n+1, 5), record(n+2, 500)})
		f.Add(p)
	}
	f.Add([]byte("\x00\x01k\x01k\x142026-03-01T12:00:00Z\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, p []byte) {
		records, err := page.Decode(1, p)
		if err != nil || len(records) == 0 {
			return
		}
		var again []everqual.Record
		for rest := records; len(rest) > 0; {
			p, n := new(page.Encoder).Encode(rest)
			some, err := page.Decode(rest[0].Sequence, p)
			if err != nil || len(some) != n {
				t.Fatal(n, len(some), err)
			}
			again, rest = append(again, some...), rest[n:]
		}
		if d := cmp.Diff(records, again, cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
	})
}

func BenchmarkPage(b *testing.B) {
	for _, n := range []int{1, page.Most} {
		var records []everqual.Record
		for i := range n {
			records = append(records, record(i+1, 1_000))
		}
		p, _ := new(page.Encoder).Encode(records)
		b.Run(fmt.Sprint("encode=", n), func(b *testing.B) {
			var e page.Encoder
			for b.Loop() {
				e.Encode(records)
			}
		})
		b.Run(fmt.Sprint("decode=", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := page.Decode(1, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
