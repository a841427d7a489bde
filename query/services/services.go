// Package services tells about services what their spans and the metrics made
// of them say: rates, errors and durations, who calls whom, which errors there
// are, where the time of a trace went, and what belongs together.
//
// Rates, durations and the map come from the metrics that ingest/spanmetrics
// and ingest/servicegraph write: they are there for any range of time and see
// spans that sampling dropped. The rest comes from spans.
package services

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/traceql"
)

// Options are what a Services needs. All are required.
type Options struct {
	PromQL  promql.QueryEngine
	Metrics promstorage.Queryable
	Events  query.EventSource
	Traces  *traceql.Engine
}

// Services answers questions. It is safe for concurrent use.
type Services struct{ opts Options }

// New returns a Services.
func New(o Options) *Services { return &Services{o} }

// vector evaluates an expression at the end of r, in which %s is the length of
// r as a duration.
func (s *Services) vector(ctx context.Context, r model.Range, expr string) (promql.Vector, error) {
	window := max(r.End-r.Start, int64(time.Millisecond)) / int64(time.Millisecond)
	expr = strings.ReplaceAll(expr, "%s", fmt.Sprintf("%dms", window))
	q, err := s.opts.PromQL.NewInstantQuery(ctx, s.opts.Metrics, nil, expr, time.Unix(0, r.End))
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", expr, err)
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return nil, fmt.Errorf("query %s: %w", expr, kindOf(res.Err))
	}
	return res.Vector()
}

func kindOf(err error) error {
	var timeout promql.ErrQueryTimeout
	var samples promql.ErrTooManySamples
	switch {
	case errors.As(err, &timeout):
		return fmt.Errorf("%w: %w", err, fault.ErrTimeout)
	case errors.As(err, &samples):
		return fmt.Errorf("%w: %w", err, fault.ErrLimit)
	}
	return err
}

// increases returns by how much each counter that ms select grew in r, without
// the extrapolation of PromQL's increase: the metrics asked for here are
// written from zero on, so that what is counted is what there was.
func (s *Services) increases(ctx context.Context, r model.Range, ms ...*labels.Matcher) (out []increase, err error) {
	mint, maxt := r.Start/int64(time.Millisecond), (r.End-1)/int64(time.Millisecond)
	// The sample before r is what the first in it is counted from.
	mint -= lookback.Milliseconds()
	q, err := s.opts.Metrics.Querier(mint, maxt)
	if err != nil {
		return nil, fmt.Errorf("open metrics: %w", err)
	}
	defer func() { err = errors.Join(err, q.Close()) }()
	set := q.Select(ctx, false, &promstorage.SelectHints{Start: mint, End: maxt}, ms...)
	var it chunkenc.Iterator
	for set.Next() {
		series := set.At()
		it = series.Iterator(it)
		n, err := growth(it, r.Start/int64(time.Millisecond))
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, increase{series.Labels(), n})
		}
	}
	if err := set.Err(); err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	return out, nil
}

type increase struct {
	labels labels.Labels
	by     float64
}

// lookback is how old a sample may be to count as the value before a range.
const lookback = 5 * time.Minute

// growth adds up what a counter gained from start, in ms, on.
func growth(it chunkenc.Iterator, start int64) (n float64, err error) {
	before := math.NaN()
	for t := it.Next(); t != chunkenc.ValNone; t = it.Next() {
		at, v := int64(0), 0.0
		switch t {
		case chunkenc.ValFloat:
			at, v = it.At()
		case chunkenc.ValHistogram:
			var h *histogram.Histogram
			at, h = it.AtHistogram(nil)
			v = float64(h.Count)
		default:
			continue
		}
		if math.IsNaN(v) {
			continue // stale
		}
		if at >= start && !math.IsNaN(before) {
			if v < before { // it began anew
				before = 0
			}
			n += v - before
		}
		before = v
	}
	return n, it.Err()
}
