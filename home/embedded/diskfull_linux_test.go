package embedded_test

import (
	"context"
	"fmt"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/everqual/everqual/home/embedded"
)

// limitFiles keeps this process from making any file larger: what it meets then is
// what a full disk gives it, a write that fails or is cut short.
func limitFiles(bytes uint64) error {
	signal.Ignore(syscall.SIGXFSZ) // the write fails instead
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: bytes})
}

// TestDiskFull lets a process work until nothing more fits, at several sizes. It must
// say so; what it acknowledged is there, nothing is there by half, and once there is
// room the work goes on.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir, heard := filepath.Join(t.TempDir(), "home"), said{}
	open(t, dir, embedded.Options{})
	for i, limit := range []int{400_000, 800_000, 1_500_000, 2_500_000} {
		_, _, wait := start(t, dir, fmt.Sprint("full-", i), 0, heard, fmt.Sprintf("%s=%d", victimLimit, limit))
		err := wait()
		if err == nil || !strings.Contains(err.Error(), "disk") && !strings.Contains(err.Error(), "full") && !strings.Contains(err.Error(), "I/O") {
			t.Errorf("at %d bytes the process ended with %v", limit, err)
		}
		heard.check(t, dir)
	}
	if len(heard["appended"]) < 20 {
		t.Errorf("only %d appended: the test saw too little", len(heard["appended"]))
	}
	_, _, wait := start(t, dir, "after", 10, heard)
	if err := wait(); err != nil {
		t.Errorf("with room again: %v", err)
	}
	heard.check(t, dir)
	h := open(t, dir, embedded.Options{})
	if head, err := h.Ledger.Head(context.Background()); err != nil || head.Sequence < 40 {
		t.Errorf("head %+v, %v", head, err)
	}
}
