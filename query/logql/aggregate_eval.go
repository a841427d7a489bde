package logql

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// maxBuckets bounds the spans of time that a group is counted in.
const maxBuckets = 20_000

// maxGroups bounds memory if there is no limit of series.
const maxGroups = 100_000

// aggregated evaluates the aggregation on numbers from the store. It fails
// with a scanReason if rows must be read.
func (rs *rangeScan) aggregated(ctx context.Context, pl *planner) (matrix, error) {
	ap := &aggregatePlanner{planner: pl, agg: rs.agg, group: rs.group}
	a, err := ap.plan(ctx)
	if err != nil {
		return nil, err
	}
	if err := rs.buckets(a); err != nil {
		return nil, err
	}
	a.MaxGroups = rs.ev.engine.limits.MaxSeries
	if a.MaxGroups <= 0 {
		a.MaxGroups = maxGroups
	}
	a.Stats = rs.ev.stats
	groups, err := rs.ev.engine.src.Aggregate(ctx, a.Aggregate)
	if errors.Is(err, storage.ErrTooManyGroups) {
		return nil, scanBecause("more than %d groups", a.MaxGroups)
	}
	if err != nil {
		return nil, err
	}
	if err := rs.ev.engine.tooManyRows(max(rowsOf(groups), rs.ev.stats.RowsScanned)); err != nil {
		return nil, err
	}
	all, err := rs.merge(a, groups)
	if err != nil {
		return nil, err
	}
	rs.ev.plan.aggregate(rs.agg, a, len(groups))
	var m matrix
	for _, t := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if t.evaluate(rs); len(t.points) > 0 {
			m = append(m, &t.series)
		}
	}
	return m, nil
}

// buckets chooses the longest spans of time that the windows of all steps are
// made of.
func (rs *rangeScan) buckets(a *aggregate) error {
	length, step := int64(rs.agg.Log.Range), rs.ev.step
	span := float64(rs.ev.start) - float64(rs.agg.Log.Offset)
	if edge := math.Abs(span) + float64(length) + float64(rs.ev.steps)*float64(step); edge > math.MaxInt64/2 {
		return scanBecause("times are at the end of what can be counted")
	}
	if rs.ev.steps == 1 {
		return nil
	}
	a.Origin, a.Step = a.Range.Start, length
	for rest := step; rest > 0; {
		a.Step, rest = rest, a.Step%rest
	}
	if n := (a.Range.End - a.Range.Start) / a.Step; n > maxBuckets {
		return scanBecause("windows are made of %d spans of time, more than %d", n, maxBuckets)
	}
	return nil
}

func rowsOf(groups []storage.Group) (rows int64) {
	for _, g := range groups {
		for _, b := range g.Buckets {
			rows += b.Rows
		}
	}
	return rows
}

// merge puts the groups together whose lines belong to one series.
func (rs *rangeScan) merge(a *aggregate, groups []storage.Group) (map[string]*totals, error) {
	if a.Of != nil {
		sortGroups(groups) // sums of floats depend on the order
	}
	all := map[string]*totals{}
	g := &groupLine{values: map[storage.Field]model.Value{}}
	for i := range groups {
		keep, err := rs.keeps(a, g, &groups[i])
		if err != nil {
			return nil, err
		}
		if !keep {
			continue
		}
		rs.kept = rs.groupLabels(&g.line)
		rs.key = appendKey(rs.key[:0], rs.kept)
		t := all[string(rs.key)]
		if t == nil {
			if rs.ev.tooMany(len(all)+1) != nil {
				return nil, scanBecause("too many series, or errors before there are") // the first one counts
			}
			t = &totals{series: series{labels: toLabels(rs.kept)}}
			all[string(rs.key)] = t
		}
		if err := t.add(groups[i].Buckets, rs.agg); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func sortGroups(groups []storage.Group) {
	var x, y []byte
	slices.SortFunc(groups, func(a, b storage.Group) int {
		x, y = groupKey(x[:0], a), groupKey(y[:0], b)
		return bytes.Compare(x, y)
	})
}

func groupKey(dst []byte, g storage.Group) []byte {
	if g.Stream != nil {
		dst, _ = g.Stream.AppendBinary(dst) // never fails
	}
	for _, v := range g.Key {
		dst = storage.AppendKey(dst, v)
	}
	return dst
}

// keeps passes the line of a group through what the store has not done; keep
// is false if the group's rows make no samples.
func (rs *rangeScan) keeps(a *aggregate, g *groupLine, from *storage.Group) (keep bool, err error) {
	g.load(a, from)
	for _, s := range a.stages {
		kept := s.processGroup(g)
		if g.unclear {
			return false, scanBecause("the order of fields in the text decides on a label")
		}
		if !kept {
			return false, nil
		}
	}
	if u := rs.agg.Log.Unwrap; u != nil {
		var numbers, others int64
		for _, b := range from.Buckets {
			numbers, others = numbers+b.Numbers, others+b.Others
		}
		if others > 0 {
			return false, scanBecause("some values of label %s are no numbers", u.Label)
		}
		if numbers == 0 {
			return false, nil
		}
		for _, f := range u.Filters {
			if !f.holds(&g.line) {
				return false, nil
			}
		}
	}
	if g.err != "" {
		return false, scanBecause("some lines have the error %s", g.err)
	}
	return true, nil
}
