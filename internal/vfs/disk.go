package vfs

import (
	"io"
	"os"
	"path/filepath"
)

// Disk is the operating system's file system.
type Disk struct{}

// Create implements FS.
func (Disk) Create(name string) (File, error) {
	return disk(os.OpenFile(filepath.FromSlash(name), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o640))
}

// Open implements FS.
func (Disk) Open(name string) (File, error) { return disk(os.Open(filepath.FromSlash(name))) }

// Rename implements FS.
func (Disk) Rename(oldName, newName string) error {
	return os.Rename(filepath.FromSlash(oldName), filepath.FromSlash(newName))
}

// Remove implements FS.
func (Disk) Remove(name string) error { return os.Remove(filepath.FromSlash(name)) }

// RemoveAll implements FS.
func (Disk) RemoveAll(name string) error { return os.RemoveAll(filepath.FromSlash(name)) }

// MkdirAll implements FS.
func (Disk) MkdirAll(name string) error { return os.MkdirAll(filepath.FromSlash(name), 0o750) }

// List implements FS.
func (Disk) List(dir string) ([]Entry, error) {
	des, err := os.ReadDir(filepath.FromSlash(dir))
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(des))
	for i, de := range des {
		out[i] = Entry{Name: de.Name(), IsDir: de.IsDir()}
	}
	return out, nil
}

// SyncDir implements FS.
func (Disk) SyncDir(dir string) error {
	f, err := os.Open(filepath.FromSlash(dir))
	if err != nil {
		return err
	}
	err = f.Sync()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

type diskFile struct{ *os.File }

func disk(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

// Size implements File.
func (f diskFile) Size() (int64, error) {
	fi, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return fi.Size(), nil
}

// Truncate implements File.
func (f diskFile) Truncate(size int64) error {
	if err := f.File.Truncate(size); err != nil {
		return err
	}
	_, err := f.Seek(size, io.SeekStart)
	return err
}
