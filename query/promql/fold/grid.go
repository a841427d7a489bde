package fold

import (
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	promstorage "github.com/prometheus/prometheus/storage"
)

// A grid is the moments that an expression is evaluated at, in ms: start, and
// each step after it until end. Below subqueries it is theirs.
type grid struct {
	start, end, step int64

	// A subquery reads samples from further back than the query, by the ranges
	// and offsets of all subqueries around.
	offset, reach int64
	nested        bool
}

// gridOf is that of a whole query. One of a single moment has a step, too.
func gridOf(stmt *parser.EvalStmt) grid {
	g := grid{start: stmt.Start.UnixMilli(), end: stmt.End.UnixMilli(), step: stmt.Interval.Milliseconds()}
	if g.step == 0 {
		g.step = 1
	}
	return g
}

// within is the grid of what a subquery is made of. A subquery has moments that
// are multiples of its step, after the start of the first range and until the end
// of the last.
func (g grid) within(q *parser.SubqueryExpr, defaultStep time.Duration) grid {
	step := q.Step.Milliseconds()
	if step == 0 {
		step = defaultStep.Milliseconds()
	}
	offset, reach := q.OriginalOffset.Milliseconds(), q.Range.Milliseconds()
	last := g.start + (g.end-g.start)/g.step*g.step
	from := g.start - offset - reach
	first := step * (from / step)
	if first <= from {
		first += step
	}
	return grid{start: first, end: last - offset, step: step, offset: g.offset + offset, reach: g.reach + reach, nested: true}
}

// steps is how many moments there are.
func (g grid) steps() int {
	if g.end < g.start {
		return 0
	}
	return int((g.end-g.start)/g.step) + 1
}

// hints are what the engine tells storage of a selector: of the time from lo
// before the first moment until the last. Storage may answer differently for
// different hints.
func hints(stmt *parser.EvalStmt, g grid, lo, rng, offset int64, function string, around *parser.AggregateExpr) *promstorage.SelectHints {
	step := stmt.Interval.Milliseconds()
	if g.nested {
		step = g.step
	}
	h := &promstorage.SelectHints{
		Start: stmt.Start.UnixMilli() - g.offset - g.reach - lo + 1 - offset,
		End:   stmt.End.UnixMilli() - g.offset - offset,
		Step:  step, Range: rng, Func: function,
	}
	if around != nil {
		h.By, h.Grouping = !around.Without, around.Grouping
	}
	return h
}
