//go:build !linux

package intake_test

import (
	"os"
	"testing"
)

// withoutPrivilege skips tests of what a user may not read, for one who may.
func withoutPrivilege(t *testing.T, _ string) {
	if os.Geteuid() <= 0 {
		t.Skip("this user may read everything, so nothing can be unreadable")
	}
}
