package embedded_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/home/embedded/page"
	"github.com/everqual/everqual/ledger"
)

const dbName = "everqual.db"

func entry(key string) ledger.Entry {
	return ledger.Entry{Kind: "test", Key: key, Subjects: []string{"s"}, Body: map[string]string{"key": key}}
}

func mustAppend(t testing.TB, h flow.Home, keys ...string) {
	t.Helper()
	for _, k := range keys {
		if _, _, err := h.Ledger.Append(context.Background(), entry(k)); err != nil {
			t.Fatalf("append %s: %v", k, err)
		}
	}
}

// raw opens the file as any SQLite tool would.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func mustExec(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func TestPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "home")
	h := open(t, dir, embedded.Options{})
	mustAppend(t, h, "a")
	seen := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		seen[d.Name()] = true
		return nil
	})
	if err != nil || !seen[dbName] || !seen[dbName+"-wal"] || !seen[dbName+"-shm"] {
		t.Errorf("the files are %v, %v", seen, err)
	}
}

func TestOddNames(t *testing.T) {
	for _, name := range []string{"with space", "a?b=c&d", "a#b", "100%41", "it's \"quoted\"", "Ölprüfung 日本", "file:x", "new\nline"} {
		dir := filepath.Join(t.TempDir(), name)
		mustAppend(t, open(t, dir, embedded.Options{}), "a")
		if _, err := os.Stat(filepath.Join(dir, dbName)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	t.Chdir(t.TempDir())
	mustAppend(t, open(t, "relative", embedded.Options{}), "a")
	t.Chdir(t.TempDir())
	mustAppend(t, open(t, ".", embedded.Options{}), "a")
}

// TestRefused opens what is no home, or none for this program. The error says
// where and what to do, and the file stays as it was.
func TestRefused(t *testing.T) {
	write := func(name, text string) func(t *testing.T, dir string) string {
		return func(t *testing.T, dir string) string {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return dir
		}
	}
	tests := []struct {
		name string
		make func(t *testing.T, dir string) string
		want []string
	}{
		{"a text file", write(dbName, strings.Repeat("not a database\n", 1000)), []string{dbName, "another program's file", "name another directory"}},
		{"a database of another program", func(t *testing.T, dir string) string {
			mustExec(t, raw(t, filepath.Join(dir, dbName)), `CREATE TABLE x (y); PRAGMA user_version = 1`)
			return dir
		}, []string{dbName, "another program's file"}},
		{"a home of a newer program", func(t *testing.T, dir string) string {
			if err := open(t, dir, embedded.Options{}).Close(); err != nil {
				t.Fatal(err)
			}
			mustExec(t, raw(t, filepath.Join(dir, dbName)), `PRAGMA user_version = 1000`)
			return dir
		}, []string{dbName, "version 1000", "use the newer everqual"}},
		{"a home without its database", func(t *testing.T, dir string) string {
			if err := os.Mkdir(filepath.Join(dir, "archive"), 0o700); err != nil {
				t.Fatal(err)
			}
			return dir
		}, []string{"was a home but has no whole " + dbName, "restore it from a backup"}},
		{"a file for a directory", func(t *testing.T, dir string) string {
			return filepath.Join(write("file", "x")(t, dir), "file")
		}, []string{"is a file", "name a directory"}},
		{"below a file", func(t *testing.T, dir string) string {
			return filepath.Join(write("file", "x")(t, dir), "file", "home")
		}, []string{"file/home", "choose a directory"}},
		{"a directory for the file", func(t *testing.T, dir string) string {
			if err := os.Mkdir(filepath.Join(dir, dbName), 0o700); err != nil {
				t.Fatal(err)
			}
			return dir
		}, []string{dbName, "choose a directory"}},
		{"a torn file", func(t *testing.T, dir string) string {
			h := open(t, dir, embedded.Options{})
			mustAppend(t, h, "a")
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(filepath.Join(dir, dbName), 5000); err != nil {
				t.Fatal(err)
			}
			return dir
		}, []string{dbName, "restore it from a backup"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := test.make(t, t.TempDir())
			before, _ := os.ReadFile(filepath.Join(dir, dbName))
			h, err := embedded.Open(dir, embedded.Options{})
			if err == nil {
				t.Fatal("it was opened", h.Close())
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q does not say %q", err, want)
				}
			}
			if after, _ := os.ReadFile(filepath.Join(dir, dbName)); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
}

// TestAppendOnly tries to change the ledger with another tool.
func TestAppendOnly(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir, embedded.Options{})
	mustAppend(t, h, "a", "b", "c")
	db := raw(t, filepath.Join(dir, dbName))
	for _, query := range []string{
		`UPDATE page SET records = x'00' WHERE first = 2`,
		`UPDATE page SET first = first`,
		`DELETE FROM page WHERE first = 3`,
		`DELETE FROM page`,
		`INSERT OR REPLACE INTO page SELECT first, x'00' FROM page WHERE first = 2`,
		`INSERT INTO page SELECT -1, records FROM page WHERE first = 2`,
		`UPDATE indexed SET sequence = 0`,
		`DELETE FROM indexed`,
		`INSERT OR REPLACE INTO indexed VALUES (1, 0)`,
		`UPDATE head SET sequence = 2`,
		`UPDATE head SET hash = ''`,
		`DELETE FROM head`,
		`INSERT OR REPLACE INTO head VALUES (1, 0, '')`,
	} {
		if _, err := db.Exec(query); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", query, err)
		}
	}
	if err := h.Ledger.Check(context.Background()); err != nil {
		t.Error(err)
	}
	mustAppend(t, h, "d")
	mustExec(t, db, `INSERT INTO mention VALUES (1, 1, 1)`)
	for _, query := range []string{`UPDATE mention SET name = 2`, `DELETE FROM mention`} {
		if _, err := db.Exec(query); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", query, err)
		}
	}
	if err := h.Ledger.Check(context.Background()); err == nil || !strings.Contains(err.Error(), "found by what they do not mention") {
		t.Errorf("a row of the index that nobody made: %v", err)
	}
}

func does(query string) func(*testing.T, *sql.DB) {
	return func(t *testing.T, db *sql.DB) { mustExec(t, db, query) }
}

// changeBody writes another body into record 2, the first of a page.
func changeBody(t *testing.T, db *sql.DB) {
	t.Helper()
	var text []byte
	if err := db.QueryRow(`SELECT records FROM page WHERE first = 2`).Scan(&text); err != nil {
		t.Fatal(err)
	}
	records, err := page.Decode(2, text)
	if err != nil {
		t.Fatal(err)
	}
	records[0].Body = []byte("{}")
	text, _ = new(page.Encoder).Encode(records)
	mustExec(t, db, `UPDATE page SET records = ? WHERE first = 2`, text)
}

// TestTampered changes the file behind the triggers' back. Reading says which
// record is wrong.
func TestTampered(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, db *sql.DB)
		want   string
	}{
		{"a changed body", changeBody, "record 2: its content"},
		{"a page that is none", does(`UPDATE page SET records = x'7b7d' WHERE first = 2`), "record 2: read its page"},
		{"a page that is cut off", does(`UPDATE page SET records = substr(records, 1, length(records) - 1) WHERE first = 2`), "record 2: its page is cut short"},
		{"a record gone", does(`DELETE FROM page WHERE first = 2`), "record 3 follows record 1"},
		{"the last record gone", does(`DELETE FROM page WHERE first = 3`), "the end is missing"},
		{"all records gone", does(`DELETE FROM page`), "the end is missing"},
		{"a head behind", does(`UPDATE head SET sequence = 2`), "record 2: its hash is not the one that the head says"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			h := openDamaged(t, dir)
			mustAppend(t, h, "a", "b", "c")
			db := raw(t, filepath.Join(dir, dbName))
			for _, table := range []string{"page_no_update", "page_no_delete", "head_only_forward"} {
				mustExec(t, db, `DROP TRIGGER `+table)
			}
			test.damage(t, db)
			if err := h.Ledger.Check(context.Background()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestBeyondHead appends where a record is that the head does not know: this
// must end as an error, not in turns without end.
func TestBeyondHead(t *testing.T) {
	dir := t.TempDir()
	h := openDamaged(t, dir)
	mustAppend(t, h, "a")
	mustExec(t, raw(t, filepath.Join(dir, dbName)),
		`INSERT INTO page SELECT 2, records FROM page WHERE first = 1`)
	_, _, err := h.Ledger.Append(context.Background(), entry("b"))
	if err == nil || !strings.Contains(err.Error(), "insert record 2") {
		t.Errorf("got %v", err)
	}
}

// TestMadeAtOnce opens one new home many times at once.
func TestMadeAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			h, err := embedded.Open(dir, embedded.Options{})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			defer h.Close()
			if _, _, err := h.Ledger.Append(context.Background(), entry(fmt.Sprint(i))); err != nil {
				t.Errorf("append: %v", err)
			}
		})
	}
	wg.Wait()
	h := open(t, dir, embedded.Options{})
	appended := 0
	for r, err := range h.Ledger.Records(context.Background(), ledger.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind != everqual.KindCheckpoint {
			appended++
		}
	}
	if appended != 8 {
		t.Errorf("%d records besides checkpoints, want 8", appended)
	}
}

