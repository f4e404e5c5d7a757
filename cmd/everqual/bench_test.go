package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
	"golang.org/x/mod/sumdb/note"
)

// BenchmarkVerify verifies a ledger of records of about 1 kB. The metric "of-hashing"
// is its speed as a part of that of reading the same rows and hashing their bodies.
func BenchmarkVerify(b *testing.B) {
	const size = 100_000
	dir, ctx := b.TempDir(), context.Background()
	home, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer home.Close()
	for i := 0; i < size; i += 1000 {
		entries := make([]ledger.Entry, 1000)
		for j := range entries {
			arn := fmt.Sprint("arn:aws:ec2:eu-central-1:111122223333:instance/i-", (i+j)%5000)
			entries[j] = ledger.Entry{Kind: "test", Key: fmt.Sprint("observation:", arn, ":v", i+j), Subjects: []string{arn}, Body: map[string]string{"Attributes": strings.Repeat("0123456789", 100)}}
		}
		if _, _, err := home.Ledger.Append(ctx, entries...); err != nil {
			b.Fatal(err)
		}
	}
	signer, public, err := home.Signer(ctx)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := home.Ledger.Checkpoint(ctx, signer); err != nil {
		b.Fatal(err)
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		b.Fatal(err)
	}
	var ours, theirs time.Duration
	for b.Loop() {
		began := time.Now()
		r, err := verify.Trust{Keys: []note.Verifier{key}}.Home(ctx, source{home})
		if err != nil || !r.OK() || r.Records != size+1 {
			b.Fatal(r, err)
		}
		ours += time.Since(began)
		began = time.Now()
		hashAll(b, filepath.Join(dir, "everqual.db"))
		theirs += time.Since(began)
	}
	b.ReportMetric(float64(b.N*size)/ours.Seconds(), "records/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "of-hashing")
}

func hashAll(b *testing.B, path string) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, r := range pages(b, db) {
		if sum := sha256.Sum256(r.Body); sum[0] == 0 && r.Sequence == 0 {
			b.Fatal(r.Sequence)
		}
	}
}
