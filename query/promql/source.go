package promql

import (
	"context"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
)

// A source is a Queryable as the engine is to see it. Samples outside of the
// range of a query are not cut off, as the engine looks at none of them: that
// spares an iterator around each chunk, and tsdb 0.314 panics when it cuts a
// series off at the end within one of several deleted ranges.
type source struct{ promstorage.Queryable }

func (s *source) Querier(mint, maxt int64) (promstorage.Querier, error) {
	q, err := s.Queryable.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	return untrimmed{q}, nil
}

type untrimmed struct{ promstorage.Querier }

func (q untrimmed) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	if hints != nil {
		whole := *hints
		whole.DisableTrimming = true
		hints = &whole
	}
	return q.Querier.Select(ctx, sorted, hints, ms...)
}
