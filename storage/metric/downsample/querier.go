package downsample

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/oriel-obs/oriel/storage"
)

// Querier reads [mint, maxt], milliseconds, from windows where they serve and
// from samples elsewhere.
func (s *Store) Querier(mint, maxt int64) (promstorage.Querier, error) {
	mint = max(mint, math.MinInt64+2*day) // what comes before that is to be less
	lo := mint - 1 - s.coarsest()
	perLevel, some := s.used(lo, maxt)
	q := &querier{store: s, mint: mint, maxt: maxt, blocks: perLevel, rawFrom: s.rawFrom()}
	if !some {
		return q.ofSamples()
	}
	return q, nil
}

// coarsest is the longest resolution, 0 without any.
func (s *Store) coarsest() int64 {
	if len(s.levels) == 0 {
		return 0
	}
	return s.levels[len(s.levels)-1].resolution()
}

// A querier holds on to the blocks of its time. Samples it opens when a
// selector needs them.
type querier struct {
	store      *Store
	mint, maxt int64
	blocks     [][]*block // of each level
	rawFrom    int64      // time of the oldest sample

	open []io.Closer
}

func (q *querier) Close() error {
	var err error
	for _, c := range q.open {
		err = errors.Join(err, c.Close())
	}
	for _, blocks := range q.blocks {
		for _, b := range blocks {
			err = errors.Join(err, b.release())
		}
	}
	q.open, q.blocks = nil, nil
	return err
}

// A stretch is a part of a selector's time: (lo, hi], read from one block, or
// from the samples if that is nil.
type stretch struct {
	lo, hi int64
	block  *block
}

// Select reads the series that match. Its annotations say what was read instead
// of samples.
func (q *querier) Select(ctx context.Context, sortSeries bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	mint, maxt := q.mint, q.maxt
	if hints != nil {
		mint, maxt = hints.Start, hints.End
	}
	how, chosen := choose(q.resolutions(), hints, storage.MaxResolution(ctx).Milliseconds())
	plan := q.plan(how, chosen, mint-1, maxt)
	if len(plan) == 1 && plan[0].block == nil {
		return q.selectSamples(ctx, sortSeries, plan[0], hints, ms)
	}
	var sets []partSet
	for _, p := range plan {
		if p.block == nil {
			sets = append(sets, &rawParts{SeriesSet: q.selectSamples(ctx, true, p, hints, ms), lo: p.lo, hi: p.hi})
			continue
		}
		set, err := p.block.read(ctx, p.lo, windowEnd(p.hi, p.block.Resolution), how.first, how.last, ms...)
		if err != nil {
			return promstorage.ErrSeriesSet(err)
		}
		q.open = append(q.open, set)
		sets = append(sets, &windowParts{set, p.lo, p.hi})
	}
	return &noted{join(how, limitOf(hints), sets), q.notes(how, plan)}
}

func (q *querier) resolutions() []int64 {
	var all []int64
	for _, l := range q.store.levels {
		all = append(all, l.resolution())
	}
	return all
}

// plan cuts (lo, hi] into stretches.
func (q *querier) plan(how *reading, chosen, lo, hi int64) []stretch {
	how.after = lo
	// The value at lo may be that of the window before.
	from := lo - q.store.coarsest()
	rawFrom := q.samplesFrom()
	cuts := []int64{from, lo, hi}
	cut := func(t int64) {
		if t > from && t < hi {
			cuts = append(cuts, t)
		}
	}
	cut(rawFrom)
	for _, blocks := range q.blocks {
		for _, b := range blocks {
			cut(b.Start)
			cut(b.End)
		}
	}
	slices.Sort(cuts)
	var plan []stretch
	for i, t := range slices.Compact(cuts) {
		if i == 0 || t <= from {
			from = t
			continue
		}
		p := stretch{from, t, q.best(chosen, from, t, rawFrom)}
		from = t
		if n := len(plan); n > 0 && plan[n-1].block == p.block {
			plan[n-1].hi = p.hi
			continue
		}
		plan = append(plan, p)
	}
	return q.tidy(plan, lo)
}

