package downsample

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/storage/metric/trim"
)

// Samples are read from one block of them after the other, the last of which is
// the head. tsdb would merge them, which is to be had a sample at a time, and a
// series at a time, only. Where blocks overlap it does.

// ofSamples returns a querier of q's time, in which there are no windows.
func (q *querier) ofSamples() (promstorage.Querier, error) {
	plain, err := trim.Querier(q.store.db, q.mint, q.maxt)
	if err != nil || len(q.perBlock(stretch{lo: q.mint - 1, hi: q.maxt})) == 1 {
		return plain, err
	}
	s := samplesQuerier{plain, q}
	if search, ok := plain.(promstorage.Searcher); ok {
		return struct {
			samplesQuerier
			promstorage.Searcher
		}{s, search}, nil
	}
	return s, nil
}

// A samplesQuerier has its labels from tsdb, and its series from each block.
type samplesQuerier struct {
	promstorage.Querier
	blocks *querier
}

// Select implements promstorage.Querier.
func (s samplesQuerier) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	return s.blocks.Select(ctx, sorted, hints, ms...)
}

// Close implements promstorage.Querier.
func (s samplesQuerier) Close() error { return errors.Join(s.Querier.Close(), s.blocks.Close()) }

// perBlock cuts a stretch where blocks of samples begin and end.
func (q *querier) perBlock(p stretch) (cut []stretch) {
	var ends []int64
	for _, b := range q.store.db.Blocks() {
		ends = append(ends, b.MinTime()-1, b.MaxTime()-1)
	}
	slices.Sort(ends)
	for _, end := range append(ends, p.hi) {
		if p.lo < end && end <= p.hi {
			cut = append(cut, stretch{lo: p.lo, hi: end})
			p.lo = end
		}
	}
	return cut
}

// selectSamples reads a stretch of samples.
func (q *querier) selectSamples(ctx context.Context, sorted bool, p stretch, hints *promstorage.SelectHints, ms []*labels.Matcher) promstorage.SeriesSet {
	if hints == nil || hints.Func == "series" || !hints.DisableTrimming {
		return q.selectRaw(ctx, sorted, p, hints, ms)
	}
	all := q.perBlock(p)
	if len(all) == 1 {
		return q.selectRaw(ctx, sorted, p, hints, ms)
	}
	var sets []partSet
	for _, one := range all {
		sets = append(sets, &rawParts{SeriesSet: q.selectRaw(ctx, true, one, hints, ms), lo: one.lo, hi: one.hi})
	}
	return join(&reading{after: p.lo}, limitOf(hints), sets)
}

func limitOf(hints *promstorage.SelectHints) int {
	if hints == nil {
		return 0
	}
	return hints.Limit
}

func (q *querier) selectRaw(ctx context.Context, sorted bool, p stretch, hints *promstorage.SelectHints, ms []*labels.Matcher) promstorage.SeriesSet {
	raw, err := trim.Querier(q.store.db, p.lo+1, p.hi)
	if err != nil {
		return promstorage.ErrSeriesSet(fmt.Errorf("open samples: %w", err))
	}
	q.open = append(q.open, raw)
	if hints != nil {
		cut := *hints
		cut.Start, cut.End = p.lo+1, p.hi
		cut.Step = 0 // with a step, tsdb keeps the chunks of the series read last, so that no two can be read at once
		hints = &cut
	}
	return raw.Select(ctx, sorted, hints, ms...)
}
