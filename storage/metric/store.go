package metric

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/wlog"
	"github.com/prometheus/prometheus/util/compression"
	"golang.org/x/sync/errgroup"

	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/metric/bulk"
	"github.com/oriel-obs/oriel/storage/metric/downsample"
	"github.com/oriel-obs/oriel/storage/metric/trim"
)

var (
	_ promstorage.AppendableV2            = (*Store)(nil)
	_ promstorage.Appendable              = (*Store)(nil)
	_ promstorage.SampleAndChunkQueryable = (*Store)(nil)
	_ promstorage.ExemplarQueryable       = (*Store)(nil)
)

// A Store is one tsdb with what Oriel adds to it.
type Store struct {
	// Refs finds the series of label bytes seen before.
	Refs *Refs

	// Families has the type, help and unit of the metric families.
	Families *Families

	cfg     Config
	log     *slog.Logger
	db      *tsdb.DB
	stats   *tsdb.DBStats
	metrics *storeMetrics
	syncers []*segmentSyncer
	failure atomic.Pointer[error] // of the WAL; nothing is committed after it
	follow  atomic.Pointer[Follower]
	changes *changes

	census  *census
	history *history
	bytes   *byteCount
	head    headSample

	windows *downsample.Store // of old samples
	rules   []retentionRule
}

// A Follower is told of what is committed. It must not block.
type Follower interface {
	// Committed says that samples were committed, the newest of newest, in
	// milliseconds, and are in the WAL.
	Committed(samples int, newest int64)

	// Notify says that something was written to the WAL.
	Notify()
}

// Follow has f, instead of the follower before, told of what is committed from
// now on. The few samples of rules are not counted.
func (s *Store) Follow(f Follower) { s.follow.Store(&f) }

// walNotifier passes tsdb's news of the WAL on to the follower of the moment:
// tsdb itself takes one for good.
type walNotifier struct{ s *Store }

func (n walNotifier) Notify() {
	if f := n.s.follow.Load(); f != nil {
		(*f).Notify()
	}
}

// Open opens or creates the database in cfg.Dir and replays its WAL. Metrics,
// tsdb's own included, are registered with reg. tsdb compacts in a goroutine
// of its own from here until Close; everything else is Run's.
func Open(cfg Config, log *slog.Logger, reg prometheus.Registerer) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("metric store: %w", err)
	}
	m := newStoreMetrics(reg)
	s := &Store{
		Refs:    newRefs(m),
		cfg:     cfg,
		log:     log,
		stats:   tsdb.NewDBStats(),
		metrics: m,
		changes: newChanges(),
	}
	s.census = newCensus(s.Refs, m)
	var err error
	if err := s.census.load(cfg.Dir, log); err != nil {
		return nil, fmt.Errorf("open metric store %s: %w", cfg.Dir, err)
	}
	cfg.Replay.Begin(replayed(filepath.Join(cfg.Dir, "wal"), s.stats.Head.WALReplayStatus))
	if s.db, err = openDB(cfg.Dir, log, reg, options(cfg, s.census), s.stats); err != nil {
		return nil, fmt.Errorf("open metric store %s: %w", cfg.Dir, err)
	}
	cfg.Replay.End()
	s.db.SetWriteNotified(walNotifier{s})
	if s.Families, err = openFamilies(cfg, log, m); err != nil {
		return nil, errors.Join(fmt.Errorf("open metric store %s: %w", cfg.Dir, err), s.db.Close())
	}
	if s.history, err = openHistory(cfg.Dir, log); err != nil {
		return nil, errors.Join(fmt.Errorf("open metric store %s: %w", cfg.Dir, err), s.db.Close())
	}
	if err := s.openWindows(reg); err != nil {
		return nil, errors.Join(fmt.Errorf("open metric store %s: %w", cfg.Dir, err), s.db.Close())
	}
	s.bytes = newByteCount(cfg.Dir, s.db, log)
	s.syncers = newSegmentSyncers(cfg.Dir, m)
	if err := s.census.recount(context.Background(), s.db.Head()); err != nil {
		return nil, errors.Join(fmt.Errorf("open metric store %s: %w", cfg.Dir, err), s.db.Close())
	}
	s.census.since = time.Now()
	s.SetLimits(storage.SeriesLimits{})
	return s, nil
}

