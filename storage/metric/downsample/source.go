package downsample

import (
	"context"
	"fmt"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/oriel-obs/oriel/storage/metric/trim"
)

// rawSamples are the samples in (start, end] of the database.
type rawSamples struct {
	db         promstorage.Queryable
	start, end int64
}

func (r rawSamples) each(ctx context.Context, function string, visit func(promstorage.Series) error) (err error) {
	q, err := trim.Querier(r.db, r.start+1, r.end)
	if err != nil {
		return fmt.Errorf("open samples: %w", err)
	}
	defer func() { err = joinClose(err, q) }()
	hints := &promstorage.SelectHints{Start: r.start + 1, End: r.end, Func: function}
	everything := labels.MustNewMatcher(labels.MatchNotEqual, model.MetricNameLabel, "\xff")
	set := q.Select(ctx, true, hints, everything)
	for set.Next() {
		if err := visit(set.At()); err != nil {
			return err
		}
	}
	return set.Err()
}

func (r rawSamples) symbols(ctx context.Context, into map[string]struct{}) error {
	return r.each(ctx, "series", func(s promstorage.Series) error {
		addSymbols(into, s.Labels())
		return ctx.Err()
	})
}

func (r rawSamples) series(ctx context.Context, visit func(labels.Labels, func(*windower) error) error) error {
	var it chunkenc.Iterator
	return r.each(ctx, "", func(s promstorage.Series) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return visit(s.Labels(), func(w *windower) error {
			it = s.Iterator(it)
			for {
				kind := it.Next()
				if kind == chunkenc.ValNone {
					return it.Err()
				}
				w.add(sampleOf(it, kind))
			}
		})
	})
}

func addSymbols(into map[string]struct{}, ls labels.Labels) {
	ls.Range(func(l labels.Label) {
		into[l.Name] = struct{}{}
		into[l.Value] = struct{}{}
	})
}

// windows are those of blocks, which follow each other, in (start, end].
type windows struct {
	blocks     []*block
	start, end int64
}

func (w windows) each(ctx context.Context, visit func(*longSeries) error) (err error) {
	var sets []partSet
	for _, b := range w.blocks {
		set, err := b.read(ctx, w.start, w.end, 0, lanes-1)
		if err != nil {
			return err
		}
		defer func() { err = joinClose(err, set) }()
		sets = append(sets, &windowParts{set, set.lo, set.hi})
	}
	merged := join(nil, 0, sets)
	for merged.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := visit(merged.at); err != nil {
			return err
		}
	}
	return merged.Err()
}

func (w windows) symbols(ctx context.Context, into map[string]struct{}) error {
	return w.each(ctx, func(s *longSeries) error {
		addSymbols(into, s.labels)
		return nil
	})
}

func (w windows) series(ctx context.Context, visit func(labels.Labels, func(*windower) error) error) error {
	var from finer
	return w.each(ctx, func(s *longSeries) error {
		return visit(s.labels, func(to *windower) error {
			for i := range s.parts {
				if err := from.feed(&s.parts[i].seriesPart, to); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// finer feeds windows to a windower of the same or a coarser resolution.
type finer struct {
	last, extra, least, most, sum, count cursor
}

func (f *finer) feed(p *seriesPart, w *windower) error {
	all := [...]*cursor{laneLast: &f.last, laneExtra: &f.extra, laneMin: &f.least, laneMax: &f.most, laneSum: &f.sum, laneCount: &f.count}
	for l, c := range all {
		c.open(p, lane(l), p.set.lo, p.set.hi)
		if lane(l) != laneCount {
			c.advance()
		}
	}
	// at reports whether c, which is moved along, stands at t.
	at := func(c *cursor, t int64) bool { return c.seek(t) && c.t == t }
	for f.count.advance() {
		end := f.count.t
		w.enter(windowEnd(end, w.r))
		for f.extra.kind != chunkenc.ValNone && f.extra.t < end {
			w.feed(f.extra.sample())
			f.extra.advance()
		}
		var a aggregate
		if at(&f.sum, end) {
			a = aggregateOf(f.sum.sample())
			if a.floats && at(&f.least, end) && at(&f.most, end) {
				a.min, a.max = f.least.sample().v, f.most.sample().v
			}
			w.values.merge(a)
		}
		if !f.last.seek(end - 1) {
			continue // deleted in part
		}
		s, staled := f.last.sample(), f.last.t < end
		if s.isStale() {
			continue
		}
		w.feed(s)
		w.note(s, f.count.sample().v, f.last.t, staled)
	}
	return failed(all[:]...)
}
