package flow_test

import (
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
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
