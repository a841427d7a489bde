package bulk

import (
	"errors"
	"fmt"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
	"github.com/prometheus/prometheus/tsdb/tombstones"
	"github.com/prometheus/prometheus/util/annotations"
)

// A seriesSet is the series of postings that have chunks in [mint, maxt].
type seriesSet struct {
	from       *opened
	postings   index.Postings
	mint, maxt int64

	builder labels.ScratchBuilder
	all     []chunks.Meta // of one series
	err     error

	// Series and what they hold are allocated several at once: those of a set
	// are of use about as long as one another.
	at    *series
	some  []series
	metas []chunks.Meta
}

// mostAtOnce is how many series are allocated at once in sets that have them.
const mostAtOnce = 64

// Next implements promstorage.SeriesSet.
func (s *seriesSet) Next() bool {
	for s.postings.Next() {
		ref := s.postings.At()
		if err := s.from.index.Series(ref, &s.builder, &s.all); err != nil {
			if errors.Is(err, promstorage.ErrNotFound) {
				continue // it has left the head
			}
			s.err = fmt.Errorf("get series %d: %w", ref, err)
			return false
		}
		if len(s.all) == 0 {
			continue
		}
		deleted, err := s.from.tombstones.Get(ref)
		if err != nil {
			s.err = fmt.Errorf("get what is deleted of series %d: %w", ref, err)
			return false
		}
		if some := s.within(deleted); len(some) > 0 {
			s.at = s.another()
			*s.at = series{s.from, s.builder.Labels(), some, deleted}
			return true
		}
	}
	return false
}

// within returns the chunks of a series that have samples in the set's time that
// are not all deleted.
func (s *seriesSet) within(deleted tombstones.Intervals) []chunks.Meta {
	if cap(s.metas)-len(s.metas) < len(s.all) {
		s.metas = make([]chunks.Meta, 0, max(len(s.all), min(2*cap(s.metas), 2*mostAtOnce)))
	}
	from := len(s.metas)
	for _, m := range s.all {
		if m.OverlapsClosedInterval(s.mint, s.maxt) && !(tombstones.Interval{Mint: m.MinTime, Maxt: m.MaxTime}).IsSubrange(deleted) {
			s.metas = append(s.metas, m)
		}
	}
	return s.metas[from:len(s.metas):len(s.metas)]
}

func (s *seriesSet) another() *series {
	if len(s.some) == cap(s.some) {
		s.some = make([]series, 0, max(1, min(2*cap(s.some), mostAtOnce)))
	}
	s.some = s.some[:len(s.some)+1]
	return &s.some[len(s.some)-1]
}

// At implements promstorage.SeriesSet.
func (s *seriesSet) At() promstorage.Series { return s.at }

// Concurrent says that series of the set may be read at the same time.
func (*seriesSet) Concurrent() bool { return true }

// Err implements promstorage.SeriesSet.
func (s *seriesSet) Err() error {
	if s.err != nil {
		return s.err
	}
	return s.postings.Err()
}

// Warnings implements promstorage.SeriesSet.
func (*seriesSet) Warnings() annotations.Annotations { return nil }

// A series is one of a block.
type series struct {
	from    *opened
	labels  labels.Labels
	metas   []chunks.Meta
	deleted tombstones.Intervals
}

// Labels implements promstorage.Series.
func (s *series) Labels() labels.Labels { return s.labels }

// Iterator implements promstorage.Series. What it returns is an *Iterator.
func (s *series) Iterator(again chunkenc.Iterator) chunkenc.Iterator {
	it, ok := again.(*Iterator)
	if !ok {
		it = &Iterator{tsdbs: chunkenc.NewXORChunk().Iterator(nil)}
	}
	it.reset(s)
	return it
}
