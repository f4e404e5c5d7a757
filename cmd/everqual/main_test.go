package main

import (
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual/witness/witnesstest"
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
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "introduce": introduce, "remember": remember},
		Setup: func(e *testscript.Env) error {
			e.Setenv("SHARED", shared())
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home-of-user"))
			return othersVouch(e)
		},
	})
}

// othersVouch gives a story a witness ($WITNESS, $WITNESS_KEY) and a time-stamping
// authority ($TSA, root.pem), and one that tells AWS callers who they are ($STS).
func othersVouch(e *testscript.Env) error {
	w := witnesstest.NewWitness("witness.example/1", time.Now)
	a, err := witnesstest.NewAuthority(time.Now)
	if err != nil {
		return err
	}
	for name, h := range map[string]http.Handler{"WITNESS": w, "TSA": a, "STS": http.HandlerFunc(whoCalls)} {
		s := httptest.NewServer(h)
		e.Defer(s.Close)
		e.Setenv(name, s.URL)
	}
	e.Setenv("WITNESS_KEY", w.VKey())
	e.Setenv("OTHER_KEY", witnesstest.NewWitness("witness.example/2", time.Now).VKey())
	e.Values[witnessOf{}] = w
	return os.WriteFile(filepath.Join(e.WorkDir, "root.pem"), a.PEM(), 0o600)
}

// whoCalls answers sts:GetCallerIdentity.
func whoCalls(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
		<Arn>arn:aws:iam::111122223333:role/everqual</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
}

// introduce is a command of the stories: "introduce FILE" lets the witness know a
// ledger by its public key; "introduce FILE CHECKPOINT COSIGNED" has it cosign one
// without having seen the ledger.
func introduce(ts *testscript.TestScript, neg bool, args []string) {
	w := ts.Value(witnessOf{}).(*witnesstest.Witness)
	switch {
	case neg || len(args) != 1 && len(args) != 3:
		ts.Fatalf("usage: introduce PUBLIC-KEY [CHECKPOINT COSIGNED]")
	case len(args) == 1:
		ts.Check(w.Know(ts.ReadFile(args[0])))
	default:
		note := ts.ReadFile(args[1])
		text, _, _ := strings.Cut(note, "\n\n")
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(note+w.Line(text+"\n", time.Now())), 0o600))
	}
}

type witnessOf struct{}

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

// remember is a command of the stories: "remember NAME REGEXP" sets a variable to
// what the group of the expression matched in what was last printed.
func remember(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: remember NAME REGEXP")
	}
	found := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("nothing, or no group, matches %s", args[1])
	}
	ts.Setenv(args[0], found[1])
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
