//go:build unix

package trail_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/everqual/everqual/trail"
)

// What is no regular file is not waited for.
func TestNoRegularFile(t *testing.T) {
	w := standard()
	dir := w.save(t)
	file := func(name string) string { return filepath.Join(dir, filepath.FromSlash(w.key(name))) }
	for _, name := range []string{"a.d3", "a.l2.0", "a.l3.0"} {
		if err := os.Remove(file(name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{file("a.d3"), file("a.l2.0"), file("b.l0.0") + ".metadata.json"} {
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Mkdir(file("a.l3.0"), 0o700); err != nil {
		t.Fatal(err)
	}
	done := make(chan trail.Result)
	go func() {
		r, _ := trail.Validate(t.Context(), trail.Folder(dir, bucket), trusted(t), trail.Options{})
		done <- r
	}()
	select {
	case r := <-done:
		n := 0
		for _, f := range r.Findings {
			if strings.HasSuffix(f.Message, "is no regular file") {
				n++
			}
		}
		if n != 2 || r.Digests.Unverifiable != 1 || r.Logs.Unproven != 1 {
			t.Errorf("%v %+v %+v", w.found(r), r.Digests, r.Logs)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it waits for a pipe")
	}
}
