package event

import (
	"errors"
	"fmt"
	"path"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/storage/fulltext"
)

// A part is an immutable folder of rows of one day. Whoever uses one holds a
// reference; the list of its table holds one too.
type part struct {
	fs    vfs.FS
	opens *openSet
	dir   string
	day   int64
	meta  *partMeta
	refs  atomic.Int64
	unfit atomic.Bool // taken out of service: set aside or expired
	gone  atomic.Bool // to be deleted with the last reference

	born time.Time // when this process loaded or wrote it

	mu       sync.Mutex // guards what follows: opened at first use
	verdicts map[*hiding]verdict
	users    int // between enter and leave
	file     vfs.File
	columns  *columnTable
	reader   *verifyingReader // of file
	table    *streamTable
	bodies   *bodyPlan // nil if bodies are not shredded
	bloom    vfs.File  // of tokens, with words
	words    vfs.File
	tokens   *fulltext.Index
}

// loadPart reads meta.json of a part and looks whether its files are there.
func (t *table) loadPart(dir string, day int64) (*part, error) {
	fsys := t.fs
	b, err := vfs.ReadFile(fsys, path.Join(dir, metaFile))
	if err != nil {
		return nil, err
	}
	m, err := decodeMeta(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", metaFile, err)
	}
	if m.Day != dayName(day) || dayOf(m.MinTime) != day || dayOf(m.MaxTime) != day {
		return nil, fmt.Errorf("%s: rows of %s in the folder of %s", metaFile, m.Day, dayName(day))
	}
	if path.Base(dir) != m.name() {
		return nil, fmt.Errorf("%s: of part %s", metaFile, m.name())
	}
	for _, fm := range m.Files {
		if _, err := checkFile(fsys, dir, fm, false); err != nil {
			return nil, err
		}
	}
	return t.newPart(dir, day, m), nil
}

func (t *table) newPart(dir string, day int64, m *partMeta) *part {
	p := &part{fs: t.fs, opens: t.opens, dir: dir, day: day, meta: m}
	p.born = time.Now()
	p.refs.Store(1)
	return p
}

func (p *part) retain() { p.refs.Add(1) }

// release gives a reference back. The last one closes the files and deletes a
// part that is gone: under a temporary name, so that a part is complete or
// absent even then. What cannot be deleted now is so at the next start.
func (p *part) release() {
	if p.refs.Add(-1) > 0 {
		return
	}
	p.opens.remove(p)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close()
	if p.gone.Load() && p.fs.Rename(p.dir, p.dir+tmpSuffix) == nil {
		_ = p.fs.RemoveAll(p.dir + tmpSuffix)
	}
}

// enter keeps what p has open, and what its methods open, until leave.
func (p *part) enter() {
	p.mu.Lock()
	p.users++
	p.mu.Unlock()
}

// leave ends what enter began.
func (p *part) leave() {
	p.mu.Lock()
	p.users--
	bytes := int64(1 << 10)
	if p.table != nil {
		bytes += p.table.memory
	}
	if p.columns != nil {
		bytes += p.columns.bytes
	}
	if p.bodies != nil {
		bytes += p.meta.file(templatesFile).Size * 4
	}
	p.mu.Unlock()
	p.opens.used(p, bytes)
}

// closed reports whether nothing is open, nor used.
func (p *part) closed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.users == 0 && p.columns == nil && p.table == nil && p.tokens == nil
}

// closeIdle closes what is open unless somebody uses it.
func (p *part) closeIdle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users > 0 {
		return false
	}
	p.close()
	return true
}

// close closes what is open; p.mu is held.
func (p *part) close() {
	if p.tokens != nil {
		p.tokens.Close()
		p.tokens = nil
	}
	for _, f := range []*vfs.File{&p.file, &p.bloom, &p.words} {
		if *f != nil {
			_ = (*f).Close() // was only read
			*f = nil
		}
	}
	p.columns, p.reader, p.table, p.bodies = nil, nil, nil, nil
}

// An ioError is a failure of the disk or the process (too many open files), as
// opposed to bytes that are wrong.
type ioError struct{ err error }

func (e ioError) Error() string { return e.err.Error() }
func (e ioError) Unwrap() error { return e.err }

// streams returns the part's stream table.
func (p *part) streams() (*streamTable, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.table != nil {
		return p.table, nil
	}
	b, err := checkFile(p.fs, p.dir, p.meta.file(streamsFile), true)
	if err != nil {
		return nil, err
	}
	t, err := readStreamTable(stringOf(b), p.opens.streams)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", streamsFile, err)
	}
	if len(t.streams) != p.meta.Streams {
		return nil, fmt.Errorf("%s: %d streams; want %d", streamsFile, len(t.streams), p.meta.Streams)
	}
	rows := int64(0)
	for _, n := range t.rows {
		rows += n
	}
	if rows != p.meta.Rows {
		return nil, fmt.Errorf("%s: %d rows; want %d", streamsFile, rows, p.meta.Rows)
	}
	p.table = t
	return t, nil
}

// hasIndexOpen reports whether index has no file to open.
func (p *part) hasIndexOpen() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokens != nil
}

// index opens the token index.
func (p *part) index(cache *fulltext.Cache) (*fulltext.Index, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tokens != nil {
		return p.tokens, nil
	}
	var err error
	open := func(name string, to *vfs.File) fulltext.File {
		if *to == nil && err == nil {
			*to, err = p.fs.Open(path.Join(p.dir, name))
		}
		return tokenFile{*to, p.meta.file(name).Size}
	}
	bloom, words := open(bloomFile, &p.bloom), open(wordsFile, &p.words)
	if err != nil {
		return nil, err
	}
	x, err := fulltext.Open(bloom, words, cache)
	if err != nil {
		return nil, err
	}
	if want := len(p.meta.Granules) * p.halves(); x.Len() != want {
		return nil, fmt.Errorf("token index of %d granules; want %d", x.Len(), want)
	}
	p.tokens = x
	return x, nil
}

// A tokenFile is a file of the token index, which checks what it reads.
type tokenFile struct {
	vfs.File
	size int64
}

func (f tokenFile) Size() int64 { return f.size }

// ReadAt implements io.ReaderAt. Failures of the disk are ioErrors.
func (f tokenFile) ReadAt(b []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(b, off)
	if n < len(b) {
		return n, ioError{err}
	}
	return n, nil
}

// events opens events.parquet.
func (p *part) events() (*columnTable, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.columns != nil {
		return p.columns, nil
	}
	f, err := p.fs.Open(path.Join(p.dir, eventsFile))
	if err != nil {
		return nil, err
	}
	var t *columnTable
	r, err := newVerifyingReader(f, p.meta.file(eventsFile))
	if err == nil {
		t, err = readColumnTable(r, r.size, p.meta.Granules)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", eventsFile, err), f.Close())
	}
	p.file, p.columns, p.reader = f, t, r
	return t, nil
}

// guard turns a panic of f, a decoder that was given corrupt bytes, into an
// error.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("decoder panicked: %v", r)
		}
	}()
	return f()
}
