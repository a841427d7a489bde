package downsample

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
)

// Options are what a Store needs.
type Options struct {
	Dir    string  // gets one directory for each level, named after its resolution
	Levels []Level // valid, from the finest to the coarsest
	DB     *tsdb.DB

	// Changed, if set, is told that answers from mint on, milliseconds, may be
	// others than before.
	Changed func(mint int64)

	Log        *slog.Logger
	Registerer prometheus.Registerer
	Now        func() time.Time // time.Now if nil
}

// A Store holds the levels of one database.
type Store struct {
	levels  []*level
	db      *tsdb.DB
	log     *slog.Logger
	metrics *metrics
	now     func() time.Time
	changed func(mint int64)

	changing sync.Mutex    // held while something is deleted, or a block comes into use
	deletes  atomic.Uint64 // begun

	mu sync.RWMutex // guards blocks of all levels; a block in them is open
}

// A level is a Level with its blocks.
type level struct {
	Level
	dir    string
	blocks []*block        // sorted by time; they do not overlap
	empty  map[int64]int64 // days, by start, that had no samples at a time, in ms
}

// Open opens the blocks below o.Dir, and deletes what a crash left of others.
// A block that cannot be read is put aside, logged and counted.
func Open(o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func(int64) {}
	}
	s := &Store{db: o.DB, log: o.Log, metrics: newMetrics(o.Registerer), now: o.Now, changed: o.Changed}
	for _, l := range o.Levels {
		lv := &level{Level: l, dir: filepath.Join(o.Dir, l.Resolution.String()), empty: map[int64]int64{}}
		s.levels = append(s.levels, lv)
		if err := s.load(lv); err != nil {
			return nil, errors.Join(fmt.Errorf("open downsampled metrics in %s: %w", lv.dir, err), s.Close())
		}
	}
	s.observe()
	return s, nil
}

func (s *Store) load(l *level) error {
	if err := os.MkdirAll(l.dir, 0o777); err != nil {
		return fmt.Errorf("create directory: %w", err)
	}
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return fmt.Errorf("list blocks: %w", err)
	}
	var found []*block
	for _, e := range entries {
		path := filepath.Join(l.dir, e.Name())
		switch filepath.Ext(e.Name()) {
		case tmpSuffix:
			if err := os.RemoveAll(path); err != nil {
				return fmt.Errorf("delete what a crash left: %w", err)
			}
			continue
		case brokenSuffix:
			continue
		}
		b, err := openBlock(path)
		if err == nil && b.Resolution != l.resolution() {
			err = errors.Join(fmt.Errorf("its windows are of %v", time.Duration(b.Resolution)*time.Millisecond), b.Close())
		}
		if err != nil {
			s.log.Error("A block of downsampled metrics is put aside", "block", path, "err", err)
			s.metrics.broken.Inc()
			if err := os.Rename(path, path+brokenSuffix); err != nil {
				return fmt.Errorf("put a broken block aside: %w", err)
			}
			continue
		}
		found = append(found, b)
	}
	l.blocks = found
	return s.dropReplaced(l)
}

// brokenSuffix marks a block that could not be opened.
const brokenSuffix = ".broken"

// dropReplaced deletes the blocks that others stand for, which a crash may have
// left.
func (s *Store) dropReplaced(l *level) error {
	var keep []*block
	var err error
	for _, b := range l.blocks {
		replaced := slices.ContainsFunc(l.blocks, func(o *block) bool {
			return slices.Contains(o.Replaces, b.Meta().ULID)
		})
		if !replaced {
			keep = append(keep, b)
			continue
		}
		b.retired.Store(true)
		err = errors.Join(err, b.release())
	}
	l.blocks = keep
	sortBlocks(l.blocks)
	return err
}

func sortBlocks(bs []*block) {
	slices.SortFunc(bs, func(a, b *block) int { return int(a.Start/day - b.Start/day) })
}

// Close closes the blocks once their queriers are closed. It is called after
// Run.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, l := range s.levels {
		for _, b := range l.blocks {
			err = errors.Join(err, b.release())
		}
		l.blocks = nil
	}
	return err
}

// replace puts added, which may be nil, in the place of gone, whose directories
// are deleted once nobody reads them.
func (s *Store) replace(l *level, added *block, gone ...*block) error {
	s.mu.Lock()
	l.blocks = slices.DeleteFunc(slices.Clone(l.blocks), func(b *block) bool { return slices.Contains(gone, b) })
	if added != nil {
		l.blocks = append(l.blocks, added)
		sortBlocks(l.blocks)
	}
	s.mu.Unlock()
	if added != nil {
		s.changed(added.Start)
	}
	var err error
	for _, b := range gone {
		s.changed(b.Start)
		b.retired.Store(true)
		err = errors.Join(err, b.release())
	}
	return err
}

