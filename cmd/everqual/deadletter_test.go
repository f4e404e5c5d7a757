package main

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/everqual/everqual/flow"
)

// buried makes a home with an open dead letter, whose message was no JSON.
func buried(t *testing.T) (home string) {
	t.Helper()
	home = filepath.Join(t.TempDir(), "home")
	a := &app{home: home}
	c := must(a.corridor(t.Context(), parts{describer: blind(), settings: flow.DefaultSettings()}))(t)
	if err := c.Queue.Send(t.Context(), flow.Message{ID: "broken", Kind: "observe", Subject: "arn:x", Body: []byte(`{}}`)}); err != nil {
		t.Fatal(err)
	}
	if n := must(c.Work(t.Context()))(t); n.DeadLetters != 1 {
		t.Fatalf("work is %+v", n)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return home
}

// TestDeadLettersAreTheLedgers changes the queue's copy of a dead letter, as somebody
// with the file could: list, doctor and verify say so, and it can be decided about.
func TestDeadLettersAreTheLedgers(t *testing.T) {
	for _, test := range []struct{ name, statement, says string }{
		{"as it was", "", ""},
		{"gone", `DELETE FROM dead_letter`, "its message is gone from the queue"},
		{"another cause", `UPDATE dead_letter SET cause = 'all is well'`, `cause "all is well", recorded "its bytes cannot be read`},
		{"another time", `UPDATE dead_letter SET failed_at = 0`, `failed "1970-01-01T00:00:00Z", recorded`},
		{"another body", `UPDATE dead_letter SET body = x'7b7d'`, "its body is another one"},
		{"another id", `UPDATE dead_letter SET id = 'z'`, "z: the ledger does not hold it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			home := buried(t)
			db := must(sql.Open("sqlite", filepath.Join(home, "everqual.db")))(t)
			if _, err := db.Exec(test.statement); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			shown, err := program("deadletter", "list", "--home", home)
			if err != nil || !strings.Contains(shown, "its bytes cannot be read") || !strings.Contains(shown, test.says) {
				t.Errorf("list: %v\n%s", err, shown)
			}
			verified, err := program("verify", "--home", home)
			if (err == nil) != (test.says == "") || !strings.Contains(verified, test.says) {
				t.Errorf("verify: %v\n%s", err, verified)
			}
			if seen, err := program("doctor", "--offline", "--home", home); err == nil || !strings.Contains(seen, "dead letters") {
				t.Errorf("doctor: %v\n%s", err, seen)
			}
			if out, err := program("deadletter", "dispose", "broken", "--home", home, "--reason", "it was damaged"); err != nil {
				t.Errorf("dispose: %v\n%s", err, out)
			}
			if left, err := program("deadletter", "list", "--home", home); err != nil || strings.Contains(left, "broken") {
				t.Errorf("list after that: %v\n%s", err, left)
			}
		})
	}
}

// TestImportedDeadLetters: a bundle brings no queue, but what is open stays open, and
// is no finding.
func TestImportedDeadLetters(t *testing.T) {
	home := buried(t)
	file, restored := filepath.Join(t.TempDir(), "all.tar"), filepath.Join(t.TempDir(), "restored")
	for _, args := range [][]string{
		{"export", "--home", home, "--out", file}, {"import", file, "--home", restored}, {"verify", "--home", restored},
	} {
		if out, err := program(args...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	if out, err := program("deadletter", "list", "--home", restored); err != nil || !strings.Contains(out, "broken") || strings.Contains(out, "look at") {
		t.Errorf("list: %v\n%s", err, out)
	}
}
