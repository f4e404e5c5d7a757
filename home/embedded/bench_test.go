package embedded_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
)

// BenchmarkAppend appends records of about 1 kB through the ledger, and
// inserts as many of the same size into a bare table of the same durability in
// turn. The metric "of-bare" is the ledger's speed as a part of the table's, with
// what closing the home adds.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint("batch=", size), func(b *testing.B) {
			h := open(b, b.TempDir(), embedded.Options{})
			bare, insert := bareTable(b)
			var ours, theirs time.Duration
			for i := range b.N {
				entries := make([]ledger.Entry, size)
				for j := range entries {
					entries[j] = benchEntry(i*size + j)
				}
				began := time.Now()
				records, _, err := h.Ledger.Append(context.Background(), entries...)
				if err != nil {
					b.Fatal(err)
				}
				ours += time.Since(began)
				began = time.Now()
				err = inTransaction(bare, insert, func(insert *sql.Stmt) error {
					for _, r := range records {
						if _, err := insert.Exec(r.Kind, r.Key, strings.Join(r.Subjects, ","), r.Time.String(), []byte(r.Body), r.Previous, r.Hash); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				theirs += time.Since(began)
			}
			began := time.Now()
			if err := h.Close(); err != nil {
				b.Fatal(err)
			}
			ours += time.Since(began)
			n := float64(b.N * size)
			b.ReportMetric(n/ours.Seconds(), "records/s")
			b.ReportMetric(n/theirs.Seconds(), "bare-rows/s")
			b.ReportMetric(theirs.Seconds()/ours.Seconds(), "of-bare")
		})
	}
}

func benchEntry(n int) ledger.Entry {
	return ledger.Entry{
		Kind: "observation", Key: fmt.Sprint("observation:arn:aws:ec2:eu-central-1:111122223333:instance/i-", n),
		Subjects: []string{fmt.Sprint("arn:aws:ec2:eu-central-1:111122223333:instance/i-", n%1000)},
		Body:     map[string]string{"Attributes": strings.Repeat("0123456789", 100)},
	}
}

func bareTable(b *testing.B) (*sql.DB, *sql.Stmt) {
	db := raw(b, filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	db.SetMaxOpenConns(1)
	mustExec(b, db, `CREATE TABLE record (sequence INTEGER PRIMARY KEY, kind TEXT, key TEXT, subjects TEXT, time TEXT, body BLOB, previous TEXT, hash TEXT) STRICT`)
	insert, err := db.Prepare(`INSERT INTO record (kind, key, subjects, time, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = insert.Close() })
	return db, insert
}

func inTransaction(db *sql.DB, insert *sql.Stmt, do func(insert *sql.Stmt) error) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(tx.Stmt(insert)); err != nil {
		return err
	}
	return tx.Commit()
}

// BenchmarkQueue sends, receives and deletes messages while others wait.
func BenchmarkQueue(b *testing.B) {
	for _, size := range []int{1, 10} {
		b.Run(fmt.Sprint("batch=", size), func(b *testing.B) {
			ctx, h := context.Background(), open(b, b.TempDir(), embedded.Options{})
			now := time.Now()
			var waiting []flow.Message
			for i := range 10_000 {
				waiting = append(waiting, flow.Message{ID: fmt.Sprint("waiting ", i), NotBefore: now.Add(time.Hour)})
			}
			if err := h.Queue.Send(ctx, waiting...); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			for i := range b.N {
				batch := make([]flow.Message, size)
				for j := range batch {
					batch[j] = flow.Message{ID: fmt.Sprint(i, "/", j), Kind: "observe", Body: []byte(`{"resource":"arn"}`)}
				}
				if err := h.Queue.Send(ctx, batch...); err != nil {
					b.Fatal(err)
				}
				got, err := h.Queue.Receive(ctx, size, time.Minute)
				if err != nil || len(got) != size {
					b.Fatalf("received %d, %v", len(got), err)
				}
				for _, d := range got {
					if err := h.Queue.Delete(ctx, d); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// BenchmarkOpen opens a home that exists.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	mustAppend(b, open(b, dir, embedded.Options{}), "a")
	for b.Loop() {
		h, err := embedded.Open(dir, embedded.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := h.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
