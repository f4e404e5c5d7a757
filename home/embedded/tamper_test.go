package embedded_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
)

func TestShapeIsKnown(t *testing.T) {
	known, is, err := embedded.Shapes()
	if err != nil || known != is {
		t.Errorf("shapeNow is %q, and should be %q, %v", known, is, err)
	}
}

// Triggers that are dropped for the time of a change, and made again.
const (
	headTrigger    = `CREATE TRIGGER head_only_forward BEFORE UPDATE ON head WHEN NEW.sequence <= OLD.sequence` + "\n" + `BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END`
	headRow        = `CREATE TRIGGER head_no_delete BEFORE DELETE ON head` + "\n" + `BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END`
	indexedTrigger = `CREATE TRIGGER indexed_no_delete BEFORE DELETE ON indexed` + "\n" + `BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END`
)

// TestReachedInto changes a home that nobody has open. It is not opened again, neither to
// work in it nor to look: the error says what is wrong.
func TestReachedInto(t *testing.T) {
	for _, test := range []struct{ name, change, want string }{
		{"a trigger that drops messages", `CREATE TRIGGER evil BEFORE INSERT ON message BEGIN SELECT RAISE(IGNORE); END`, "trigger evil is not Everqual's"},
		{"a trigger that drops pages", `CREATE TRIGGER evil BEFORE INSERT ON page BEGIN SELECT RAISE(IGNORE); END`, "trigger evil is not Everqual's"},
		{"a trigger gone", `DROP TRIGGER page_no_delete`, "trigger page_no_delete is gone"},
		{"a trigger that does nothing", `DROP TRIGGER page_no_delete; CREATE TRIGGER page_no_delete BEFORE DELETE ON page BEGIN SELECT 1; END`, "trigger page_no_delete is not as Everqual made it"},
		{"a view for the pages", `DROP TRIGGER page_no_update; DROP TRIGGER page_no_delete; DROP TRIGGER page_no_replace;
			ALTER TABLE page RENAME TO page2; CREATE VIEW page AS SELECT * FROM page2 WHERE first < 3`, "view page is not Everqual's"},
		{"a view for the messages", `ALTER TABLE message RENAME TO message2; CREATE VIEW message AS SELECT * FROM message2`, "table message is gone"},
		{"a view beside", `CREATE VIEW v AS SELECT * FROM page`, "view v is not Everqual's"},
		{"a table", `CREATE TABLE x (y)`, "table x is not Everqual's"},
		{"a column", `ALTER TABLE message ADD COLUMN x TEXT`, "table message is not as Everqual made it"},
		{"an index", `CREATE INDEX i ON message (id)`, "index i is not Everqual's"},
		{"an index gone", `DROP INDEX message_due`, "index message_due is gone"},
		{"an index beyond the head", `UPDATE indexed SET sequence = 20000`, "the index says that it goes up to record 20000, the last record is"},
		{"no row of the head", `DROP TRIGGER head_no_delete; DELETE FROM head; ` + headRow, "the row that says which record is the last (table head) is gone"},
		{"a head without a hash", `DROP TRIGGER head_only_forward; UPDATE head SET hash = ''; ` + headTrigger, "(table head) is damaged"},
		{"a head with some text", `DROP TRIGGER head_only_forward; UPDATE head SET hash = 'x'; ` + headTrigger, "(table head) is damaged"},
		{"a head below nothing", `DROP TRIGGER head_only_forward; UPDATE head SET sequence = -5; ` + headTrigger, "(table head) is damaged"},
		{"no row of the index", `DROP TRIGGER indexed_no_delete; DELETE FROM indexed; ` + indexedTrigger, "the row that says how far the index goes (table indexed) is gone"},
		{"version 0", `PRAGMA user_version = 0`, "its header says no version"},
		{"version 1", `PRAGMA user_version = 1`, "its header says that its stored format is version 1, its tables are those of version 5"},
		{"version 2", `PRAGMA user_version = 2`, "is version 2, its tables are those of version 5"},
		{"version 3", `PRAGMA user_version = 3`, "is version 3, its tables are those of version 5"},
		{"version 4", `PRAGMA user_version = 4`, "is version 4, its tables are those of version 5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			h := openDamaged(t, dir)
			mustAppend(t, h, "a", "b", "c")
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, dbName)
			db := raw(t, path)
			mustExec(t, db, test.change)
			db.Close()
			before, _ := os.ReadFile(path)
			h, err := embedded.Open(dir, embedded.Options{})
			if err == nil {
				t.Fatal("it was opened", h.Close())
			}
			if !strings.Contains(err.Error(), test.want) || !everqual.IsPermanent(err) {
				t.Errorf("got %v, want %q, permanent", err, test.want)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file was changed")
			}
			h, err = embedded.Look(context.Background(), dir, embedded.Options{})
			if err == nil {
				t.Fatal("it was opened to be read", h.Close())
			}
			if !strings.HasPrefix(test.name, "version") && !strings.Contains(err.Error(), test.want) {
				t.Errorf("to be read: got %v, want %q", err, test.want)
			}
		})
	}
}

