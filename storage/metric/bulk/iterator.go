package bulk

import (
	"fmt"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/tombstones"

	"github.com/oriel-obs/oriel/storage/metric/xorpack"
)

// An Iterator has the samples of a series: of the chunk that it is in either all
// of them, decoded, or an iterator of tsdb's.
type Iterator struct {
	series *series
	next   int // chunk
	err    error

	times  []int64
	values []float64
	at     int // of these

	other chunkenc.Iterator  // nil if the chunk is decoded
	kind  chunkenc.ValueType // of the sample that other is at

	// tsdbs is an iterator of tsdb's that is used to find out whether a chunk
	// is to be seen to its end.
	tsdbs chunkenc.Iterator
}

var _ chunkenc.Iterator = (*Iterator)(nil)

func (it *Iterator) reset(s *series) {
	*it = Iterator{series: s, times: it.times[:0], values: it.values[:0], at: -1, tsdbs: it.tsdbs}
}

// Floats returns the samples after the one that the iterator is at, as far as
// there are several of them at hand, and moves to the last of them. Times are in
// milliseconds. The slices are the iterator's, until it is moved. There are none
// at the end of the series, at an error, and where Next has to be asked.
func (it *Iterator) Floats() (times []int64, values []float64) {
	if it.other != nil {
		return nil, nil
	}
	from := it.at + 1
	for from >= len(it.times) {
		if !it.open() || it.other != nil {
			return nil, nil
		}
		from = 0
	}
	it.at = len(it.times) - 1
	return it.times[from:], it.values[from:]
}

// open goes to before the first sample of the next chunk.
func (it *Iterator) open() bool {
	it.times, it.values, it.at = it.times[:0], it.values[:0], -1
	it.other, it.kind = nil, chunkenc.ValNone
	if it.err != nil || it.next == len(it.series.metas) {
		return false
	}
	m := it.series.metas[it.next]
	it.next++
	it.err = it.read(m)
	if it.err != nil {
		it.err = fmt.Errorf("cannot populate chunk %d from block %s: %w", m.Ref, it.series.from.Meta().ULID, it.err)
	}
	return it.err == nil
}

func (it *Iterator) read(m chunks.Meta) error {
	var deleted tombstones.Intervals
	for _, d := range it.series.deleted {
		if m.OverlapsClosedInterval(d.Mint, d.Maxt) {
			deleted = deleted.Add(d)
		}
	}
	c, several, err := it.chunk(m)
	if err != nil {
		return err
	}
	if c == nil {
		it.other = &tsdb.DeletedIterator{Iter: several.Iterator(nil), Intervals: deleted}
		return nil
	}
	seen := c.Iterator(it.tsdbs)
	if len(deleted) > 0 {
		it.other = &tsdb.DeletedIterator{Iter: seen, Intervals: deleted}
		it.tsdbs = chunkenc.NewXORChunk().Iterator(nil) // that one is in use
		return nil
	}
	// Of a chunk of the head that is not to be seen whole, as of what is no XOR
	// chunk, the iterator is another.
	if seen == it.tsdbs {
		if it.times, it.values, err = xorpack.Unpack(c.Bytes(), it.times[:0], it.values[:0]); err == nil {
			return nil
		}
		it.times, it.values = it.times[:0], it.values[:0]
		it.tsdbs = chunkenc.NewXORChunk().Iterator(nil)
	}
	it.other = seen
	return nil
}

// chunk returns a chunk that nobody writes to.
func (it *Iterator) chunk(m chunks.Meta) (c chunkenc.Chunk, several chunkenc.Iterable, err error) {
	from := it.series.from.chunks
	if head, ok := from.(tsdb.ChunkReaderWithCopy); ok {
		c, several, _, err = head.ChunkOrIterableWithCopy(m)
		return c, several, err
	}
	return from.ChunkOrIterable(m)
}

// Next implements chunkenc.Iterator.
func (it *Iterator) Next() chunkenc.ValueType {
	for {
		if kind := it.nextHere(); kind != chunkenc.ValNone {
			return kind
		}
		if !it.open() {
			return chunkenc.ValNone
		}
	}
}

// nextHere goes to the next sample of the chunk.
func (it *Iterator) nextHere() chunkenc.ValueType {
	switch {
	case it.other != nil:
		if it.kind = it.other.Next(); it.kind == chunkenc.ValNone {
			it.err = it.other.Err()
		}
		return it.kind
	case it.at+1 < len(it.times):
		it.at++
		return chunkenc.ValFloat
	}
	return chunkenc.ValNone
}

// Seek implements chunkenc.Iterator. Chunks before t are not read.
func (it *Iterator) Seek(t int64) chunkenc.ValueType { //nolint:govet // the Seek of tsdb, not of io.Seeker
	for {
		if kind := it.seekHere(t); kind != chunkenc.ValNone {
			return kind
		}
		for metas := it.series.metas; it.next < len(metas) && metas[it.next].MaxTime < t; {
			it.next++
		}
		if !it.open() {
			return chunkenc.ValNone
		}
	}
}

// seekHere goes to the first sample of the chunk at t or later, from where the
// iterator is. It asks other for one sample after the other, since those of tsdb's
// that end before the chunk does would not when they are sought in.
func (it *Iterator) seekHere(t int64) chunkenc.ValueType {
	if it.other == nil {
		it.at = max(it.at, 0)
		for it.at < len(it.times) && it.times[it.at] < t {
			it.at++
		}
		if it.at < len(it.times) {
			return chunkenc.ValFloat
		}
		return chunkenc.ValNone
	}
	if it.kind == chunkenc.ValNone {
		it.nextHere()
	}
	for it.kind != chunkenc.ValNone && it.other.AtT() < t {
		it.nextHere()
	}
	return it.kind
}

// At implements chunkenc.Iterator.
func (it *Iterator) At() (int64, float64) {
	if it.other != nil {
		return it.other.At()
	}
	return it.times[it.at], it.values[it.at]
}

// AtT implements chunkenc.Iterator.
func (it *Iterator) AtT() int64 {
	if it.other != nil {
		return it.other.AtT()
	}
	return it.times[it.at]
}

// AtST implements chunkenc.Iterator. Samples in XOR chunks have no start.
func (it *Iterator) AtST() int64 {
	if it.other != nil {
		return it.other.AtST()
	}
	return 0
}

// AtHistogram implements chunkenc.Iterator.
func (it *Iterator) AtHistogram(h *histogram.Histogram) (int64, *histogram.Histogram) {
	return it.other.AtHistogram(h)
}

// AtFloatHistogram implements chunkenc.Iterator.
func (it *Iterator) AtFloatHistogram(h *histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return it.other.AtFloatHistogram(h)
}

// Err implements chunkenc.Iterator.
func (it *Iterator) Err() error { return it.err }
