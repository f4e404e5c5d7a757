package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the expectations of the stories anew")

// TestMain lets the test binary be the program, for stories and for processes
// that are killed.
func TestMain(m *testing.M) {
	if os.Getenv("EVERQUAL_BE_MAIN") == "1" {
		os.Exit(run())
	}
	testscript.Main(m, map[string]func(){"everqual": func() { os.Exit(run()) }})
}

// TestStories runs the command line as people use it; see testdata/*.txtar.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Condition:     func(cond string) (bool, error) { return cond == "shared" && shared() != "", nil },
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(e *testscript.Env) error {
			e.Setenv("SHARED", shared())
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home-of-user"))
			return nil
		},
	})
}

// exits is a command of the stories: "exits 3 everqual ..." runs a program that
// must end with this code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGUMENT...]")
	}
	code := 0
	var ended *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		code = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, not %s", code, args[0])
	}
}

// shared is the folder of real data to try things on, "" where there is none.
func shared() string {
	dir := os.Getenv("EVERQUAL_SHARED")
	if dir == "" {
		dir, _ = filepath.Abs("../../../shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err != nil {
		return ""
	}
	return dir
}