// replayed tells which segment of the log in dir tsdb reads, of how many.
func replayed(dir string, status *tsdb.WALReplayStatus) func() (segment, segments int) {
	first, last, err := wlog.Segments(dir)
	if err != nil || last < 0 { // there is none yet; tsdb says what else is wrong
		return func() (int, int) { return 0, 0 }
	}
	segments := last - first + 1
	return func() (int, int) {
		at := status.GetWALReplayStatus()
		switch at.Max {
		case last + 1: // tsdb has begun a segment to write to
			return min(max(at.Current-first+1, 1), segments), segments
		case 0:
			return 0, segments // not begun
		}
		return segments, segments // it reads the log of samples out of order
	}
}

// options differs from Prometheus' defaults where one process also holds logs,
// traces and a page, and should be small when idle: fewer stripes and a
// smaller write buffer cost a few percent of speed at millions of series.
func options(cfg Config, series tsdb.SeriesLifecycleCallback) *tsdb.Options {
	o := tsdb.DefaultOptions()
	o.RetentionDuration = time.Duration(cfg.Retention).Milliseconds()
	o.MaxBytes = int64(cfg.RetentionSize)
	o.MaxBlockDuration = maxBlockDuration(time.Duration(cfg.Retention)).Milliseconds()
	o.OutOfOrderTimeWindow = time.Duration(cfg.OutOfOrderWindow).Milliseconds()
	o.WALCompression = compression.Snappy // zstd halves the WAL again, but triples the CPU of logging
	o.EnableMemorySnapshotOnShutdown = true
	o.EnableExemplarStorage = cfg.MaxExemplars > 0
	o.MaxExemplars = cfg.MaxExemplars
	o.StripeSize = 1 << 12
	o.HeadChunksWriteBufferSize = 1 << 20
	o.SeriesLifecycleCallback = series
	o.NewCompactorFunc = newCompactor
	o.BlockQuerierFunc = bulk.Querier
	return o
}

// maxBlockDuration is Prometheus' rule: a tenth of the retention, so that
// dropping a block never drops much at once, and at most 31 days.
func maxBlockDuration(retention time.Duration) time.Duration {
	const most = 31 * 24 * time.Hour
	if retention == 0 {
		return most
	}
	return min(max(retention/10, time.Duration(tsdb.DefaultBlockDuration)*time.Millisecond), most)
}

// Run fsyncs the WAL, saves metadata, tidies the Refs cache and downsamples and
// drops old samples until ctx ends. It owns every goroutine of the store but tsdb's own.
func (s *Store) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.syncLoop(ctx) })
	g.Go(func() error { return s.tidyLoop(ctx) })
	g.Go(func() error { return s.countLoop(ctx) })
	g.Go(func() error { return s.windows.Run(ctx) })
	g.Go(func() error { return s.retainLoop(ctx) })
	return g.Wait()
}

// tidyInterval bounds what a kill loses of metadata that senders repeat every
// minute anyway.
const tidyInterval = 15 * time.Second

func (s *Store) tidyLoop(ctx context.Context) error {
	t := time.NewTicker(tidyInterval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		s.Refs.sweep()
		if err := s.Families.save(); err != nil {
			s.log.Warn("Metadata of metric families is not saved; it is retried", "err", err)
		}
		if err := s.census.save(); err != nil {
			s.log.Warn("Which metrics are asked for is not saved; it is retried", "err", err)
		}
		s.warn()
	}
}

