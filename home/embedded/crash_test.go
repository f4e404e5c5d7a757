package embedded_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
)

// said holds what victims acknowledged: for each verb the things it was said
// of.
type said map[string]map[string]bool

func (s said) hear(line string) {
	verb, what, _ := strings.Cut(line, " ")
	if s[verb] == nil {
		s[verb] = map[string]bool{}
	}
	s[verb][what] = true
}

// verbs are what a victim says, first that it has opened its home.
var verbs = []string{"opened", "appended", "sent", "deleted", "buried"}

// start lets this test binary work in dir as another process. until returns when it
// has said each of these verbs, or has ended; wait when it has ended and all its lines
// were heard.
func start(t *testing.T, dir, name string, work int, heard said, env ...string) (cmd *exec.Cmd, until func(verbs ...string), wait func() error) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimDir+"="+dir, victimName+"="+name, fmt.Sprintf("%s=%d", victimWork, work))
	cmd.Env = append(cmd.Env, env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first, end := map[string]chan struct{}{}, make(chan struct{})
	for _, verb := range verbs {
		first[verb] = make(chan struct{}, 1)
	}
	go func() {
		defer close(end)
		r := bufio.NewReader(out)
		for line, err := r.ReadString('\n'); err == nil; line, err = r.ReadString('\n') {
			heard.hear(strings.TrimSuffix(line, "\n"))
			verb, _, _ := strings.Cut(line, " ")
			select {
			case first[verb] <- struct{}{}: // never of another verb: there is no channel
			default:
			}
		}
	}()
	until = func(verbs ...string) {
		for _, verb := range verbs {
			select {
			case <-first[verb]:
			case <-end:
			}
		}
	}
	return cmd, until, func() error {
		<-end
		if err := cmd.Wait(); err != nil {
			return fmt.Errorf("%w: %s", err, stderr.Bytes())
		}
		return nil
	}
}

// TestKilled kills a process that appends, observes, sends, deletes and buries, at twenty
// random moments: of its opening, or once it has done each of these. Everything it
// acknowledged must be there. Before, so much is appended at once, by a process that does
// not end well, that the first victims are killed while the index follows.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir, heard := filepath.Join(t.TempDir(), "home"), said{}
	if err := embedded.PutOff(dir, 12_000); err != nil {
		t.Fatal(err)
	}
	for round := range 20 {
		cmd, until, wait := start(t, dir, fmt.Sprint("round-", round), 0, heard)
		until("opened")
		if round%2 == 1 { // however slow the machine is, the test sees enough
			until(verbs[1:]...)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(400 * time.Millisecond))))
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("round %d: the victim ended before it was killed: %v", round, err)
		}
		heard.check(t, dir)
		if t.Failed() {
			t.Fatalf("after round %d", round)
		}
	}
	t.Logf("%d records and %d messages were acknowledged, %d deleted, %d buried",
		len(heard["appended"]), len(heard["sent"]), len(heard["deleted"]), len(heard["buried"]))
}

// TestKilledWhileMaking kills the process that makes a home.
func TestKilledWhileMaking(t *testing.T) {
	t.Parallel()
	for i := range 20 {
		dir, heard := filepath.Join(t.TempDir(), "home"), said{}
		cmd, _, wait := start(t, dir, "maker", 0, heard)
		time.Sleep(time.Duration(i) * 2 * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := wait(); err == nil {
			t.Fatal("the victim ended by itself")
		}
		heard.check(t, dir)
	}
}

// TestTwoProcesses lets two processes work in one home while this one reads.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "home")
	here := open(t, dir, embedded.Options{})
	heard := []said{{}, {}}
	var waits []func() error
	for i := range heard {
		_, _, wait := start(t, dir, fmt.Sprint("process-", i), 150, heard[i])
		waits = append(waits, wait)
	}
	done := make(chan error, 1)
	go func() {
		for _, wait := range waits {
			if err := wait(); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for reads := 0; ; reads++ {
		if err := here.Ledger.Check(context.Background()); err != nil {
			t.Fatalf("reading beside the writers: %v", err)
		}
		mustAppend(t, here, fmt.Sprint("here/", reads))
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range heard {
				if len(h["appended"]) != 300 || len(h["sent"]) != 300 {
					t.Errorf("%d appended, %d sent, want 300 of each", len(h["appended"]), len(h["sent"]))
				}
			}
			merged := said{}
			for _, h := range heard {
				for verb, things := range h {
					for what := range things {
						merged.hear(verb + " " + what)
					}
				}
			}
			merged.check(t, dir)
			return
		default:
		}
	}
}

// check opens the home anew and holds it against what was acknowledged.
func (s said) check(t *testing.T, dir string) {
	t.Helper()
	h, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.Ledger.Check(context.Background()); err != nil {
		t.Errorf("the chain does not check: %v", err)
	}
	s.checkLedger(t, h.Ledger)
	s.checkQueue(t, h.Queue, ids(t, dir))
}

func (s said) checkLedger(t *testing.T, l *ledger.Ledger) {
	t.Helper()
	times, versions := map[string]int{}, map[everqual.ResourceID]int{}
	var planted ledger.Planting
	for r, err := range l.Records(context.Background(), ledger.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		times[r.Key]++
		again := r
		again.Tree = nil
		if err := planted.Place(&again); err != nil || !bytes.Equal(again.Tree, r.Tree) {
			t.Fatalf("record %d has another place in the tree than its own: %v", r.Sequence, err)
		}
		if r.Kind != everqual.KindObservation {
			continue
		}
		o, err := ledger.Body[everqual.Observation](r)
		if err != nil {
			t.Fatal(err)
		}
		if versions[o.Resource.ID]++; o.Version != versions[o.Resource.ID] {
			t.Errorf("%s: version %d comes as number %d", o.Resource.ID, o.Version, versions[o.Resource.ID])
		}
	}
	for key := range s["appended"] {
		if times[key] != 1 {
			t.Errorf("%s was acknowledged and is there %d times", key, times[key])
		}
	}
	for key, n := range times { // a batch is whole or not there
		if half, ok := strings.CutPrefix(key, "round-"); ok && times["round-"+strings.Replace(half, "/a", "/b", 1)] != n {
			t.Errorf("%s is there without its other half", key)
		}
	}
}

func (s said) checkQueue(t *testing.T, q flow.Queue, waiting map[string]int) {
	t.Helper()
	letters, err := q.DeadLetters(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	dead := map[string]int{}
	for _, l := range letters {
		dead[l.ID]++
	}
	for id := range s["sent"] {
		there := waiting[id] + dead[id]
		switch {
		case s["deleted"][id]:
			if there != 0 {
				t.Errorf("%s was deleted, and is there %d times", id, there)
			}
		case s["buried"][id]:
			if waiting[id] != 0 || dead[id] != 1 {
				t.Errorf("%s was buried: %d times in the queue, %d among the dead letters", id, waiting[id], dead[id])
			}
		case s["deleting"][id]:
			if there > 1 {
				t.Errorf("%s is there %d times", id, there)
			}
		case there != 1:
			t.Errorf("%s was sent and is there %d times", id, there)
		}
	}
}

// ids counts the messages that wait or are in flight, without touching them.
func ids(t *testing.T, dir string) map[string]int {
	t.Helper()
	rows, err := raw(t, filepath.Join(dir, dbName)).Query(`SELECT id FROM message`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := map[string]int{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		n[id]++
	}
	return n
}
