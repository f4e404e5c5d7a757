package embedded_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/everqual/everqual/home/embedded"
)

// nobody is the user that owns nothing.
const nobody = 65534

// asNobody runs do with the file permissions of an ordinary user, also where
// the tests run as root, who may do everything.
func asNobody(t *testing.T, do func()) {
	if os.Geteuid() != 0 {
		do()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with its rights
		if err := syscall.Setfsuid(nobody); err != nil {
			t.Error(err)
			return
		}
		do()
	}()
	<-done
}

func TestWithoutPermission(t *testing.T) {
	made := func(t *testing.T, dir string) {
		h := open(t, dir, embedded.Options{})
		mustAppend(t, h, "a")
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name string
		mode os.FileMode // of the directory, which is somebody else's or read-only
		make func(t *testing.T, dir string)
		sub  string
		want []string
	}{
		{"a directory to make", 0o555, func(*testing.T, string) {}, "home", []string{"permission denied", "choose a directory that you may write to"}},
		{"an empty directory", 0o555, func(*testing.T, string) {}, "", []string{dbName, "permission denied", "choose a directory that you may write to"}},
		{"a directory that may not be entered", 0o000, made, "", []string{"permission denied", "choose a directory"}},
		{"another's home", 0o555, made, "", []string{dbName, "permission denied", "choose a directory that you may write to"}},
		{"a file without its directory", 0o555, func(t *testing.T, dir string) {
			made(t, dir)
			if err := os.Chmod(filepath.Join(dir, dbName), 0o666); err != nil {
				t.Fatal(err)
			}
		}, "", []string{dbName, "you need to be allowed to write to"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "everqual")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(dir, 0o700); os.RemoveAll(dir) })
			test.make(t, dir)
			if test.name == "another's home" && os.Geteuid() != 0 {
				os.Chmod(filepath.Join(dir, dbName), 0o400)
			}
			if err := os.Chmod(dir, test.mode); err != nil {
				t.Fatal(err)
			}
			asNobody(t, func() {
				h, err := embedded.Open(filepath.Join(dir, test.sub), embedded.Options{})
				if err == nil {
					t.Error("it was opened", h.Close())
					return
				}
				for _, want := range test.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("the error %q does not say %q", err, want)
					}
				}
			})
		})
	}
}
