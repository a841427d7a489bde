// Package trim cuts the series that tsdb selects off at the ends of the time
// that was asked for. tsdb does that too, by taking what is outside for deleted;
// but where a series has samples deleted by two calls or more, the last of them
// over the end of that time, v0.314 panics. So it is told not to, and cutting is
// done here.
package trim

import (
	"context"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
)

// Querier opens the samples of [mint, maxt], milliseconds, of db, a tsdb.
func Querier(db promstorage.Queryable, mint, maxt int64) (promstorage.Querier, error) {
	q, err := db.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	t := querier{q, span{mint, maxt}}
	if search, ok := q.(promstorage.Searcher); ok {
		return struct {
			querier
			promstorage.Searcher
		}{t, search}, nil
	}
	return t, nil
}

// ChunkQuerier is Querier for chunks. Those at the ends are encoded anew.
func ChunkQuerier(db promstorage.ChunkQueryable, mint, maxt int64) (promstorage.ChunkQuerier, error) {
	q, err := db.ChunkQuerier(mint, maxt)
	if err != nil {
		return nil, err
	}
	return chunkQuerier{q, span{mint, maxt}}, nil
}

// A span is the time [mint, maxt], milliseconds.
type span struct{ mint, maxt int64 }

// untrimmed returns the hints with which tsdb cuts nothing off, and what is to
// be cut off here. That is nothing for those who do not mind more samples.
func (s span) untrimmed(hints *promstorage.SelectHints) (whole *promstorage.SelectHints, within span, cut bool) {
	if hints == nil {
		return &promstorage.SelectHints{Start: s.mint, End: s.maxt, DisableTrimming: true}, s, true
	}
	if hints.DisableTrimming {
		return hints, s, false
	}
	h := *hints
	h.DisableTrimming = true
	return &h, span{h.Start, h.End}, true
}

type querier struct {
	promstorage.Querier
	span span
}

// Select implements promstorage.Querier.
func (q querier) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	hints, within, cut := q.span.untrimmed(hints)
	set := q.Querier.Select(ctx, sorted, hints, ms...)
	if !cut {
		return set
	}
	return seriesSet{set, within}
}

type chunkQuerier struct {
	promstorage.ChunkQuerier
	span span
}

// Select implements promstorage.ChunkQuerier.
func (q chunkQuerier) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.ChunkSeriesSet {
	hints, within, cut := q.span.untrimmed(hints)
	set := q.ChunkQuerier.Select(ctx, sorted, hints, ms...)
	if !cut {
		return set
	}
	return chunkSeriesSet{set, within}
}
