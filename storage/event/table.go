package event

import (
	"errors"
	"fmt"
	"log/slog"
	"path"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parquet-go/parquet-go/compress"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/fulltext"
)

// A table is everything there is of one signal.
type table struct {
	signal model.Signal
	cfg    Config
	fs     vfs.FS
	dir    string // of this signal
	walDir string
	log    *slog.Logger
	m      tableMetrics
	tokens *fulltext.Cache // of all tables, as is opens
	opens  *openSet
	codec  compress.Codec // keeps its encoders, of megabytes each, for the next page

	queueMu sync.Mutex // guards queue
	queue   []*commit  // writes that wait for the next fsync

	// commitMu is held while the log is written or changes segment, so its
	// holder alone appends to the active head. Taken before mu.
	commitMu sync.Mutex
	frames   [][]byte // scratch of the holder

	flushMu sync.Mutex // held while heads become parts; taken before commitMu

	mu        sync.RWMutex // guards what follows
	active    *head
	frozen    []*head       // full heads waiting for a flush, oldest first
	parts     []*part       // in append order: by first segment, then day
	retired   []*part       // that are to be deleted and may still be on disk
	flushed   []*head       // whose segment could not be deleted
	deletes   []*hiding     // whose rows may still be on disk, by number
	limits    []*hiding     // what is over the retention of its stream
	room      chan struct{} // closed, and replaced, when a flush has made room
	walErr    error         // why the log cannot be written, if so
	flushErr  error         // why heads cannot be flushed, if so
	damaged   int           // parts and segments set aside since the folder was made
	closed    bool
	lastWrite time.Time

	worthSince time.Time // when the active head got quickRows rows; zero if it has fewer

	changed    func()        // called when there may be something to merge
	wake       chan struct{} // tells the flush loop that a head is full
	waiting    atomic.Int64  // estimated bytes of writes on their way into the head
	quarantine string
}

func newTable(sig model.Signal, cfg Config, log *slog.Logger, m tableMetrics, tokens *fulltext.Cache, opens *openSet, codec compress.Codec) *table {
	dir := path.Join(cfg.Dir, sig.String())
	return &table{
		signal: sig, cfg: cfg, fs: cfg.FS, dir: dir, walDir: path.Join(dir, "wal"), quarantine: path.Join(dir, "quarantine"),
		log: log.With("signal", sig.String()), m: m, tokens: tokens, opens: opens, codec: codec,
		room: make(chan struct{}), wake: make(chan struct{}, 1), lastWrite: time.Now(),
	}
}

// unavailable returns the reason why t takes no writes, or nil. t.mu is held.
func (t *table) unavailable() error {
	switch {
	case t.closed:
		return storage.ErrClosed
	case t.walErr != nil:
		return readOnly(t.walErr)
	case t.flushErr != nil:
		return readOnly(t.flushErr)
	}
	return nil
}

// readOnly is the error of every write while cause lasts.
func readOnly(cause error) error {
	return fmt.Errorf("%w: %w; make room or repair the disk, and writes go on by themselves", storage.ErrReadOnly, cause)
}

// rotate freezes the active head and starts a new segment. t.commitMu is held.
// An empty head on a sound segment stays.
func (t *table) rotate() error {
	t.mu.RLock()
	old := t.active
	t.mu.RUnlock()
	if old != nil && old.rows == 0 && old.seg != nil && t.walErr == nil {
		return nil
	}
	return t.advance()
}

// advance freezes the active head, even if it is empty, and starts a new
// segment. t.commitMu is held.
func (t *table) advance() error {
	number := uint64(1)
	if t.active != nil {
		number = t.active.segment + 1
	}
	seg, err := createSegment(t.fs, t.walDir, number)
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.freeze()
	t.activate(seg)
	t.mu.Unlock()
	t.nudge()
	return nil
}

// freeze moves the active head to those waiting for a flush. t.mu is held.
func (t *table) freeze() {
	if t.active != nil {
		t.frozen = append(t.frozen, t.active)
		t.active = nil
	}
}

// activate makes an empty head over seg the active one. t.mu is held.
func (t *table) activate(seg *segment) {
	t.active, t.worthSince = newHead(t.signal, seg.number), time.Time{}
	t.active.seg, t.active.file, t.active.logged = seg, seg.name, seg.synced
}

func (t *table) nudge() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// hidings returns all that hides rows. t.mu is held.
func (t *table) hidings() []*hiding {
	if len(t.deletes)+len(t.limits) == 0 {
		return nil
	}
	return append(slices.Clone(t.deletes), t.limits...)
}

// A snapshot is a consistent view of a table: each row that was acknowledged
// before it was taken is in it exactly once.
type snapshot struct {
	heads   []headView // in append order
	parts   []*part    // in append order; each holds a reference
	hidings []*hiding  // what is in no answer
}

func (t *table) snapshot() *snapshot {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.snapshotLocked()
}

// snapshotLocked is snapshot for those who hold t.mu.
func (t *table) snapshotLocked() *snapshot {
	s := &snapshot{parts: slices.Clone(t.parts), hidings: t.hidings()}
	for _, p := range s.parts {
		p.retain()
	}
	for _, h := range t.frozen {
		s.heads = append(s.heads, h.view())
	}
	if t.active != nil {
		s.heads = append(s.heads, t.active.view())
	}
	return s
}

// split divides s, which stays the owner, into what lies wholly in r and the rest.
func (s *snapshot) split(r model.Range) (inside, rest *snapshot) {
	inside, rest = &snapshot{hidings: s.hidings}, &snapshot{hidings: s.hidings}
	side := func(minTime, maxTime int64) *snapshot {
		if r.Contains(minTime) && r.Contains(maxTime) {
			return inside
		}
		return rest
	}
	for _, h := range s.heads {
		of := side(h.minTime, h.maxTime)
		of.heads = append(of.heads, h)
	}
	for _, p := range s.parts {
		of := side(p.meta.MinTime, p.meta.MaxTime)
		of.parts = append(of.parts, p)
	}
	return inside, rest
}

func (s *snapshot) release() {
	for _, p := range s.parts {
		p.release()
	}
}

// close releases files. Nothing of t is running.
func (t *table) close() error {
	t.commitMu.Lock()
	defer t.commitMu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	t.closed = true
	close(t.room)
	var errs []error
	heads := t.frozen
	if t.active != nil {
		heads = append(slices.Clone(heads), t.active)
	}
	for _, h := range heads {
		if h.seg != nil {
			errs = append(errs, h.seg.file.Close())
		}
	}
	for _, p := range t.parts {
		p.release()
	}
	t.parts = nil
	return errors.Join(errs...)
}