// used returns the blocks of every level that have windows ending in (lo, hi],
// each to be released.
func (s *Store) used(lo, hi int64) (perLevel [][]*block, some bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	perLevel = make([][]*block, len(s.levels))
	for i, l := range s.levels {
		for _, b := range l.blocks {
			if b.overlaps(lo, hi) {
				b.use()
				perLevel[i], some = append(perLevel[i], b), true
			}
		}
	}
	return perLevel, some
}

// Delete deletes the windows that have a moment of [mint, maxt], milliseconds,
// of the series that match. Those that still have samples get them back when
// their block is written anew, soon.
func (s *Store) Delete(ctx context.Context, mint, maxt int64, ms ...*labels.Matcher) error {
	return s.remove(ctx, mint, maxt, ms, (*block).wantRebuild)
}

// Expire deletes the windows that begin at maxt, milliseconds, or before, of
// the series that match. Their space is freed when their block is merged.
func (s *Store) Expire(ctx context.Context, maxt int64, ms ...*labels.Matcher) error {
	return s.remove(ctx, math.MinInt64, maxt, ms, func(*block) error { return nil })
}

// remove calls mark for each block before something in it is deleted.
func (s *Store) remove(ctx context.Context, mint, maxt int64, ms []*labels.Matcher, mark func(*block) error) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.deletes.Add(1)
	perLevel, _ := s.used(max(mint, 1)-1, min(maxt, math.MaxInt64-day)+day)
	var err error
	for i, blocks := range perLevel {
		r := s.levels[i].resolution()
		for _, b := range blocks {
			lo, hi := max(mint, b.Start+1), min(maxt, b.End)
			if err == nil && lo <= hi {
				err = b.remove(ctx, windowEnd(lo, r)-r, windowEnd(hi, r), ms, mark)
			}
			err = errors.Join(err, b.release())
		}
	}
	if err != nil {
		return fmt.Errorf("delete downsampled metrics: %w", err)
	}
	return nil
}

// remove deletes what lies in (lo, hi] of each lane.
func (b *block) remove(ctx context.Context, lo, hi int64, ms []*labels.Matcher, mark func(*block) error) error {
	hit, err := b.holds(ctx, lo, hi, ms)
	if err != nil || !hit {
		return err
	}
	if err := mark(b); err != nil {
		return err
	}
	for l := range lanes {
		if err := b.Delete(ctx, lo+1+l.shift(), hi+l.shift(), ms...); err != nil {
			return fmt.Errorf("write tombstones of %s: %w", b.Dir(), err)
		}
	}
	return nil
}

// holds reports whether a series that matches has a window in (lo, hi].
func (b *block) holds(ctx context.Context, lo, hi int64, ms []*labels.Matcher) (hit bool, err error) {
	set, err := b.read(ctx, lo, hi, 0, lanes-1, ms...)
	if err != nil {
		return false, err
	}
	defer func() { err = joinClose(err, set) }()
	return set.next(), set.err
}

// joinClose closes c and joins what that says with err.
func joinClose(err error, c io.Closer) error { return errors.Join(err, c.Close()) }

// Snapshot hard-links the blocks into dir, laid out as the store's own.
func (s *Store) Snapshot(dir string) error {
	perLevel, _ := s.used(-1, 1<<62)
	var err error
	for i, blocks := range perLevel {
		to := filepath.Join(dir, filepath.Base(s.levels[i].dir))
		for _, b := range blocks {
			if err == nil {
				err = b.snapshot(to)
			}
			err = errors.Join(err, b.release())
		}
	}
	if err != nil {
		return fmt.Errorf("snapshot downsampled metrics: %w", err)
	}
	return nil
}

func (b *block) snapshot(dir string) error {
	if err := b.Snapshot(dir); err != nil {
		return err
	}
	name := filepath.Base(b.Dir())
	for _, f := range []string{infoFile, rebuildFile} {
		err := os.Link(filepath.Join(b.Dir(), f), filepath.Join(dir, name, f))
		if err != nil && (f != rebuildFile || !errors.Is(err, os.ErrNotExist)) {
			return err
		}
	}
	return nil
}

// A Status is what there is of one level.
type Status struct {
	Resolution string    `json:"resolution"`
	Blocks     int       `json:"blocks"`
	Bytes      int64     `json:"bytes"`
	From       time.Time `json:"from,omitzero"` // of the windows
	To         time.Time `json:"to,omitzero"`
}

// Status lists the levels, the finest first.
func (s *Store) Status() []Status {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []Status
	for _, l := range s.levels {
		st := Status{Resolution: l.Resolution.String(), Blocks: len(l.blocks)}
		for _, b := range l.blocks {
			st.Bytes += b.Size()
		}
		if n := len(l.blocks); n > 0 {
			st.From, st.To = time.UnixMilli(l.blocks[0].Start).UTC(), time.UnixMilli(l.blocks[n-1].End).UTC()
		}
		all = append(all, st)
	}
	return all
}
