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

// A partSet yields what one stretch of time has of each series, in the order of
// labels.
type partSet interface {
	Next() bool
	labels() labels.Labels
	part() part
	Err() error
	Warnings() annotations.Annotations
}

// A windowParts is the partSet of a block.
type windowParts struct {
	set    *blockSet
	lo, hi int64 // the stretch that the block is read for
}

func (s *windowParts) Next() bool            { return s.set.next() }
func (s *windowParts) labels() labels.Labels { return s.set.at.labels }
func (s *windowParts) part() part            { return part{seriesPart: s.set.at, lo: s.lo, hi: s.hi} }

func (s *windowParts) Err() error {
	if s.set.err != nil {
		return fmt.Errorf("read block %s: %w", s.set.b.Dir(), s.set.err)
	}
	return nil
}

func (*windowParts) Warnings() annotations.Annotations { return nil }

// A rawParts is the partSet of samples.
type rawParts struct {
	promstorage.SeriesSet
	lo, hi int64
	at     promstorage.Series
}

func (s *rawParts) Next() bool {
	if !s.SeriesSet.Next() {
		return false
	}
	s.at = s.At()
	return true
}

func (s *rawParts) labels() labels.Labels { return s.at.Labels() }
func (s *rawParts) part() part            { return part{raw: s.at, lo: s.lo, hi: s.hi} }

// A joined set makes one series of the parts that have the same labels. As a rule
// all sets have the same series, so they are compared one after the other.
type joined struct {
	how   *reading
	limit int // of series; 0 is none

	sets  []partSet // that have a series yet, in the order of time
	heads []labels.Labels
	ended []partSet
	least []int // of sets, those whose part is in the current series
	begun bool

	given int
	at    *longSeries
	err   error
}

func join(how *reading, limit int, sets []partSet) *joined {
	return &joined{how: how, limit: limit, sets: sets, heads: make([]labels.Labels, len(sets))}
}

// Next implements promstorage.SeriesSet.
func (j *joined) Next() bool {
	if j.err != nil || !j.advance() || len(j.sets) == 0 || j.limit > 0 && j.given == j.limit {
		return false
	}
	j.least = append(j.least[:0], 0)
	for i := 1; i < len(j.heads); i++ {
		switch c := labels.Compare(j.heads[i], j.heads[j.least[0]]); {
		case c < 0:
			j.least = append(j.least[:0], i)
		case c == 0:
			j.least = append(j.least, i)
		}
	}
	s := &longSeries{labels: j.heads[j.least[0]], how: j.how, parts: make([]part, len(j.least))}
	for n, i := range j.least {
		s.parts[n] = j.sets[i].part()
	}
	j.at = s
	j.given++
	return true
}

// advance moves the sets on whose part was given, and forgets those at their end.
func (j *joined) advance() bool {
	if !j.begun {
		j.begun = true
		for i := range j.sets {
			j.least = append(j.least, i)
		}
	}
	for n := len(j.least) - 1; n >= 0; n-- {
		i := j.least[n]
		if j.sets[i].Next() {
			j.heads[i] = j.sets[i].labels()
			continue
		}
		if j.err = j.sets[i].Err(); j.err != nil {
			return false
		}
		j.ended = append(j.ended, j.sets[i])
		j.sets, j.heads = slices.Delete(j.sets, i, i+1), slices.Delete(j.heads, i, i+1)
	}
	j.least = j.least[:0]
	return true
}

// At implements promstorage.SeriesSet.
func (j *joined) At() promstorage.Series { return j.at }

// Err implements promstorage.SeriesSet.
func (j *joined) Err() error { return j.err }

// Warnings implements promstorage.SeriesSet.
func (j *joined) Warnings() annotations.Annotations {
	var all annotations.Annotations
	for _, s := range slices.Concat(j.sets, j.ended) {
		all.Merge(s.Warnings())
	}
	return all
}

// Concurrent says that the series may be read at the same time.
func (*joined) Concurrent() bool { return true }
