package embedded_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
)

// BenchmarkAppend appends records through the ledger, and inserts the same bytes into a
// bare table of the same durability in turn. The metric "of-bare" is the ledger's speed
// as a part of the table's, with what closing the home adds. An event is like
// CloudTrail's, of about 1.5 kB; an observation repeats itself; a random body of 1 kB
// cannot be compressed.
func BenchmarkAppend(b *testing.B) {
	for _, body := range []struct {
		name string
		of   func(n int) ledger.Entry
	}{{"event", benchEvent}, {"observation", benchObservation}, {"random", benchRandom}} {
		for _, size := range []int{1, 10, 100, 1000} {
			b.Run(fmt.Sprintf("%s/batch=%d", body.name, size), func(b *testing.B) { benchAppend(b, body.of, size) })
		}
	}
}

func benchAppend(b *testing.B, entry func(n int) ledger.Entry, size int) {
	h := open(b, b.TempDir(), embedded.Options{})
	bare, insert := bareTable(b)
	var ours, theirs time.Duration
	for i := range b.N {
		entries := make([]ledger.Entry, size)
		for j := range entries {
			entries[j] = entry(i*size + j)
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
}

const anInstance = "arn:aws:ec2:eu-central-1:111122223333:instance/i-"

// hexOf is text that no other number gives.
func hexOf(n, digits int) string {
	var text strings.Builder
	for i := 0; text.Len() < digits; i++ {
		text.WriteString(everqual.DigestOf(fmt.Append(nil, n, i)).Hex())
	}
	return text.String()[:digits]
}

func benchEvent(n int) ledger.Entry {
	id, instance := hexOf(n, 36), anInstance+hexOf(n%1000, 17)
	envelope := fmt.Appendf(nil, `{"version":"0","id":%q,"detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"111122223333","time":"2026-03-01T12:%02d:%02dZ","region":"eu-central-1","resources":[],"detail":{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROA%[4]s:deploy","arn":"arn:aws:sts::111122223333:assumed-role/deploy/deploy","accountId":"111122223333","accessKeyId":"ASIA%[4]s","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA%[4]s","arn":"arn:aws:iam::111122223333:role/deploy","accountId":"111122223333","userName":"deploy"},"attributes":{"creationDate":"2026-03-01T11:%02[2]d:00Z","mfaAuthenticated":"false"}}},"eventTime":"2026-03-01T12:%02[2]d:%02[3]dZ","eventSource":"ec2.amazonaws.com","eventName":"ModifyInstanceAttribute","awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.%[5]d","userAgent":"APN/1.0 HashiCorp/1.0 Terraform/1.9","requestParameters":{"instanceId":%[6]q,"groupSet":{"items":[{"groupId":"sg-%[7]s"}]}},"responseElements":{"requestId":%[8]q,"_return":true},"requestID":%[8]q,"eventID":%[1]q,"readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}}`,
		id, n/60%60, n%60, hexOf(n%7, 16), n%200, instance, hexOf(n%50, 17), hexOf(-n, 36))
	e := everqual.ReceivedEvent{ChangeEvent: everqual.ChangeEvent{
		ID: id, Source: "eventbridge", Service: "ec2.amazonaws.com", Name: "ModifyInstanceAttribute", Time: grown, Envelope: envelope,
	}}
	return ledger.Entry{Kind: everqual.KindChangeEvent, Key: "event:" + id, Subjects: []string{instance, id}, Body: e}
}

func benchObservation(n int) ledger.Entry {
	return ledger.Entry{
		Kind: everqual.KindObservation, Key: fmt.Sprint("observation:", anInstance, n), Subjects: []string{fmt.Sprint(anInstance, n%1000)},
		Body: map[string]string{"Attributes": strings.Repeat("0123456789", 100)},
	}
}

func benchRandom(n int) ledger.Entry {
	e := benchObservation(n)
	e.Body = map[string]string{"Attributes": hexOf(n, 1000)}
	return e
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
