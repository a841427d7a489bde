package fold

import (
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// instead returns what stands in place of e: a selector that has its series. It is
// in parentheses, since functions treat selectors that they are given in ways of
// their own.
func instead(e parser.Expr, made []promstorage.Series) parser.Expr {
	pos := e.PositionRange()
	return &parser.ParenExpr{
		Expr:     &parser.VectorSelector{Series: made, PosRange: pos},
		PosRange: pos,
	}
}

// A madeSeries has a sample at each step: a value, or the marker that there is
// none.
type madeSeries struct {
	labels labels.Labels
	grid   grid
	values []float64
}

// Labels implements promstorage.Series.
func (s *madeSeries) Labels() labels.Labels { return s.labels }

// Iterator implements promstorage.Series.
func (s *madeSeries) Iterator(reuse chunkenc.Iterator) chunkenc.Iterator {
	it, ok := reuse.(*madeIterator)
	if !ok {
		it = &madeIterator{}
	}
	*it = madeIterator{series: s, at: -1}
	return it
}

type madeIterator struct {
	series *madeSeries
	at     int // step
}

func (it *madeIterator) Next() chunkenc.ValueType {
	it.at++
	return it.kind()
}

func (it *madeIterator) Seek(t int64) chunkenc.ValueType { //nolint:govet // the Seek of tsdb, not of io.Seeker
	g := it.series.grid
	if t > g.start {
		it.at = max(it.at, int((t-g.start+g.step-1)/g.step))
	}
	it.at = max(it.at, 0)
	return it.kind()
}

func (it *madeIterator) kind() chunkenc.ValueType {
	if it.at >= len(it.series.values) {
		it.at = len(it.series.values)
		return chunkenc.ValNone
	}
	return chunkenc.ValFloat
}

func (it *madeIterator) At() (int64, float64) { return it.AtT(), it.series.values[it.at] }

func (it *madeIterator) AtT() int64 { return it.series.grid.start + int64(it.at)*it.series.grid.step }

func (*madeIterator) AtST() int64 { return 0 }

func (*madeIterator) Err() error { return nil }

// AtHistogram is not called: there are only floats.
func (it *madeIterator) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) {
	return it.AtT(), nil
}

// AtFloatHistogram is not called either.
func (it *madeIterator) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return it.AtT(), nil
}
