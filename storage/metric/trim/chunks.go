package trim

import (
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

type chunkSeriesSet struct {
	promstorage.ChunkSeriesSet
	span span
}

// At implements promstorage.ChunkSeriesSet.
func (s chunkSeriesSet) At() promstorage.ChunkSeries {
	return chunkSeries{s.ChunkSeriesSet.At(), s.span}
}

type chunkSeries struct {
	promstorage.ChunkSeries
	span span
}

// Iterator implements promstorage.ChunkSeries.
func (s chunkSeries) Iterator(it chunks.Iterator) chunks.Iterator {
	again, ok := it.(*chunkIterator)
	if !ok {
		again = &chunkIterator{}
	}
	*again = chunkIterator{whole: s.ChunkSeries.Iterator(again.whole), span: s.span}
	return again
}

// A chunkIterator has the chunks of another one as far as they are in the span.
type chunkIterator struct {
	whole chunks.Iterator
	span  span
	made  chunks.Iterator // of a chunk that is half outside
	at    chunks.Meta
	err   error
}

// Next implements chunks.Iterator.
func (it *chunkIterator) Next() bool {
	for it.err == nil {
		if it.made != nil {
			if it.made.Next() {
				it.at = it.made.At()
				return true
			}
			it.err, it.made = it.made.Err(), nil
			continue
		}
		if !it.whole.Next() {
			it.err = it.whole.Err()
			return false
		}
		it.at = it.whole.At()
		if it.at.MinTime >= it.span.mint && it.at.MaxTime <= it.span.maxt {
			return true
		}
		if it.at.OverlapsClosedInterval(it.span.mint, it.span.maxt) {
			part := series{&promstorage.SeriesEntry{SampleIteratorFn: it.at.Chunk.Iterator}, it.span}
			it.made = promstorage.NewSeriesToChunkEncoder(part).Iterator(nil)
		}
	}
	return false
}

// At implements chunks.Iterator.
func (it *chunkIterator) At() chunks.Meta { return it.at }

// Err implements chunks.Iterator.
func (it *chunkIterator) Err() error { return it.err }
