package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource/mototest"
	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
)

// TestMigrate moves a home with everything in it from a folder to AWS, cut off once in
// between, and back again.
func TestMigrate(t *testing.T) {
	mototest.Start(t)
	standInForKMS(t)
	ctx := t.Context()
	cfg := must(config.LoadDefaultConfig(ctx))(t)
	w := &workload{t: t, dir: t.TempDir(), s3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })}
	w.deployEmpty("moved", "alias/ledger")
	w.deployEmpty("keyless", "")
	w.deployEmpty("used", "alias/ledger")
	w.deployEmpty("other", "alias/ledger")
	follow(t, w.dir, []step{{0, "", "demo --out demo"}, {0, "", "baseline set --home demo/home --system LIMS --reason release --by QA"}})
	from := filepath.Join(w.dir, "demo", "home")
	fill(t, from)
	follow(t, w.dir, []step{
		{0, "(0 are there)", "migrate --from demo/home --to aws://moved --check"},
		{4, "there is no parameter /everqual/absent/home", "doctor --home aws://absent"},
		{1, "there is no parameter /everqual/absent/home", "migrate --from demo/home --to aws://absent"},
	})
	cutOff(t, from, "moved", 60)
	foreign(t, "used")
	follow(t, w.dir, []step{
		{0, "134 records (60 are there)", "migrate --from demo/home --to aws://moved"},
		{0, "it was moved before", "migrate --from demo/home --to aws://moved"},
		{0, "Verified: 136 records", "verify --home aws://moved"},
		{0, "134 records from demo/home to aws://moved", "history migration --home aws://moved"},
		{1, "the ledger moved to aws://moved", "baseline set --home demo/home --system LIMS --reason r --by QA"},
		{4, "all of 136 records are signed", "doctor --home aws://moved"}, // the rest is not deployed
		{0, "135 records and 41 blobs of a ledger of 135 records", "export --home aws://moved --out all.tar"},
		{4, "another ledger", "verify all.tar --key demo/home/keys/ledger.pub"},
		{0, "135 records", "import all.tar --home imported"},
		{0, "Verified: 136 records, 4 checkpoints", "verify --home imported"},
		{0, "To be moved", "migrate --from imported --to aws://other --check"},
		{0, "LIMS", "as-of --home aws://moved --system LIMS --time 2026-11-05"},
		{0, "no permission", "deadletter list --home aws://moved"},
		{1, "holds another ledger", "migrate --from demo/home --to aws://used"},
		{0, "aws://keyless has no key", "migrate --from demo/home --to aws://keyless"},
		{0, "Verified: 137 records", "verify --home aws://keyless"}, // with both moves
		{0, "136 records", "migrate --from aws://moved --to back"},
		{0, "Verified: 138 records", "verify --home back"},
		{1, "the ledger moved to back", "baseline set --home aws://moved --system LIMS --reason r --by QA"},
		{0, "Baseline", "baseline set --home back --system LIMS --reason r --by QA"},
	})
	there, back := must(awshome.Open(ctx, "keyless", awshome.Options{}))(t), must(embedded.Look(ctx, from, embedded.Options{}))(t)
	if a, b := contents(t, there), contents(t, back); a != b {
		t.Errorf("what was moved is\n%s\nnot\n%s", a, b)
	}
	for _, h := range []flow.Home{there, back} {
		check(t, h.Close())
	}
	if got := must(filepath.Glob(filepath.Join(w.dir, "back", "specs", "lims", "*")))(t); len(got) < 10 {
		t.Errorf("only %v came back", got)
	}
}

