package trim

import (
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

type seriesSet struct {
	promstorage.SeriesSet
	span span
}

// At implements promstorage.SeriesSet.
func (s seriesSet) At() promstorage.Series { return series{s.SeriesSet.At(), s.span} }

type series struct {
	promstorage.Series
	span span
}

// Iterator implements promstorage.Series.
func (s series) Iterator(it chunkenc.Iterator) chunkenc.Iterator {
	again, ok := it.(*iterator)
	if !ok {
		again = &iterator{}
	}
	*again = iterator{Iterator: s.Series.Iterator(again.Iterator), span: s.span}
	return again
}

// An iterator has the samples of another one that are in the span.
type iterator struct {
	chunkenc.Iterator
	span  span
	begun bool
}

// Next implements chunkenc.Iterator.
func (it *iterator) Next() chunkenc.ValueType {
	if !it.begun {
		return it.Seek(it.span.mint)
	}
	return it.within(it.Iterator.Next())
}

// Seek implements chunkenc.Iterator.
func (it *iterator) Seek(t int64) chunkenc.ValueType { //nolint:govet // the Seek of tsdb, not of io.Seeker
	it.begun = true
	return it.within(it.Iterator.Seek(max(t, it.span.mint)))
}

func (it *iterator) within(kind chunkenc.ValueType) chunkenc.ValueType {
	if kind != chunkenc.ValNone && it.AtT() > it.span.maxt {
		return chunkenc.ValNone
	}
	return kind
}
