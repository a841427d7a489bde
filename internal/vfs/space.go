//go:build linux || darwin || freebsd

package vfs

import (
	"path/filepath"
	"syscall"
)

// Free returns the bytes that may still be written below dir.
func (Disk) Free(dir string) (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(filepath.FromSlash(dir), &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil //nolint:unconvert // types differ between systems
}
