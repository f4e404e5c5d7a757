package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/everqual/everqual/collect/awsresource/mototest"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/home/hometest"
)

// runningWorker is a worker in a process of its own.
type runningWorker struct {
	w       *workload
	cmd     *exec.Cmd
	address string
	log     strings.Builder
}

func (w *workload) startWorker(args ...string) *runningWorker {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	k := &runningWorker{w: w, address: l.Addr().String()}
	l.Close()
	k.cmd = w.program(append([]string{"worker", "--health", k.address, "--settle", "0s", "--debounce", "0s", "--visibility", "20s"}, args...)...)
	k.cmd.Stderr = &k.log
	if err := k.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if k.cmd.ProcessState == nil {
			_ = k.cmd.Process.Kill()
			_ = k.cmd.Wait()
		}
	})
	for range 200 {
		if c, err := net.Dial("tcp", k.address); err == nil {
			c.Close()
			return k
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.t.Fatalf("the worker does not listen:\n%s", &k.log)
	return nil
}

func (w *workload) program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append(args, "--home", filepath.Join(w.dir, "home"), "--specs", filepath.Join(w.dir, "specs"))...)
	cmd.Env = append(os.Environ(), "EVERQUAL_BE_MAIN=1")
	return cmd
}

// stop tells the worker to stop, and wants it to end well.
func (k *runningWorker) stop() {
	k.w.t.Helper()
	_ = k.cmd.Process.Signal(syscall.SIGTERM)
	if err := k.cmd.Wait(); err != nil {
		k.w.t.Fatalf("a worker that was told to stop ended with %v:\n%s", err, &k.log)
	}
}

// TestStoppedWorker tells workers to stop in the middle of their work: what they
// hold is finished, and what they do not is left for the next. The last one
// stays, and works on what comes later.
func TestStoppedWorker(t *testing.T) {
	const buckets = 24
	mototest.Start(t)
	w := &workload{t: t, dir: t.TempDir()}
	w.write("specs/system.json", `{"id": "WEB", "title": "Web shop", "scope": {"tags": {"System": "WEB"}}}`)
	w.write("specs/bucket.json", e2eBucket)
	w.deployBuckets(buckets)
	var r struct{ Queued int }
	w.everqual(&r, "run", "--no-collect", "--from", filepath.Join(w.dir, "logs"), "--settle", "0s")
	if r.Queued != 2*buckets {
		t.Fatalf("%d messages are queued, want %d", r.Queued, 2*buckets)
	}
	inTheMiddle := 0
	for range 4 {
		k := w.startWorker("--workers", "2")
		time.Sleep(time.Duration(100+rand.IntN(400)) * time.Millisecond)
		k.stop()
		if strings.Contains(k.log.String(), "given back") || strings.Contains(k.log.String(), "try again") {
			t.Errorf("what the worker held was not finished:\n%s", &k.log)
		}
		left := w.queued()
		if left > 0 && left < 2*buckets {
			inTheMiddle++
		}
	}
	if inTheMiddle == 0 {
		t.Fatal("no worker was stopped in the middle of its work: the test proves nothing")
	}
	k := w.startWorker("--schedule", "rejudge=rate(1 minute)", "--schedule", "seal=rate(1 minute)")
	w.until("all is done", func() bool { return w.queued() == 0 })
	w.heard("s3", "PutBucketTagging", "deployer", `{"bucketName":"bucket-0"}`, "null")
	w.everqual(&r, "run", "--no-collect", "--from", filepath.Join(w.dir, "logs"), "--settle", "0s")
	w.until("what came later is done", func() bool { return w.queued() == 0 })
	if out, err := w.program("worker", "--health", k.address, "--check").CombinedOutput(); err != nil {
		t.Errorf("the worker says that it is not well: %v\n%s", err, out)
	}
	k.stop()
	if err := w.program("worker", "--health", k.address, "--check").Run(); err == nil {
		t.Error("a worker that has ended is well")
	}
	for i := 1; i < buckets; i++ {
		w.onceOnly(fmt.Sprintf("arn:aws:s3:::bucket-%d", i))
	}
}

// queued is how many messages wait, also those that a worker holds.
func (w *workload) queued() int {
	w.t.Helper()
	var r struct{ Queued int }
	w.everqual(&r, "run", "--no-collect")
	return r.Queued
}

func (w *workload) until(what string, so func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("not within a minute: %s", what)
		}
	}
}

// TestWorkerGoesOnWithoutItsSchedule has specifications that cannot be read: that
// is told, and does not hold up the messages.
func TestWorkerGoesOnWithoutItsSchedule(t *testing.T) {
	clock := hometest.NewClock(time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC))
	home, err := embedded.Open(t.TempDir(), embedded.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	jobs, err := parseJobs([]string{"rejudge=rate(1 hour)", "seal=rate(1 hour)"}, clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("app.json: not JSON")
	k := &worker{
		Corridor: &flow.Corridor{Home: home, Settings: flow.DefaultSettings(), Log: slog.New(slog.DiscardHandler)},
		jobs:     jobs, reload: func(context.Context, *flow.Corridor) error { return broken }, seen: time.Now(),
	}
	work := func() {
		t.Helper()
		body := json.RawMessage(`{"id": "n"}`)
		message := flow.Message{ID: "n", Kind: "notify", Body: body, SentAt: clock.Now(), NotBefore: clock.Now()}
		if err := home.Queue.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
		if left, err := k.round(t.Context(), t.Context()); err != nil || left != 0 {
			t.Errorf("the round left %d messages, %v", left, err)
		}
	}
	work()
	if err := k.well(); err == nil || !strings.Contains(err.Error(), "rejudge: app.json: not JSON") {
		t.Errorf("well: %v", err)
	}
	broken = nil
	work() // not due again
	if k.well() == nil {
		t.Error("well before the schedule was kept")
	}
	clock.Advance(round)
	work()
	if err := k.well(); err != nil {
		t.Errorf("not well: %v", err)
	}
	k.seen = time.Now().Add(-time.Hour)
	if err := k.well(); err == nil || !strings.Contains(err.Error(), "1h0m0s") {
		t.Errorf("after an hour of silence: %v", err)
	}
}
