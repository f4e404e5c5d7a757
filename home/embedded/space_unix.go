//go:build linux || darwin

package embedded

import "syscall"

// available is how many bytes may still be written where the folder is.
func available(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
