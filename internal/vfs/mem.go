package vfs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
)

// Mem is a file system in memory that knows what a power cut would take: names
// since the last SyncDir of their folder, and data since the last Sync of
// their file. Files of older names stay readable through open Files.
type Mem struct {
	mu   sync.Mutex
	root *memNode
}

type memNode struct {
	// Of a folder: what it holds, and held at the last SyncDir.
	names, syncedNames map[string]*memNode
	// Of a file: its content, and that of the last Sync. Both only grow in
	// place, so they may share memory.
	data, synced []byte
}

// NewMem returns an empty file system.
func NewMem() *Mem { return &Mem{root: newMemDir()} }

func newMemDir() *memNode {
	return &memNode{names: map[string]*memNode{}, syncedNames: map[string]*memNode{}}
}

func (n *memNode) isDir() bool { return n.names != nil }

// Crash returns what a power cut at this moment might leave, as rnd decides:
// of each name that was not synced either the old or the new state, of data
// that was not synced a prefix, whose last bytes may be wrong. m goes on.
func (m *Mem) Crash(rnd *rand.Rand) *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Mem{root: m.root.crash(rnd, map[*memNode]*memNode{})}
}

func (n *memNode) crash(rnd *rand.Rand, seen map[*memNode]*memNode) *memNode {
	if c, ok := seen[n]; ok {
		return c
	}
	if !n.isDir() {
		c := &memNode{}
		seen[n] = c
		c.data = bytes.Clone(n.synced)
		if len(n.data) < len(n.synced) && rnd.IntN(2) == 0 {
			c.data = bytes.Clone(n.data) // the truncation got through
		}
		if tail := len(n.data) - len(n.synced); tail > 0 {
			keep := rnd.IntN(tail + 1)
			c.data = bytes.Clone(n.data[:len(n.synced)+keep])
			if keep > 0 && rnd.IntN(3) == 0 {
				clear(c.data[len(c.data)-1-rnd.IntN(keep):]) // allocated, not written
			}
		}
		c.synced = c.data
		return c
	}
	c := newMemDir()
	seen[n] = c
	all := map[string]bool{}
	for name := range n.names {
		all[name] = true
	}
	for name := range n.syncedNames {
		all[name] = true
	}
	sorted := make([]string, 0, len(all))
	for name := range all {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted) // so that one seed means one outcome
	for _, name := range sorted {
		child := n.names[name]
		if old := n.syncedNames[name]; child != old && rnd.IntN(2) == 0 {
			child = old
		}
		if child != nil {
			c.names[name] = child.crash(rnd, seen)
			c.syncedNames[name] = c.names[name]
		}
	}
	return c
}

// split returns the elements of a path; the root is the working folder too.
func split(name string) []string {
	return strings.FieldsFunc(path.Clean("/"+name), func(r rune) bool { return r == '/' })
}

// find returns the node of a name, or nil.
func (m *Mem) find(name string) *memNode {
	n := m.root
	for _, e := range split(name) {
		if n == nil || !n.isDir() {
			return nil
		}
		n = n.names[e]
	}
	return n
}

// folder returns the folder that holds name.
func (m *Mem) folder(op, name string) (*memNode, string, error) {
	dir := m.find(path.Dir(path.Clean(name)))
	if dir == nil || !dir.isDir() {
		return nil, "", &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return dir, path.Base(path.Clean(name)), nil
}

// Create implements FS.
func (m *Mem) Create(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.folder("create", name)
	if err != nil {
		return nil, err
	}
	n := dir.names[base]
	if n == nil {
		n = &memNode{}
		dir.names[base] = n
	}
	if n.isDir() {
		return nil, &fs.PathError{Op: "create", Path: name, Err: errors.New("is a directory")}
	}
	n.data = nil
	return &memFile{m: m, n: n}, nil
}

// Open implements FS.
func (m *Mem) Open(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.find(name)
	if n == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &memFile{m: m, n: n}, nil
}

// Rename implements FS.
func (m *Mem) Rename(oldName, newName string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, oldBase, err := m.folder("rename", oldName)
	if err != nil {
		return err
	}
	to, newBase, err := m.folder("rename", newName)
	if err != nil {
		return err
	}
	n := from.names[oldBase]
	if n == nil {
		return &fs.PathError{Op: "rename", Path: oldName, Err: fs.ErrNotExist}
	}
	if there := to.names[newBase]; there != nil && there.isDir() {
		return &fs.PathError{Op: "rename", Path: newName, Err: fs.ErrExist}
	}
	delete(from.names, oldBase)
	to.names[newBase] = n
	return nil
}

// Remove implements FS.
func (m *Mem) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.folder("remove", name)
	if err != nil {
		return err
	}
	n := dir.names[base]
	if n == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	if len(n.names) > 0 {
		return &fs.PathError{Op: "remove", Path: name, Err: errors.New("directory not empty")}
	}
	delete(dir.names, base)
	return nil
}

// RemoveAll implements FS.
func (m *Mem) RemoveAll(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if dir, base, err := m.folder("remove", name); err == nil {
		delete(dir.names, base)
	}
	return nil
}

// MkdirAll implements FS.
func (m *Mem) MkdirAll(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.root
	for _, e := range split(name) {
		if n.names[e] == nil {
			n.names[e] = newMemDir()
		}
		if n = n.names[e]; !n.isDir() {
			return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrExist}
		}
	}
	return nil
}

// List implements FS.
func (m *Mem) List(dir string) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.find(dir)
	if n == nil || !n.isDir() {
		return nil, &fs.PathError{Op: "list", Path: dir, Err: fs.ErrNotExist}
	}
	var out []Entry
	for name, c := range n.names {
		out = append(out, Entry{Name: name, IsDir: c.isDir()})
	}
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// SyncDir implements FS.
func (m *Mem) SyncDir(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.find(dir)
	if n == nil || !n.isDir() {
		return &fs.PathError{Op: "sync", Path: dir, Err: fs.ErrNotExist}
	}
	n.syncedNames = make(map[string]*memNode, len(n.names))
	for name, c := range n.names {
		n.syncedNames[name] = c
	}
	return nil
}

type memFile struct {
	m *Mem
	n *memNode
}

func (f *memFile) ReadAt(b []byte, off int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if off < 0 || off > int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(b, f.n.data[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) Write(b []byte) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.n.data = append(f.n.data, b...)
	return len(b), nil
}

func (f *memFile) Sync() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.n.synced = f.n.data
	return nil
}

func (f *memFile) Truncate(size int64) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if size < 0 || size > int64(len(f.n.data)) {
		return fmt.Errorf("truncate to %d of %d bytes", size, len(f.n.data))
	}
	f.n.data = bytes.Clone(f.n.data[:size]) // what was synced keeps its memory
	return nil
}

func (f *memFile) Size() (int64, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return int64(len(f.n.data)), nil
}

func (f *memFile) Close() error { return nil }