// Close snapshots the head and releases the files. It is called after Run.
func (s *Store) Close() error {
	s.census.unsaved.Store(true)
	err := errors.Join(s.Families.save(), s.census.save(), s.windows.Close(), s.db.Close())
	for _, y := range s.syncers {
		err = errors.Join(err, y.close())
	}
	if err != nil {
		return fmt.Errorf("close metric store: %w", err)
	}
	return nil
}

// Querier reads samples of [mint, maxt], milliseconds, and what they were
// downsampled to where that serves. storage.WithMaxResolution decides on that.
func (s *Store) Querier(mint, maxt int64) (promstorage.Querier, error) {
	return s.census.noting(s.windows.Querier(mint, maxt))
}

// ChunkQuerier reads whole chunks of samples, not downsampled, that overlap
// [mint, maxt], milliseconds.
func (s *Store) ChunkQuerier(mint, maxt int64) (promstorage.ChunkQuerier, error) {
	return s.census.notingChunks(trim.ChunkQuerier(s.db, mint, maxt))
}

// ExemplarQuerier reads the exemplars still in memory.
func (s *Store) ExemplarQuerier(ctx context.Context) (promstorage.ExemplarQuerier, error) {
	return s.db.ExemplarQuerier(ctx)
}

// StartTime is the time of the oldest sample, in milliseconds.
func (s *Store) StartTime() (int64, error) { return s.db.StartTime() }

// OldestTime is the time of the oldest sample or, if that is older, of the oldest
// window of downsampled ones, in milliseconds.
func (s *Store) OldestTime() (int64, error) {
	oldest, err := s.db.StartTime()
	for _, level := range s.windows.Status() {
		if level.Blocks > 0 {
			oldest = min(oldest, level.From.UnixMilli())
		}
	}
	return oldest, err
}

// DiskBytes returns how much its blocks take on disk, and how much the head
// does with its write-ahead logs.
func (s *Store) DiskBytes() (blocks, head int64) {
	for _, b := range s.db.Blocks() {
		blocks += b.Size()
	}
	return blocks, s.db.Head().Size()
}

// CleanTombstones rewrites the blocks that have deleted samples.
func (s *Store) CleanTombstones() error { return s.db.CleanTombstones() }

// Delete hides the samples of [mint, maxt], milliseconds, of the series that
// match; CleanTombstones frees their space.
func (s *Store) Delete(ctx context.Context, mint, maxt int64, ms ...*labels.Matcher) error {
	err := s.db.Delete(ctx, mint, maxt, ms...)
	if err == nil {
		err = s.windows.Delete(ctx, mint, maxt, ms...)
	}
	s.changes.note(mint)
	return err
}

// Snapshot hard-links the blocks into dir, and writes the head as one more
// block if withHead is true. Late samples of the head go to blocks first, since
// tsdb leaves them out.
func (s *Store) Snapshot(dir string, withHead bool) error {
	if withHead {
		if err := s.db.CompactOOOHead(context.Background()); err != nil {
			return fmt.Errorf("write late samples to a block: %w", err)
		}
	}
	if err := s.db.Snapshot(dir, withHead); err != nil {
		return err
	}
	return s.windows.Snapshot(filepath.Join(dir, windowsDir))
}

// Stats counts the head's series, by label statsByLabelName among others; each
// list has at most limit entries.
func (s *Store) Stats(statsByLabelName string, limit int) (*tsdb.Stats, error) {
	return s.db.Head().Stats(statsByLabelName, limit), nil
}

// WALReplayStatus is how far Open has come, in segments.
func (s *Store) WALReplayStatus() (tsdb.WALReplayStatus, error) {
	return s.stats.Head.WALReplayStatus.GetWALReplayStatus(), nil
}

// BlockMetas describes the blocks on disk.
func (s *Store) BlockMetas() ([]tsdb.BlockMeta, error) { return s.db.BlockMetas(), nil }

// NumSeries is the number of series in the head.
func (s *Store) NumSeries() uint64 { return s.db.Head().NumSeries() }
