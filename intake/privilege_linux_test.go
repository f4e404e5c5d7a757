package intake_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// withoutPrivilege has the files of the test's folder opened as an ordinary
// user, also where the tests run as root, who may read everything.
func withoutPrivilege(t *testing.T, dir string) {
	if os.Geteuid() != 0 {
		return
	}
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // t.TempDir keeps it to itself
		t.Fatal(err)
	}
	runtime.LockOSThread()
	if err := syscall.Setfsuid(65534); err != nil {
		t.Skip("cannot give up root:", err)
	}
	t.Cleanup(func() {
		syscall.Setfsuid(0)
		runtime.UnlockOSThread()
	})
	if f, err := os.Open("/proc/1/mem"); err == nil {
		f.Close()
		t.Skip("root may read everything here, so nothing can be unreadable")
	}
}
