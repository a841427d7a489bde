package downsample

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"
)

// A part is what one stretch of time has of a series: windows, or samples if
// raw is not nil.
type part struct {
	seriesPart
	raw    promstorage.Series
	order  int
	lo, hi int64 // the stretch is (lo, hi]
}

// A longSeries is a series in parts that follow each other in time and do not
// overlap.
type longSeries struct {
	labels labels.Labels
	parts  []part
	how    *reading
}

func (s *longSeries) Labels() labels.Labels { return s.labels }

func (s *longSeries) Iterator(reuse chunkenc.Iterator) chunkenc.Iterator {
	it, ok := reuse.(*longIterator)
	if !ok {
		it = &longIterator{}
	}
	it.reset(s)
	return it
}

// joinParts makes one series of those with the same labels.
func joinParts(same ...promstorage.Series) promstorage.Series {
	all := *same[0].(*longSeries)
	all.parts = nil
	for _, s := range same {
		all.parts = append(all.parts, s.(*longSeries).parts...)
	}
	slices.SortFunc(all.parts, func(a, b part) int { return a.order - b.order })
	return &all
}

// setOfParts makes a blockSet one of longSeries of one part.
type setOfParts struct {
	set    *blockSet
	order  int
	lo, hi int64 // the stretch that the block is read for
	how    *reading
}

func (s *setOfParts) Next() bool { return s.set.next() }

func (s *setOfParts) At() promstorage.Series {
	p := part{seriesPart: s.set.at, order: s.order, lo: s.lo, hi: s.hi}
	return &longSeries{labels: p.labels, parts: []part{p}, how: s.how}
}

func (s *setOfParts) Err() error {
	if s.set.err != nil {
		return fmt.Errorf("read block %s: %w", s.set.b.Dir(), s.set.err)
	}
	return nil
}

func (*setOfParts) Warnings() annotations.Annotations { return nil }

// rawParts makes a set of series of samples one of longSeries of one part.
type rawParts struct {
	promstorage.SeriesSet
	order  int
	lo, hi int64
	how    *reading
}

func (s *rawParts) At() promstorage.Series {
	raw := s.SeriesSet.At()
	return &longSeries{labels: raw.Labels(), parts: []part{{raw: raw, order: s.order, lo: s.lo, hi: s.hi}}, how: s.how}
}