// What SQLite makes for itself is no change.
func TestAnalyzed(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir, embedded.Options{})
	mustAppend(t, h, "a")
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	mustExec(t, raw(t, filepath.Join(dir, dbName)), `ANALYZE; VACUUM`)
	mustAppend(t, open(t, dir, embedded.Options{}), "b")
}

// TestIndexAhead says of records that they are in the index, which are not: what is
// appended again is not kept twice, and the index is found not to be whole.
func TestIndexAhead(t *testing.T) {
	for _, test := range []struct {
		name, change, want string
		refused            bool
	}{
		{"beyond the head", `UPDATE indexed SET sequence = 20000`, "goes up to record 20000, the last record is 600", true},
		{"at the head", `UPDATE indexed SET sequence = 600`, "goes up to record 600, and does not know the records from 593 on", true},
		{"before the head", `UPDATE indexed SET sequence = 590`, "does not know the records from 577 on", true},
		{"with rows of its end", `INSERT INTO mention SELECT name, kind, 593 FROM put_off; DROP TABLE put_off; UPDATE indexed SET sequence = 600`, "record 1 is not found by its key", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			h := openDamaged(t, dir)
			var entries []ledger.Entry
			for i := range 600 {
				entries = append(entries, entry(fmt.Sprint("k", i)))
			}
			if _, _, err := h.Ledger.Append(context.Background(), entries...); err != nil {
				t.Fatal(err)
			}
			db := raw(t, filepath.Join(dir, dbName))
			if strings.Contains(test.change, "put_off") {
				mustExec(t, db, `CREATE TABLE put_off (name, kind)`)
				mustExec(t, db, `INSERT INTO put_off VALUES (?, 0)`, embedded.NameNumber("k599"))
			}
			mustExec(t, db, test.change)
			other, end, err := embedded.OpenUnchecked(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer end()
			_, _, err = other.Append(context.Background(), entry("k1"))
			if test.refused && (err == nil || !strings.Contains(err.Error(), test.want) || !everqual.IsPermanent(err)) {
				t.Errorf("append: %v, want %q", err, test.want)
			}
			want := test.want
			if strings.Contains(want, "does not know") { // which only an append, that looks for little, says
				want = "record 1 is not found by its key"
			}
			if err := other.Indexed(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the index: %v, want %q", err, want)
			}
		})
	}
}