// samplesFrom is the time after which samples are complete: since ever, if no
// window is older than they are, and else from the end of the window that the
// oldest is in.
func (q *querier) samplesFrom() int64 {
	from := min(q.rawFrom, math.MaxInt64-day)
	for _, blocks := range q.blocks {
		for _, b := range blocks {
			if b.MinTime() < windowEnd(from, b.Resolution) {
				return windowEnd(from, q.store.coarsest())
			}
		}
	}
	return math.MinInt64
}

// tidy drops what lies before lo unless it is in the block that goes on there.
func (q *querier) tidy(plan []stretch, lo int64) []stretch {
	for len(plan) > 0 && (plan[0].hi <= lo && (plan[0].block == nil || len(plan) > 1 && plan[1].block == nil)) {
		plan = plan[1:]
	}
	if len(plan) > 0 && plan[0].block == nil {
		plan[0].lo = max(plan[0].lo, lo)
	}
	return plan
}

// best returns the block to read (lo, hi], which has no ends of blocks inside,
// from: of the resolution chosen or the next finer one, or samples, which are
// nil; where these are gone, of the next coarser one.
func (q *querier) best(chosen, lo, hi, rawFrom int64) *block {
	var coarser *block
	for i := len(q.blocks) - 1; i >= 0; i-- {
		for _, b := range q.blocks[i] {
			if !b.overlaps(lo, hi) {
				continue
			}
			if b.Resolution <= chosen {
				return b
			}
			coarser = b
		}
	}
	if lo >= rawFrom {
		return nil
	}
	return coarser
}

// notes are what a reader of the answer should know.
func (q *querier) notes(how *reading, plan []stretch) annotations.Annotations {
	var notes annotations.Annotations
	until := map[int64]int64{}
	for _, p := range plan {
		if p.block != nil && p.hi > how.after {
			until[p.block.Resolution] = p.hi
		}
	}
	var coarsest int64
	for r, t := range until {
		coarsest = max(coarsest, r)
		at := time.UnixMilli(t).UTC().Format(time.RFC3339)
		of := shortDuration(r)
		if how.inexact && how.function != "" && how.function != "series" {
			notes.Add(fmt.Errorf("%w: %s needs the samples, which are gone up to %s; it saw what %s windows keep of them", annotations.PromQLInfo, how.function, at, of))
			continue
		}
		notes.Add(fmt.Errorf("%w: up to %s the samples are downsampled to %s", annotations.PromQLInfo, at, of))
	}
	if coarsest > 0 {
		q.store.metrics.queries.WithLabelValues(shortDuration(coarsest)).Inc()
	}
	return notes
}

func shortDuration(ms int64) string {
	return model.Duration(time.Duration(ms) * time.Millisecond).String()
}

// A noted set has annotations of its own.
type noted struct {
	*joined
	notes annotations.Annotations
}

func (n *noted) Warnings() annotations.Annotations {
	var all annotations.Annotations
	all.Merge(n.joined.Warnings())
	all.Merge(n.notes)
	return all
}

// labels reads names or values of labels from samples, and from windows where
// those are gone.
func (q *querier) labels(read func(promstorage.Querier) ([]string, annotations.Annotations, error)) ([]string, annotations.Annotations, error) {
	how, _ := choose(nil, nil, 0)
	var all []string
	var notes annotations.Annotations
	for _, p := range q.plan(how, 0, q.mint-1, q.maxt) {
		source, err := q.labelSource(p)
		if err != nil {
			return nil, nil, err
		}
		found, more, err := read(source)
		if err = joinClose(err, source); err != nil {
			return nil, nil, err
		}
		all = append(all, found...)
		notes.Merge(more)
	}
	slices.Sort(all)
	return slices.Compact(all), notes, nil
}

func (q *querier) labelSource(p stretch) (promstorage.Querier, error) {
	if p.block == nil {
		return q.store.db.Querier(p.lo+1, p.hi)
	}
	return tsdb.NewBlockQuerier(p.block, p.lo+1, p.hi)
}

func (q *querier) LabelValues(ctx context.Context, name string, hints *promstorage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return q.labels(func(s promstorage.Querier) ([]string, annotations.Annotations, error) {
		return s.LabelValues(ctx, name, hints, ms...)
	})
}

func (q *querier) LabelNames(ctx context.Context, hints *promstorage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return q.labels(func(s promstorage.Querier) ([]string, annotations.Annotations, error) {
		return s.LabelNames(ctx, hints, ms...)
	})
}
