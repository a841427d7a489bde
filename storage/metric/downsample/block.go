package downsample

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
	"github.com/prometheus/prometheus/tsdb/tombstones"

	"github.com/oriel-obs/oriel/internal/vfs"
)

// rebuildFile, in a block's directory, says that the block is to be written
// anew: samples under it were deleted or came late.
const rebuildFile = "rebuild"

// A block is an open block of windows. It is closed, and its directory deleted
// if it is retired, when its last user releases it.
type block struct {
	info
	*tsdb.Block
	entries *seriesIndex

	users   atomic.Int64 // the store itself is one
	retired atomic.Bool
	rebuild atomic.Bool
}

func openBlock(dir string) (*block, error) {
	text, err := os.ReadFile(filepath.Join(dir, infoFile))
	if err != nil {
		return nil, fmt.Errorf("read what a block is: %w", err)
	}
	b := &block{}
	if err := json.Unmarshal(text, &b.info); err != nil {
		return nil, fmt.Errorf("read %s: %w", infoFile, err)
	}
	if b.Format != 1 || b.Resolution <= 0 || day%b.Resolution != 0 || b.Start < 0 || b.End <= b.Start || b.Start%day != 0 || b.End%day != 0 {
		return nil, fmt.Errorf("read %s: format %d, resolution %d, windows of (%d, %d] are not what this version writes", infoFile, b.Format, b.Resolution, b.Start, b.End)
	}
	if _, err := os.Stat(filepath.Join(dir, rebuildFile)); err == nil {
		b.rebuild.Store(true)
	}
	if b.Block, err = tsdb.OpenBlock(nil, dir, nil, nil); err != nil {
		return nil, fmt.Errorf("open block: %w", err)
	}
	if b.entries, err = openSeriesIndex(dir); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.users.Store(1)
	return b, nil
}

func (b *block) use() { b.users.Add(1) }

func (b *block) release() error {
	if b.users.Add(-1) > 0 {
		return nil
	}
	err := errors.Join(b.entries.file.Close(), b.Close())
	if b.retired.Load() {
		err = errors.Join(err, removeBlock(b.Dir()))
	}
	if err != nil {
		return fmt.Errorf("release block: %w", err)
	}
	return nil
}

// removeBlock deletes a block so that a crash in between leaves no half of one.
func removeBlock(dir string) error {
	if err := os.Rename(dir, dir+tmpSuffix); err != nil {
		return fmt.Errorf("delete block: %w", err)
	}
	if err := os.RemoveAll(dir + tmpSuffix); err != nil {
		return fmt.Errorf("delete block: %w", err)
	}
	return vfs.Disk{}.SyncDir(filepath.Dir(dir))
}

// wantRebuild has the block written anew, also after a restart.
func (b *block) wantRebuild() error {
	if err := vfs.WriteFile(vfs.Disk{}, filepath.Join(b.Dir(), rebuildFile), nil); err != nil {
		return err
	}
	b.rebuild.Store(true)
	return vfs.Disk{}.SyncDir(b.Dir())
}

// overlaps reports whether a window that ends in (lo, hi] may be in the block.
func (b *block) overlaps(lo, hi int64) bool { return b.Start < hi && lo < b.End }

// A blockSet yields the series of a block that match and have a window that
// ends in (lo, hi] in the lanes from first to last.
type blockSet struct {
	b           *block
	lo, hi      int64
	first, last lane

	postings index.Postings
	index    tsdb.IndexReader
	chunks   tsdb.ChunkReader
	stones   tombstones.Reader
	closed   bool

	builder labels.ScratchBuilder
	metas   []chunks.Meta
	at      seriesPart
	err     error
}

// A seriesPart is what one block has of a series.
type seriesPart struct {
	labels labels.Labels
	set    *blockSet
	chunks []chunks.Meta // of the lanes asked for, in order
	stones tombstones.Intervals
}

// read opens the block for reading; the set must be closed once its series are
// no longer used.
func (b *block) read(ctx context.Context, lo, hi int64, first, last lane, ms ...*labels.Matcher) (*blockSet, error) {
	s := &blockSet{b: b, lo: max(lo, b.Start), hi: min(hi, b.End), first: first, last: last}
	if err := s.open(ctx, ms); err != nil {
		return nil, errors.Join(fmt.Errorf("read block %s: %w", b.Dir(), err), s.Close())
	}
	return s, nil
}

func (s *blockSet) open(ctx context.Context, ms []*labels.Matcher) (err error) {
	if s.index, err = s.b.Index(); err != nil {
		return err
	}
	if err = s.b.entries.load(s.index); err != nil {
		return err
	}
	if s.chunks, err = s.b.Chunks(); err != nil {
		return err
	}
	if s.stones, err = s.b.Tombstones(); err != nil {
		return err
	}
	if len(ms) == 0 {
		s.postings = tsdb.AllSortedPostings(ctx, s.index)
		return nil
	}
	s.postings, err = tsdb.PostingsForMatchers(ctx, s.index, ms...)
	return err
}

// Close ends the use of the series.
func (s *blockSet) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	var err error
	if s.index != nil {
		err = s.index.Close()
	}
	if s.chunks != nil {
		err = errors.Join(err, s.chunks.Close())
	}
	if s.stones != nil {
		err = errors.Join(err, s.stones.Close())
	}
	return err
}

func (s *blockSet) next() bool {
	for s.postings.Next() {
		ref := s.postings.At()
		if s.err = s.b.entries.series(ref, &s.builder, &s.metas); s.err != nil {
			return false
		}
		chks := s.wanted()
		if len(chks) == 0 {
			continue
		}
		stones, err := s.stones.Get(ref)
		if s.err = err; err != nil {
			return false
		}
		if len(stones) > 0 && (tombstones.Interval{Mint: chks[0].MinTime, Maxt: chks[len(chks)-1].MaxTime}).IsSubrange(stones) {
			continue
		}
		s.at = seriesPart{labels: s.builder.Labels(), set: s, chunks: append([]chunks.Meta(nil), chks...), stones: stones}
		return true
	}
	s.err = s.postings.Err()
	return false
}

// wanted cuts metas down to the lanes and times asked for; they are sorted.
func (s *blockSet) wanted() []chunks.Meta {
	from, to := s.lo+1+s.first.shift(), s.hi+s.last.shift()
	n := 0
	for _, m := range s.metas {
		if m.MaxTime < from || m.MinTime > to {
			continue
		}
		if l := lane(m.MinTime >> laneBits); m.MaxTime-l.shift() <= s.lo || m.MinTime-l.shift() > s.hi {
			continue
		}
		s.metas[n] = m
		n++
	}
	return s.metas[:n]
}

// lane returns the chunks of one lane.
func (p seriesPart) lane(l lane) []chunks.Meta {
	from, to := 0, len(p.chunks)
	for from < to && lane(p.chunks[from].MinTime>>laneBits) < l {
		from++
	}
	end := from
	for end < to && lane(p.chunks[end].MinTime>>laneBits) == l {
		end++
	}
	return p.chunks[from:end]
}
