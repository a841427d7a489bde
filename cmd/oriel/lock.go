package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/tsdb/fileutil"
)

// lockDataDir creates dir if need be, checks that it can be written, and takes
// the lock that keeps a second process out of it. The lock dies with the
// process, however it ends; its file holds the owner's pid for people.
func lockDataDir(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("data folder: %w; choose another with --data-dir", err)
	}
	path := filepath.Join(dir, "lock")
	lock, _, err := fileutil.Flock(path)
	if err != nil {
		if os.IsPermission(err) {
			return nil, fmt.Errorf("data folder %s is not writable by this user: %w", dir, err)
		}
		owner, readErr := os.ReadFile(path)
		pid := strings.TrimSpace(string(owner))
		if readErr != nil || pid == "" {
			pid = "unknown"
		}
		return nil, fmt.Errorf("data folder %s is in use by another oriel (process %s): stop it, or choose another folder with --data-dir", dir, pid)
	}
	if err := os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644); err != nil {
		_ = lock.Release()
		return nil, fmt.Errorf("data folder %s: write lock file: %w", dir, err)
	}
	return lock.Release, nil
}