// TestNotWritten makes SQLite drop what is written, and say that all is well, while the
// home is open: what was not written was not done.
func TestNotWritten(t *testing.T) {
	ctx := context.Background()
	send := func(h flow.Home) error { return h.Queue.Send(ctx, flow.Message{ID: "new"}) }
	append := func(h flow.Home) error {
		_, _, err := h.Ledger.Append(ctx, entry("new"))
		return err
	}
	put := func(h flow.Home) error { return h.Archive.Put(ctx, everqual.DigestOf([]byte("new")), []byte("new")) }
	for _, test := range []struct {
		table string
		write func(h flow.Home) error
	}{
		{"page", append}, {"head", append}, {"message", send}, {"blob", put},
		{"dead_letter", func(h flow.Home) error {
			got, err := h.Queue.Receive(ctx, 1, 1e9)
			if err != nil || len(got) != 1 {
				t.Fatal(got, err)
			}
			return h.Queue.Bury(ctx, got[0], everqual.DeadLetter{ID: got[0].ID, Cause: "c"})
		}},
		{"message", func(h flow.Home) error { return h.Queue.Redrive(ctx, "dead") }},
	} {
		t.Run(test.table, func(t *testing.T) {
			dir := t.TempDir()
			h := openDamaged(t, dir)
			mustAppend(t, h, "a")
			for _, id := range []string{"dead", "old"} {
				if err := h.Queue.Send(ctx, flow.Message{ID: id}); err != nil {
					t.Fatal(err)
				}
				if id == "dead" {
					got, err := h.Queue.Receive(ctx, 1, 1e9)
					if err != nil || len(got) != 1 || h.Queue.Bury(ctx, got[0], everqual.DeadLetter{ID: id}) != nil {
						t.Fatal(got, err)
					}
				}
			}
			what := "INSERT"
			if test.table == "head" {
				what = "UPDATE"
			}
			mustExec(t, raw(t, filepath.Join(dir, dbName)), `CREATE TRIGGER evil BEFORE `+what+` ON `+test.table+` BEGIN SELECT RAISE(IGNORE); END`)
			if err := h.Queue.Send(ctx, flow.Message{ID: "old"}); err != nil {
				t.Errorf("what waits already is not sent again: %v", err)
			}
			pending, _, _ := h.Queue.Pending(ctx)
			letters, _ := h.Queue.DeadLetters(ctx)
			head, _ := h.Ledger.Head(ctx)
			err := test.write(h)
			if err == nil {
				t.Fatal("it was taken for done")
			}
			if test.table != "head" && (!strings.Contains(err.Error(), "the database was changed") || !everqual.IsPermanent(err)) {
				t.Errorf("got %v", err)
			}
			after, _ := h.Ledger.Head(ctx)
			if n, _, _ := h.Queue.Pending(ctx); n != pending || after != head {
				t.Errorf("%d messages after %d, %v after %v", n, pending, after, head)
			}
			if now, _ := h.Queue.DeadLetters(ctx); len(now) != len(letters) {
				t.Errorf("%d letters after %d", len(now), len(letters))
			}
		})
	}
}

// TestUnreadablePage spoils a page: what is before it is given, and the error says which
// records cannot be read.
func TestUnreadablePage(t *testing.T) {
	for _, test := range []struct {
		first, before int
		descending    bool
		want          string
	}{
		{1, 0, false, "records 1 to 16 cannot be read"}, {17, 16, false, "records 17 to 32 cannot be read"},
		{49, 48, false, "records 49 to 50 cannot be read"}, {51, 50, false, "records from 51 on cannot be read"},
		{17, 19, true, "records 17 to 32 cannot be read"}, {51, 0, true, "records from 51 on cannot be read"},
	} {
		t.Run(fmt.Sprint(test.first, test.descending), func(t *testing.T) {
			dir := t.TempDir()
			h := openDamaged(t, dir)
			for from := range 2 {
				var entries []ledger.Entry
				for i := range 50 - 49*from { // record 51 is a page
					entries = append(entries, entry(fmt.Sprint(from, "/", i)))
				}
				if _, _, err := h.Ledger.Append(context.Background(), entries...); err != nil {
					t.Fatal(err)
				}
			}
			db := raw(t, filepath.Join(dir, dbName))
			mustExec(t, db, `DROP TRIGGER page_no_update; UPDATE page SET records = x'7b7d' WHERE first = ?`, test.first)
			seen := 0
			for _, err := range h.Ledger.Records(context.Background(), ledger.Query{Descending: test.descending}) {
				if err == nil {
					seen++
					continue
				}
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
				if seen != test.before {
					t.Errorf("%d records before it, want %d", seen, test.before)
				}
				return
			}
			t.Error("no error")
		})
	}
}
