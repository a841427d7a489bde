package event

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/fulltext"
)

// A Store is the event store. It implements ingest.EventWriter and
// query.EventSource.
type Store struct {
	tables [2]*table
	gate   *fair.Gate // bounds the granules decoded at once, over all scans

	scratches scratches // of all scans

	mergeMu   sync.Mutex    // held while parts are merged
	mergeRest time.Time     // when merging goes on after a failure; of the merge loop
	merges    chan struct{} // tells the merge loop that there may be something to merge
}

// wordsCache bounds the memory for the dictionaries of token indexes, in bytes.
const wordsCache = 32 << 20

// Open loads the store in cfg.Dir, making the folder if it is absent, and
// replays its write-ahead log. Rows may be appended and scanned at once; Run
// must run for heads to be flushed. Only one process may have the folder open,
// which the caller sees to.
func Open(cfg Config, log *slog.Logger, reg prometheus.Registerer) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("event store: %w", err)
	}
	if cfg.FS == nil {
		cfg.FS = vfs.Disk{}
	}
	cfg.Dir = filepath.ToSlash(cfg.Dir)
	m := newMetrics(reg)
	s := &Store{gate: fair.NewBrief(runtime.GOMAXPROCS(0)), merges: make(chan struct{}, 1)}
	tokens, opens := fulltext.NewCache(wordsCache), newOpenSet(openBytes, openParts)
	codec := &zstd.Codec{Level: zstd.SpeedFastest}
	for i, sig := range []model.Signal{model.Logs, model.Spans} {
		s.tables[i] = newTable(sig, cfg, log.With("component", "event"), m.of(sig), tokens, opens, codec)
		s.tables[i].changed = s.nudgeMerges
	}
	for _, t := range s.tables {
		if err := t.load(); err != nil {
			return nil, errors.Join(fmt.Errorf("open event store %s: %w", t.dir, err), s.Close())
		}
	}
	return s, nil
}

func (s *Store) table(sig model.Signal) *table {
	for _, t := range s.tables {
		if t.signal == sig {
			return t
		}
	}
	return nil
}

// Run flushes heads and expires parts until ctx ends. It owns every goroutine
// of the store that outlives a call; when it returns, none is left.
func (s *Store) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, t := range s.tables {
		g.Go(func() error { return t.flushLoop(ctx) })
	}
	g.Go(func() error { return s.mergeLoop(ctx) })
	g.Go(func() error { return s.retainLoop(ctx) })
	return g.Wait()
}

// Flush turns every row appended so far into parts. It is for shutting down
// and for tests; Run flushes by itself.
func (s *Store) Flush(ctx context.Context) error {
	var errs []error
	for _, t := range s.tables {
		err := t.freezeActive()
		if err == nil {
			err = t.flushFrozen(ctx)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("flush %v: %w", t.signal, err))
		}
	}
	return errors.Join(errs...)
}

// Close releases the store's files, after Run has returned. Rows that are not
// flushed stay in the write-ahead log, so nothing is lost without a Flush.
func (s *Store) Close() error {
	var errs []error
	for _, t := range s.tables {
		if t != nil {
			errs = append(errs, t.close())
		}
	}
	return errors.Join(errs...)
}
