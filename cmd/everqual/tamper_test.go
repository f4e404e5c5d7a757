package main

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	_ "modernc.org/sqlite"
)

// TestNothingRestsOnATamperedLedger turns the FAILs of a home into PASSes, as
// somebody with the file could, and expects every statement to be refused.
func TestNothingRestsOnATamperedLedger(t *testing.T) {
	dir := t.TempDir()
	home := filepath.Join(dir, "out", "home")
	if out, err := program("demo", "--out", filepath.Join(dir, "out")); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	db, err := sql.Open("sqlite", filepath.Join(home, "everqual.db"))
	if err != nil {
		t.Fatal(err)
	}
	again := dropTriggers(t, db)
	rewrite(t, db, func(r *everqual.Record) bool {
		if r.Kind == everqual.KindAssessment {
			replaced(r, `"FAIL"`, `"PASS"`)
		}
		return true
	})
	again()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"report", "--out", filepath.Join(dir, "iq")}, {"status", "--check"}, {"baseline", "set", "--reason", "all is well"},
	} {
		out, err := program(append(args, "--home", home)...)
		if err == nil || !strings.Contains(out, "damaged or was tampered with") {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}

// program runs the program and returns all that it prints.
func program(args ...string) (string, error) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "EVERQUAL_BE_MAIN=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
