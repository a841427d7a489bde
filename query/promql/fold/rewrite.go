package fold

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
	"github.com/prometheus/prometheus/util/stats"
)

// A Query is a statement that is about to be evaluated. Its expression is one that
// the engine has prepared, and that nobody evaluates meanwhile.
type Query struct {
	Stmt         *parser.EvalStmt
	SubqueryStep time.Duration // of subqueries that name none
	MaxSamples   int           // in memory at once
	Samples      *stats.QuerySamples
	Workers      func() int // how many goroutines may decode series, at this moment

	// What Run has come to, in expressions.
	Folded, Unfit int

	places   []place
	from, to int64 // what the whole statement reads, ms
}

// Plan finds out what of the query can be folded, and reports whether that is
// anything.
func (q *Query) Plan() bool {
	q.places = places(q.Stmt, q.SubqueryStep)
	q.from, q.to = promql.FindMinMaxTime(q.Stmt)
	return len(q.places) > 0
}

// Run evaluates what Plan has found with samples from source, and puts the results
// into the statement. What the engine has to evaluate stays. Errors are those of a
// query that ends with them.
func (q *Query) Run(ctx context.Context, source promstorage.Queryable) (annotations.Annotations, error) {
	querier, err := source.Querier(q.from, q.to)
	if err != nil {
		return nil, fmt.Errorf("open samples: %w", err)
	}
	defer func() { _ = querier.Close() }() // nothing was written
	var annos annotations.Annotations
	done := map[string]*evaluation{}
	held := 0
	for _, p := range q.places {
		key := fmt.Sprint(p.grid, (*p.expr).String())
		ev := done[key]
		if ev == nil {
			ev = &evaluation{
				ctx: ctx, querier: querier, stmt: q.Stmt, grid: p.grid, steps: p.grid.steps(), workers: q.Workers,
				builder: labels.NewBuilder(labels.EmptyLabels()), held: held, max: q.MaxSamples,
			}
			err := ev.run(p.node)
			switch {
			case errors.As(err, new(promql.ErrTooManySamples)):
				return annos, err
			case err != nil:
				q.Unfit++
				continue // the engine says what is wrong, or ends as the query has to
			}
			held = ev.held
			annos.Merge(ev.annos)
			if len(ev.annos) == 0 { // they tell of one place
				done[key] = ev
			}
		}
		q.Folded++
		q.count(ev)
		*p.expr = instead(*p.expr, ev.made)
	}
	return annos, nil
}

// run evaluates n.
func (ev *evaluation) run(n node) error {
	ev.made = []promstorage.Series{} // not nil, which would be a selector that is not evaluated yet
	return n.each(ev, func(s *series) error {
		ev.made = append(ev.made, &madeSeries{labels: s.whole(ev.builder), grid: ev.grid, values: slices.Clone(s.values)})
		return ev.hold(ev.steps)
	})
}

// count has the query account for what was read here. The engine counts the
// values that were made as if they were samples, so these are taken off.
func (q *Query) count(ev *evaluation) {
	q.Samples.UpdatePeak(ev.peak)
	if ev.grid.nested {
		return // of a subquery it counts the values
	}
	values := int64(0)
	for _, s := range ev.made {
		for _, v := range s.(*madeSeries).values {
			if !isAbsent(v) {
				values++
			}
		}
	}
	q.Samples.IncrementSamplesAtStep(0, ev.seen-values)
	q.Samples.IncrementSamplesReadAtStep(0, ev.read-values)
}

// Source is that of the rest of a query of which something was folded: it reads as
// much as the whole query would have.
func (q *Query) Source(of promstorage.Queryable) promstorage.Queryable { return rest{of, q} }

type rest struct {
	promstorage.Queryable
	query *Query
}

// Querier implements promstorage.Queryable.
func (r rest) Querier(_, _ int64) (promstorage.Querier, error) {
	q, err := r.Queryable.Querier(r.query.from, r.query.to)
	if err != nil {
		return nil, err
	}
	return restQuerier{q}, nil
}

type restQuerier struct{ promstorage.Querier }

// Select implements promstorage.Querier. Only a selector that has its series
// already matches nothing in particular.
func (q restQuerier) Select(ctx context.Context, sorted bool, h *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	if len(ms) == 0 {
		return promstorage.EmptySeriesSet()
	}
	return q.Querier.Select(ctx, sorted, h, ms...)
}
