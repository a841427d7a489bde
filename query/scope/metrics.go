package scope

import (
	"context"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/oriel-obs/oriel/internal/auth"
)

// Metrics returns q as the identity of each call's context sees it.
func Metrics(q promstorage.SampleAndChunkQueryable) promstorage.SampleAndChunkQueryable {
	return metrics{q}
}

type metrics struct {
	promstorage.SampleAndChunkQueryable
}

// Elsewhere reports whether q also reads other servers; see promql.Data.
func (m metrics) Elsewhere() bool {
	s, ok := m.SampleAndChunkQueryable.(interface{ Elsewhere() bool })
	return ok && s.Elsewhere()
}

func (m metrics) Querier(mint, maxt int64) (promstorage.Querier, error) {
	q, err := m.SampleAndChunkQueryable.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	return querier{labelQuerier{q}, q}, nil
}

func (m metrics) ChunkQuerier(mint, maxt int64) (promstorage.ChunkQuerier, error) {
	q, err := m.SampleAndChunkQueryable.ChunkQuerier(mint, maxt)
	if err != nil {
		return nil, err
	}
	return chunkQuerier{labelQuerier{q}, q}, nil
}

// narrow returns the sets of matchers whose series together are those of ms
// that the identity sees.
func narrow(ctx context.Context, ms []*labels.Matcher) [][]*labels.Matcher {
	selectors, restricted := auth.From(ctx).Sees(auth.Metrics)
	if !restricted {
		return [][]*labels.Matcher{ms}
	}
	if hidesTenant(ctx) {
		ms = shownMatchers(ms)
	}
	sets := make([][]*labels.Matcher, len(selectors))
	for i, only := range selectors {
		sets[i] = slices.Concat(ms, only)
	}
	return sets
}

type querier struct {
	labelQuerier
	q promstorage.Querier
}

func (q querier) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	seen := together(narrow(ctx, ms), func(several bool, set []*labels.Matcher) promstorage.SeriesSet {
		return q.q.Select(ctx, sorted || several, hints, set...)
	}, promstorage.EmptySeriesSet(), func(parts []promstorage.SeriesSet) promstorage.SeriesSet {
		return promstorage.NewMergeSeriesSet(parts, 0, promstorage.ChainedSeriesMerge)
	})
	if hidesTenant(ctx) {
		return shownSeriesSet{seen}
	}
	return seen
}

// together returns the union of what each set of matchers selects. A series
// that two of them let through is the same in both.
func together[S any](sets [][]*labels.Matcher, one func(several bool, set []*labels.Matcher) S, none S, merge func([]S) S) S {
	parts := make([]S, len(sets))
	for i, set := range sets {
		parts[i] = one(len(sets) > 1, set)
	}
	switch len(parts) {
	case 0:
		return none
	case 1:
		return parts[0]
	}
	return merge(parts)
}

type chunkQuerier struct {
	labelQuerier
	q promstorage.ChunkQuerier
}

func (q chunkQuerier) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.ChunkSeriesSet {
	seen := together(narrow(ctx, ms), func(several bool, set []*labels.Matcher) promstorage.ChunkSeriesSet {
		return q.q.Select(ctx, sorted || several, hints, set...)
	}, promstorage.EmptyChunkSeriesSet(), func(parts []promstorage.ChunkSeriesSet) promstorage.ChunkSeriesSet {
		return promstorage.NewMergeChunkSeriesSet(parts, 0, promstorage.NewCompactingChunkSeriesMerger(promstorage.ChainedSeriesMerge))
	})
	if hidesTenant(ctx) {
		return shownChunkSeriesSet{seen}
	}
	return seen
}

type labelQuerier struct{ q promstorage.LabelQuerier }

func (l labelQuerier) Close() error { return l.q.Close() }

func (l labelQuerier) LabelValues(ctx context.Context, name string, hints *promstorage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	if hidesTenant(ctx) && name == auth.TenantLabel {
		return nil, nil, nil
	}
	return union(ctx, ms, func(set []*labels.Matcher) ([]string, annotations.Annotations, error) {
		return l.q.LabelValues(ctx, name, hints, set...)
	})
}

func (l labelQuerier) LabelNames(ctx context.Context, hints *promstorage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	names, notes, err := union(ctx, ms, func(set []*labels.Matcher) ([]string, annotations.Annotations, error) {
		return l.q.LabelNames(ctx, hints, set...)
	})
	if hidesTenant(ctx) {
		names = slices.DeleteFunc(names, func(name string) bool { return name == auth.TenantLabel })
	}
	return names, notes, err
}

// union returns the answers of all sets, sorted.
func union(ctx context.Context, ms []*labels.Matcher, ask func([]*labels.Matcher) ([]string, annotations.Annotations, error)) (all []string, notes annotations.Annotations, err error) {
	sets := narrow(ctx, ms)
	for _, set := range sets {
		some, more, err := ask(set)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, some...)
		notes = notes.Merge(more)
	}
	if len(sets) > 1 {
		slices.Sort(all)
		all = slices.Compact(all)
	}
	return all, notes, nil
}

type shownSeriesSet struct{ promstorage.SeriesSet }

func (s shownSeriesSet) At() promstorage.Series { return shownSeries{s.SeriesSet.At()} }

// Concurrent says whether the series may be read at the same time.
func (s shownSeriesSet) Concurrent() bool {
	c, ok := s.SeriesSet.(interface{ Concurrent() bool })
	return ok && c.Concurrent()
}

type shownSeries struct{ promstorage.Series }

func (s shownSeries) Labels() labels.Labels { return shown(s.Series.Labels()) }

type shownChunkSeriesSet struct{ promstorage.ChunkSeriesSet }

func (s shownChunkSeriesSet) At() promstorage.ChunkSeries {
	return shownChunkSeries{s.ChunkSeriesSet.At()}
}

type shownChunkSeries struct{ promstorage.ChunkSeries }

func (s shownChunkSeries) Labels() labels.Labels { return shown(s.ChunkSeries.Labels()) }
