package metric

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/prometheus/tsdb/wlog"

	"github.com/oriel-obs/oriel/internal/vfs"
)

// syncLoop bounds what a power cut can take. tsdb itself fsyncs a segment only
// when it is full, every 128 MiB; an acknowledged write is in the page cache
// before that, which is why a kill loses nothing.
func (s *Store) syncLoop(ctx context.Context) error {
	t := time.NewTicker(time.Duration(s.cfg.SyncInterval))
	defer t.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		var err error
		for _, y := range s.syncers {
			err = errors.Join(err, y.sync())
		}
		if err != nil {
			s.metrics.syncFailures.Inc()
			if !failing { // once per outage, not once a second
				s.log.Error("The WAL cannot be fsynced; a power cut would lose samples", "err", err)
			}
		}
		failing = err != nil
	}
}

// A segmentSyncer fsyncs the newest segment of one log directory. It uses a
// file handle of its own, since tsdb's is not ours to lock: fsync works on the
// inode, whoever wrote to it.
type segmentSyncer struct {
	dir     string
	metrics *storeMetrics

	file   *os.File
	synced int64 // size at the last fsync
}

func newSegmentSyncers(dir string, m *storeMetrics) []*segmentSyncer {
	return []*segmentSyncer{
		{dir: filepath.Join(dir, "wal"), metrics: m},
		{dir: filepath.Join(dir, wlog.WblDirName), metrics: m},
	}
}

// sync does nothing if no byte was written since the last time.
func (y *segmentSyncer) sync() error {
	_, last, err := wlog.Segments(y.dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && last < 0 {
		return nil // no out-of-order sample has come yet
	}
	if err != nil {
		return fmt.Errorf("list segments of %s: %w", y.dir, err)
	}
	name := wlog.SegmentName(y.dir, last)
	if y.file == nil || y.file.Name() != name {
		if err := y.open(name); err != nil {
			return err
		}
	}
	info, err := y.file.Stat()
	if err != nil {
		return fmt.Errorf("size of %s: %w", name, err)
	}
	if info.Size() == y.synced {
		return nil
	}
	start := time.Now()
	if err := y.file.Sync(); err != nil {
		return fmt.Errorf("fsync %s: %w", name, err)
	}
	y.synced = info.Size()
	y.metrics.syncDuration.Observe(time.Since(start).Seconds())
	return nil
}

// open moves on to segment name, and makes its directory entry durable too.
// tsdb fsyncs the segment before it.
func (y *segmentSyncer) open(name string) error {
	if err := y.close(); err != nil {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("open segment to fsync it: %w", err)
	}
	y.file, y.synced = f, -1
	return vfs.Disk{}.SyncDir(y.dir)
}

func (y *segmentSyncer) close() error {
	if y.file == nil {
		return nil
	}
	err := y.file.Close()
	y.file = nil
	return err
}
