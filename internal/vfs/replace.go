package vfs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace makes b the content of a file on disk, durably, so that whoever opens
// it finds the old content or the new one, whole, whatever happens meanwhile.
// Its folder must exist. What is left by a crash in between begins with a dot
// and the file's name.
func Replace(path string, b []byte, perm fs.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone if all goes well
	_, err = tmp.Write(b)
	if err := errors.Join(err, tmp.Chmod(perm), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return Disk{}.SyncDir(filepath.Dir(path))
}
