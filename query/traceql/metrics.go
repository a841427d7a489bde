package traceql

import (
	"context"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A MetricsRequest asks for the series of a metrics query. The first point
// stands for the spans that begin in (Start-Step, Start], the last for those
// in (End-Step, End]. If Instant, there is one point, at End, for the spans of
// (Start, End].
type MetricsRequest struct {
	Query      *Query // required
	Start, End int64  // ns since the Unix epoch; aligned to Step outwards
	Step       time.Duration
	Instant    bool
	Exemplars  int // at most, of all series together
}

// A MetricsResult is series over common times.
type MetricsResult struct {
	Times  []int64 // ends of the intervals, ns since the Unix epoch
	Series []*Series
	Stats  storage.Stats
}

// ErrNotMetrics means that a search was sent where a metrics query belongs.
var ErrNotMetrics = fmt.Errorf("not a metrics query: %w", fault.ErrInvalid)

// A grid is the n intervals (t-step, t] of a query, from t = first on.
type grid struct {
	first, step int64
	n           int
}

// index returns the interval of an instant, or -1.
func (g grid) index(t int64) int {
	if t <= g.first-g.step || t > g.first+int64(g.n-1)*g.step {
		return -1
	}
	if t <= g.first {
		return 0
	}
	return int((t - g.first + g.step - 1) / g.step)
}

// spans returns the range of what the intervals cover.
func (g grid) spans() model.Range {
	return model.Range{Start: g.first - g.step + 1, End: g.first + int64(g.n-1)*g.step + 1}
}

func (e *Engine) grid(r MetricsRequest) (grid, error) {
	if r.End <= r.Start {
		return grid{}, checkErrorf("start must be before end")
	}
	if r.Instant {
		return grid{first: r.End, step: r.End - r.Start, n: 1}, nil
	}
	step := int64(r.Step)
	if step <= 0 {
		return grid{}, checkErrorf("step must be greater than 0")
	}
	first := floorTo(r.Start, step)
	last := floorTo(r.End+step-1, step)
	n := (last-first)/step + 1
	if most := int64(e.limits.MaxPoints); most > 0 && n > most {
		return grid{}, fmt.Errorf("query asks for %d points; use a longer step or raise query.max_points (%d): %w", n, most, fault.ErrLimit)
	}
	return grid{first: first, step: step, n: int(n)}, nil
}

func floorTo(t, step int64) int64 {
	if m := t % step; m < 0 {
		return t - m - step
	} else {
		return t - m
	}
}

// Metrics evaluates a metrics query.
func (e *Engine) Metrics(ctx context.Context, r MetricsRequest) (*MetricsResult, error) {
	e = e.in(ctx)
	if r.Query.Metrics == nil {
		return nil, ErrNotMetrics
	}
	g, err := e.grid(r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := e.deadline(ctx)
	defer cancel()
	for _, h := range r.Query.Hints {
		if h.Name == "exemplars" && (h.Value == BoolOf(false) || h.Value == IntOf(0)) {
			r.Exemplars = 0
		}
	}
	out := &MetricsResult{}
	for i := range g.n {
		out.Times = append(out.Times, g.first+int64(i)*g.step)
	}
	m := &metricsRun{e: e, g: g, instant: r.Instant, exemplars: r.Exemplars, stats: &out.Stats}
	if out.Series, err = m.eval(ctx, r.Query.Metrics); err != nil {
		return nil, err
	}
	sortSeries(out.Series)
	if most := e.limits.MaxSeries; most > 0 && len(out.Series) > most {
		return nil, fmt.Errorf("query returns %d series; group by less or raise query.max_series (%d): %w", len(out.Series), most, fault.ErrLimit)
	}
	return out, nil
}

// A metricsRun evaluates the expressions of one request.
type metricsRun struct {
	e         *Engine
	g         grid
	instant   bool
	exemplars int // still to be given away
	stats     *storage.Stats
}

func (m *metricsRun) eval(ctx context.Context, e MetricExpr) ([]*Series, error) {
	switch e := e.(type) {
	case *MetricPipeline:
		return m.pipeline(ctx, e)
	case *MetricStages:
		series, err := m.eval(ctx, e.Expr)
		if err != nil {
			return nil, err
		}
		for _, s := range e.Stages {
			series = s.apply(series)
		}
		return series, nil
	case *MetricMath:
		return m.math(ctx, e)
	}
	return nil, checkErrorf("%s has no series", printMetric(e))
}

func (m *metricsRun) math(ctx context.Context, e *MetricMath) ([]*Series, error) {
	if f, ok := e.R.(Static); ok {
		l, err := m.eval(ctx, e.L)
		if err != nil {
			return nil, err
		}
		return mathWithNumber(e.Op, l, f.Float(), false), nil
	}
	r, err := m.eval(ctx, e.R)
	if err != nil {
		return nil, err
	}
	if f, ok := e.L.(Static); ok {
		return mathWithNumber(e.Op, r, f.Float(), true), nil
	}
	l, err := m.eval(ctx, e.L)
	if err != nil {
		return nil, err
	}
	return mathOfSeries(e.Op, l, r), nil
}

// pipeline feeds the spans a pipeline selects to its function.
func (m *metricsRun) pipeline(ctx context.Context, e *MetricPipeline) ([]*Series, error) {
	n := &needs{attrs: map[Attribute]*sight{}}
	n.metric(e)
	c := newCollector(m, n, e.Fn)
	project := n.projection()
	if e.Fn.Selection != nil {
		project.EveryAttr, project.Span = true, true
	}
	r := m.g.spans()
	add := func(s *Span) error {
		if i := m.g.index(s.Start); i >= 0 {
			return c.add(s, i)
		}
		return nil
	}
	if done, err := m.aggregated(ctx, e, c); done || err != nil {
		return c.series(), err
	}
	where, also := n.candidates(e.Pipeline)
	if !n.trace {
		for s, err := range m.e.scanSpans(ctx, where, r, project, m.stats) {
			if err == nil && n.passes(e.Pipeline, s) {
				err = add(s)
			}
			if err != nil {
				return nil, err
			}
		}
		return c.series(), nil
	}
	find := Find{Where: where, also: also, Range: r, Project: project, Stats: m.stats, flat: !n.tree}
	for t, err := range m.e.Find(ctx, find) {
		if err != nil {
			return nil, err
		}
		for _, set := range n.runPipeline(e.Pipeline, n.begin(t)) {
			spans := set.Spans
			if c.compare != nil {
				spans = inBatches(spans)
			}
			for _, s := range spans {
				if err := add(s); err != nil {
					return nil, err
				}
			}
		}
	}
	return c.series(), nil
}

// passes reports whether a span passes the filters of a pipeline that looks at
// spans one by one.
func (n *needs) passes(p *Pipeline, s *Span) bool {
	if !n.fetched(s) {
		return false
	}
	for _, st := range p.Stages {
		if f, ok := st.(*Filter); ok && !n.matches(f, s) {
			return false
		}
	}
	return true
}