// TestInterrupted cancels appends and sends at any moment: what was
// acknowledged is there, and the home stays usable.
func TestInterrupted(t *testing.T) {
	h := open(t, t.TempDir(), embedded.Options{})
	began := time.Now()
	for i := range 5 {
		mustAppend(t, h, fmt.Sprint("before ", i))
	}
	usual := time.Since(began) / 5
	appended, sent, cancelled := 0, 0, 0
	for i := range 300 {
		limit := usual * time.Duration(i) / 100
		if i >= 290 {
			limit = time.Minute // on a busy machine too
		}
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		key := fmt.Sprint(i)
		_, _, err := h.Ledger.Append(ctx, entry(key))
		if _, kept, e := h.Ledger.Find(context.Background(), key); e != nil || err == nil && !kept {
			t.Fatalf("append %d was acknowledged, kept %t, %v", i, kept, e)
		}
		if err == nil {
			appended++
		} else {
			cancelled++
		}
		if err := h.Queue.Send(ctx, flow.Message{ID: key}); err == nil {
			sent++
		}
		cancel()
	}
	n, _, err := h.Queue.Pending(context.Background())
	if err != nil || n < sent {
		t.Errorf("%d messages wait, %v; %d were acknowledged", n, err, sent)
	}
	if err := h.Ledger.Check(context.Background()); err != nil {
		t.Error(err)
	}
	mustAppend(t, h, "after all")
	if appended == 0 || cancelled == 0 {
		t.Errorf("%d appends were acknowledged, %d cancelled: the test has to see both", appended, cancelled)
	}
}

