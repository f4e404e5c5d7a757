package flow_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rules"
)

// archive writes real log files as CloudTrail delivers them, compressed.
func archive(t testing.TB, copies int) (dir string, size int64) {
	shared := os.Getenv("EVERQUAL_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "shared")
	}
	files, _ := filepath.Glob(filepath.Join(shared, "data", "cloudtrail", "invictus", "CloudTrail", "*.json"))
	if len(files) == 0 {
		t.Skip("no reference data: set EVERQUAL_SHARED to the folder that holds it")
	}
	dir = t.TempDir()
	for i := range copies {
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			size += int64(len(text))
			name := filepath.Join(dir, string(rune('a'+i))+filepath.Base(file)+".gz")
			f, err := os.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			z := gzip.NewWriter(f)
			z.Write(text)
			z.Close()
			f.Close()
		}
	}
	return dir, size
}

// record is a log file's record of one event.
func record(id, name string, readOnly bool) string {
	return fmt.Sprintf(`{"eventVersion":"1.11","eventID":%q,"eventTime":"2026-03-01T10:00:00Z","eventSource":"ec2.amazonaws.com","eventName":%q,"awsRegion":"eu-central-1","recipientAccountId":"111122223333","readOnly":%v,"requestParameters":{"instanceId":"i-0aaaaaaaaaaaaaaa1"}}`, id, name, readOnly)
}

// estate writes files of three events each, one of them broken.
func estate(t *testing.T, files int) (dir string) {
	dir = t.TempDir()
	for i := range files {
		text := `{"Records":[` + record(fmt.Sprintf("%03d-a", i), "ModifyInstanceAttribute", false) + "," + record(fmt.Sprintf("%03d-b", i), "DescribeInstances", true) + `,{"eventID":x}]}`
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.json", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "README.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// However many threads read, the items come in the order of the files, matched,
// and the account of the files is whole.
func TestSieve(t *testing.T) {
	dir := estate(t, 40)
	set, err := rule.Load(rules.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, threads := range []int{1, 2, 7} {
		sieve := flow.Sieve{Rules: set, Threads: threads}
		var got []string
		matched, broken := 0, 0
		for item := range sieve.Read(context.Background(), dir, nil) {
			switch {
			case item.Err != nil:
				broken++
				continue
			case item.Changed() && item.Match.Rule == "ec2" && len(item.Match.Resources) == 1:
				matched++
			}
			got = append(got, item.Event.ID)
		}
		if !slices.IsSorted(got) || len(got) != 80 || matched != 40 || broken != 40 {
			t.Errorf("%d threads: %d events, %d matched, %d broken, in order: %v", threads, len(got), matched, broken, slices.IsSorted(got))
		}
		if f := sieve.Files(); f.Read != 40 || len(f.Skipped) != 1 || len(f.Failed) != 0 {
			t.Errorf("%d threads: files %+v", threads, f)
		}
	}
}

// Who wants no more leaves nobody working.
func TestSieveStops(t *testing.T) {
	dir := estate(t, 40)
	set, err := rule.Load(rules.Files)
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for stop := range 5 {
		sieve, n := flow.Sieve{Rules: set, Threads: 3}, 0
		for range sieve.Read(context.Background(), dir, nil) {
			if n++; n > stop*10 {
				break
			}
		}
		if left := goroutinesAbove(before); left > 0 {
			t.Errorf("after %d items %d goroutines are left", n, left)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	sieve, events := flow.Sieve{Rules: set}, 0
	for item := range sieve.Read(ctx, dir, nil) {
		if item.Err == nil {
			events++
		}
	}
	if events > 0 {
		t.Errorf("%d events after the end", events)
	}
}

// BenchmarkSieve goes from compressed log files to matched changes on one
// thread, and reports how many times as long the bare decompression of the same
// files takes.
func BenchmarkSieve(b *testing.B) {
	dir, size := archive(b, 2)
	set, err := rule.Load(rules.Files)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	var plain time.Duration
	for b.Loop() {
		b.StopTimer()
		start := time.Now()
		decompress(b, dir)
		plain += time.Since(start)
		b.StartTimer()
		sieve := flow.Sieve{Rules: set, Threads: 1}
		for item := range sieve.Read(context.Background(), dir, nil) {
			if item.Err != nil {
				b.Fatal(item.Err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(plain), "times-gunzip")
}

func decompress(b *testing.B, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.gz"))
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, z); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}

// goroutinesAbove tells how many more goroutines there are than before. One that
// has told its WaitGroup is counted until it is scheduled once more and ends.
func goroutinesAbove(before int) int {
	for range 5000 {
		if runtime.NumGoroutine() <= before {
			return 0
		}
		time.Sleep(time.Millisecond)
	}
	return runtime.NumGoroutine() - before
}
