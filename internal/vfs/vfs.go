// Package vfs is the seam between a store and its file system: the disk, a
// memory that forgets unsynced data when it crashes, and a wrapper that makes
// chosen calls fail. It has only what a write-once store needs.
//
// Names are slash-separated paths. Every FS is safe for concurrent use; a File
// may be read concurrently but has one writer.
package vfs

import "io"

// An FS holds files and folders.
//
// As on POSIX, an entry that was created, renamed or removed is sure to
// survive a power cut only after SyncDir of the folder that holds it, and data
// only after Sync of its file.
type FS interface {
	// Create opens a new file for writing, cutting off one that exists.
	Create(name string) (File, error)
	// Open opens a file for reading. The error of a file that is not there
	// wraps fs.ErrNotExist.
	Open(name string) (File, error)
	// Rename moves a file or folder. A file of the new name is replaced.
	Rename(oldName, newName string) error
	// Remove deletes a file or an empty folder.
	Remove(name string) error
	// RemoveAll deletes a file or folder with all it holds. It is no error if
	// nothing is there.
	RemoveAll(name string) error
	// MkdirAll makes a folder and those above it.
	MkdirAll(name string) error
	// List returns what a folder holds, sorted by name.
	List(dir string) ([]Entry, error)
	// SyncDir makes the entries of dir durable.
	SyncDir(dir string) error
}

// An Entry is one name in a folder.
type Entry struct {
	Name  string
	IsDir bool
}

// A File is an open file.
type File interface {
	io.ReaderAt
	io.Writer // appends
	io.Closer
	// Sync makes the content durable.
	Sync() error
	// Truncate cuts the content down to size; writing goes on there.
	Truncate(size int64) error
	// Size returns the length in bytes.
	Size() (int64, error)
}

// ReadFile returns the content of a file.
func ReadFile(fsys FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	b := make([]byte, size)
	if n, err := f.ReadAt(b, 0); n < len(b) {
		return nil, err
	}
	return b, nil
}

// WriteFile creates a file with content b and makes it durable, though not its
// name.
func WriteFile(fsys FS, name string, b []byte) error {
	f, err := fsys.Create(name)
	if err != nil {
		return err
	}
	if _, err = f.Write(b); err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