// fill puts a message and a dead letter into a home.
func fill(t *testing.T, dir string) {
	h := must(embedded.Open(dir, embedded.Options{}))(t)
	defer h.Close()
	ctx := context.Background()
	later := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	check(t, h.Queue.Send(ctx, flow.Message{ID: "dead", Kind: "observe", Subject: "s", Body: []byte(`{"a":1}`)}))
	d := must(h.Queue.Receive(ctx, 1, time.Minute))(t)
	letter := everqual.DeadLetter{
		ID: "dead", Kind: "observe", Subject: "s", Body: d[0].Body, Cause: "no permission", Attempts: 5, SentAt: d[0].SentAt, FailedAt: d[0].SentAt,
	}
	_, _, err := h.Ledger.Append(ctx, ledger.Entry{Kind: everqual.KindDeadLetter, Key: "dead", Subjects: []string{"s", "dead-letter:dead"}, Body: letter})
	check(t, err)
	check(t, h.Queue.Bury(ctx, d[0], letter))
	check(t, h.Queue.Send(ctx, flow.Message{ID: "waits", Kind: "observe", Subject: "s", Body: []byte(`{"b":2}`), NotBefore: later}))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// cutOff is what a migration leaves that was killed.
func cutOff(t *testing.T, dir, name string, records int) {
	ctx := context.Background()
	from := must(embedded.Look(ctx, dir, embedded.Options{}))(t)
	defer from.Close()
	to := must(awshome.Open(ctx, name, awshome.Options{}))(t)
	var some []everqual.Record
	for r, err := range from.Ledger.Records(ctx, ledger.Query{Limit: records}) {
		check(t, err)
		some = append(some, r)
	}
	check(t, to.Ledger.Restore(ctx, some))
	check(t, to.Close())
}

// foreign makes another ledger.
func foreign(t *testing.T, name string) {
	ctx := context.Background()
	to := must(awshome.Open(ctx, name, awshome.Options{}))(t)
	_, _, err := to.Ledger.Append(ctx, ledger.Entry{Kind: "test", Key: "k", Body: 1})
	check(t, err)
	check(t, to.Close())
}

// contents are records, messages and letters of a home, to be compared.
func contents(t *testing.T, h flow.Home) string {
	ctx := context.Background()
	var b strings.Builder
	for r, err := range h.Ledger.Records(ctx, ledger.Query{}) {
		check(t, err)
		if r.Kind == everqual.KindMigration {
			continue // is the new home's own
		}
		fmt.Fprintln(&b, r.Sequence, r.Kind, r.Key, r.Subjects, r.Time, string(r.Body), r.Hash)
	}
	for _, m := range must(h.Queue.Messages(ctx))(t) {
		fmt.Fprintln(&b, m.ID, m.Kind, m.Subject, string(m.Body), m.SentAt, m.NotBefore)
	}
	for _, l := range must(h.Queue.DeadLetters(ctx))(t) {
		fmt.Fprintln(&b, l.ID, l.Kind, l.Subject, string(l.Body), l.Cause, l.Attempts, l.SentAt, l.FailedAt)
	}
	return b.String()
}

// What is appended while a home is moved is carried over by another pass; what comes
// after the last one is reported.
func TestMigrateMeanwhile(t *testing.T) {
	ctx := t.Context()
	a := &app{output: "text"}
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	works := must(embedded.Open(from, embedded.Options{}))(t)
	defer works.Close()
	appendOne := func(key string) {
		_, _, err := works.Ledger.Append(ctx, ledger.Entry{Kind: "test", Key: key, Body: 1})
		check(t, err)
	}
	appendOne("first")
	check(t, takeOver(ctx, works))
	m := migration{by: "q"}
	check(t, a.sides(ctx, &m, from, to, false))
	defer m.close()
	var n moved
	check(t, m.compare(ctx, &n))
	appendOne("after it was compared")
	check(t, m.copyLedger(ctx, &n, newProgress()))
	keys := must(m.from.ownKeyTexts(ctx, m.from.Home))(t)
	check(t, m.copyKeys(ctx, keys, &n))
	check(t, m.same(ctx, &n))
	if head := must(m.to.Ledger.Head(ctx))(t); head.Sequence != 3 || n.Records != 3 || n.Head != head.Hash {
		t.Errorf("moved %d records to head %d", n.Records, head.Sequence)
	}
	appendOne("after it was copied")
	check(t, m.end(ctx, &n))
	if _, left, err := works.Ledger.MovedTo(ctx); err != nil || left.Sequence > 0 {
		t.Errorf("a home of which not all was moved ends with record %d, %v", left.Sequence, err)
	}
	var out strings.Builder
	if err := a.printMoved(&out, n); n.Later != 1 || err != exitCode(exitPartly) || !strings.Contains(out.String(), "1 records were appended") {
		t.Errorf("%d were appended later: %v\n%s", n.Later, err, out.String())
	}
}

// A migration that was cut off when all had arrived is ended by the next, and recorded
// once. An old home that cannot be written to has moved all the same, and is told of.
func TestMigrateCutOffAtTheEnd(t *testing.T) {
	ctx := t.Context()
	a := &app{output: "text"}
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	works := must(embedded.Open(from, embedded.Options{}))(t)
	_, _, err := works.Ledger.Append(ctx, ledger.Entry{Kind: "test", Key: "k", Body: 1})
	check(t, errors.Join(err, works.Close()))
	m := migration{by: "anna", reason: "because"}
	check(t, a.sides(ctx, &m, from, to, false))
	var n moved
	keys := must(m.from.ownKeyTexts(ctx, m.from.Home))(t)
	check(t, errors.Join(m.compare(ctx, &n), m.copyLedger(ctx, &n, newProgress()), m.copyKeys(ctx, keys, &n), m.same(ctx, &n)))
	m.from.home = filepath.Join(from, "everqual.db", "x") // where nothing can be written
	check(t, errors.Join(m.end(ctx, &n), m.close()))
	if n.Untold == "" || n.Records != 2 || a.printMoved(io.Discard, n) != exitCode(exitPartly) {
		t.Errorf("an old home that cannot be told: %+v", n)
	}
	for range 2 {
		m := migration{by: "somebody else"}
		check(t, a.sides(ctx, &m, from, to, false))
		n := must(m.run(ctx, false))(t)
		if check(t, m.close()); n.Untold != "" || !n.Before || n.Records != 2 {
			t.Errorf("once more: %+v", n)
		}
	}
	for home, kind := range map[string]everqual.Kind{from: everqual.KindMoved, to: everqual.KindMigration} {
		h := must(embedded.Look(ctx, home, embedded.Options{}))(t)
		count, signed := 0, uint64(0)
		for r, err := range h.Ledger.Records(ctx, ledger.Query{}) {
			check(t, err)
			switch r.Kind {
			case kind:
				count++
				m := must(ledger.Body[everqual.Migration](r))(t)
				if r.Sequence != 3 || m.Records != 2 || m.Head != r.Previous || m.By != "anna" || m.Reason != "because" || m.From.Origin == "" || m.To.Origin == "" || m.To.Name != to {
					t.Errorf("record %d is %+v", r.Sequence, m)
				}
			case everqual.KindCheckpoint:
				signed = r.Sequence - 1
			}
		}
		if count != 1 || signed != 3 {
			t.Errorf("%s has %d records of the move, and %d are signed", home, count, signed)
		}
		check(t, h.Close())
		if r := must((&app{home: home}).verifyHome(ctx, verify.Trust{}, false))(t); !r.OK() {
			t.Errorf("%s: %+v", home, r.Findings)
		}
	}
}
