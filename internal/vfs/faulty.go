package vfs

// An Op names a call that changes or reads a file system.
type Op string

// The calls that a Faulty asks about.
const (
	OpCreate   Op = "create"
	OpOpen     Op = "open"
	OpRename   Op = "rename"
	OpRemove   Op = "remove"
	OpMkdir    Op = "mkdir"
	OpList     Op = "list"
	OpSyncDir  Op = "syncdir"
	OpWrite    Op = "write"
	OpSync     Op = "sync"
	OpTruncate Op = "truncate"
	OpRead     Op = "read"
)

// Faulty is an FS whose calls fail when Fail says so. A failing write writes
// half of its bytes first; any other failing call does nothing.
type Faulty struct {
	FS
	// Fail is called before each call and returns its error, or nil to let it
	// through. It is called concurrently.
	Fail func(op Op, name string) error
}

// Create implements FS.
func (f Faulty) Create(name string) (File, error) {
	if err := f.Fail(OpCreate, name); err != nil {
		return nil, err
	}
	return f.wrap(name)(f.FS.Create(name))
}

// Open implements FS.
func (f Faulty) Open(name string) (File, error) {
	if err := f.Fail(OpOpen, name); err != nil {
		return nil, err
	}
	return f.wrap(name)(f.FS.Open(name))
}

func (f Faulty) wrap(name string) func(File, error) (File, error) {
	return func(file File, err error) (File, error) {
		if err != nil {
			return nil, err
		}
		return faultyFile{file, name, f.Fail}, nil
	}
}

// Rename implements FS.
func (f Faulty) Rename(oldName, newName string) error {
	if err := f.Fail(OpRename, oldName); err != nil {
		return err
	}
	return f.FS.Rename(oldName, newName)
}

// Remove implements FS.
func (f Faulty) Remove(name string) error {
	if err := f.Fail(OpRemove, name); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

// RemoveAll implements FS.
func (f Faulty) RemoveAll(name string) error {
	if err := f.Fail(OpRemove, name); err != nil {
		return err
	}
	return f.FS.RemoveAll(name)
}

// MkdirAll implements FS.
func (f Faulty) MkdirAll(name string) error {
	if err := f.Fail(OpMkdir, name); err != nil {
		return err
	}
	return f.FS.MkdirAll(name)
}

// List implements FS.
func (f Faulty) List(dir string) ([]Entry, error) {
	if err := f.Fail(OpList, dir); err != nil {
		return nil, err
	}
	return f.FS.List(dir)
}

// SyncDir implements FS.
func (f Faulty) SyncDir(dir string) error {
	if err := f.Fail(OpSyncDir, dir); err != nil {
		return err
	}
	return f.FS.SyncDir(dir)
}

type faultyFile struct {
	File
	name string
	fail func(Op, string) error
}

func (f faultyFile) Write(b []byte) (int, error) {
	if err := f.fail(OpWrite, f.name); err != nil {
		n, _ := f.File.Write(b[:len(b)/2])
		return n, err
	}
	return f.File.Write(b)
}

func (f faultyFile) Sync() error {
	if err := f.fail(OpSync, f.name); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f faultyFile) Truncate(size int64) error {
	if err := f.fail(OpTruncate, f.name); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f faultyFile) ReadAt(b []byte, off int64) (int, error) {
	if err := f.fail(OpRead, f.name); err != nil {
		return 0, err
	}
	return f.File.ReadAt(b, off)
}