// TestOpensFast looks at the fastest of some tries, so that a busy machine
// does not fail it.
func TestOpensFast(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir, embedded.Options{})
	for i := range 50 {
		mustAppend(t, h, fmt.Sprint(i))
	}
	best := time.Hour
	for range 10 {
		began := time.Now()
		h, err := embedded.Open(dir, embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(began))
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if best > 20*time.Millisecond {
		t.Errorf("opening a home takes %v, want at most 20ms", best)
	}
}

// A defect within a change leaves neither a lock nor half a change behind.
func TestDefect(t *testing.T) {
	dir := t.TempDir()
	mustAppend(t, open(t, dir, embedded.Options{}), "a")
	if recovered, err := embedded.Defect(dir); recovered == nil || err != nil {
		t.Errorf("recovered %v; the next change: %v", recovered, err)
	}
}

// TestClosedWhileAppending closes a home in which others append: each append is done
// or refused.
func TestClosedWhileAppending(t *testing.T) {
	dir := t.TempDir()
	h := openDamaged(t, dir)
	mustAppend(t, h, "first")
	var appended atomic.Int64
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := 0; ; j++ {
				if _, _, err := h.Ledger.Append(context.Background(), entry(fmt.Sprint(i, "/", j))); err != nil {
					return
				}
				appended.Add(1)
			}
		})
	}
	for appended.Load() < 20 {
		time.Sleep(time.Millisecond)
	}
	_ = h.Close() // it may fail to seal: the ledger does not stand still
	wg.Wait()
	h = open(t, dir, embedded.Options{})
	head, err := h.Ledger.Head(context.Background())
	if err := errors.Join(err, h.Ledger.Check(context.Background())); err != nil || int64(head.Sequence) < 1+appended.Load() {
		t.Errorf("%d records of %d that were acknowledged, %v", head.Sequence, 1+appended.Load(), err)
	}
}
