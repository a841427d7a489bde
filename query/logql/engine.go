package logql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// An Engine evaluates LogQL. It is safe for concurrent use.
type Engine struct {
	src    query.EventSource
	limits query.Limits
}

// NewEngine returns an Engine over src within limits.
func NewEngine(src query.EventSource, limits query.Limits) *Engine {
	return &Engine{src: src, limits: limits}
}

// in returns the engine within the limits of a query in ctx.
func (e *Engine) in(ctx context.Context) *Engine {
	own := *e
	own.limits = e.limits.In(ctx)
	return &own
}

// Params say what of a query's answer is wanted. An instant query has equal
// Start and End.
type Params struct {
	Start, End int64         // ns since the Unix epoch; of lines [Start, End), of steps both included
	Step       time.Duration // between the points of a metric query; 0 makes one point, at Start

	// Of queries for lines only:

	Limit    int           // of lines; 0 means as many as Limits.MaxLines
	Forward  bool          // oldest first
	Interval time.Duration // least time between lines
}

// A Kind is the type of a Result, by its name in Loki's API.
type Kind string

// The kinds of results.
const (
	KindStreams Kind = "streams"
	KindMatrix  Kind = "matrix"
	KindVector  Kind = "vector"
	KindScalar  Kind = "scalar"
)

// A Result is the answer to a query. Which fields are set depends on Kind; of
// a scalar Matrix has one series without labels.
type Result struct {
	Kind    Kind
	Streams []Stream // in no particular order
	Matrix  []Series // of a vector, one point each, in the order of the query
	Stats   storage.Stats
}

// A Stream is the lines with one set of labels.
type Stream struct {
	Labels  labels.Labels // after the pipeline; a value may be empty
	Entries []Entry       // in the order asked for
}

// An Entry is one line. Its labels are also told apart by origin: those of
// the stream are all others of Stream.Labels.
type Entry struct {
	Time     int64 // ns since the Unix epoch
	Line     string
	Metadata labels.Labels // the record's own attributes
	Parsed   labels.Labels // set by the pipeline
}

// A Series is the points of a metric with one set of labels.
type Series struct {
	Labels labels.Labels
	Points []Point // ascending, at steps of the query
}

// A Point is a value at a time.
type Point struct {
	Time  int64 // ns since the Unix epoch
	Value float64
}

// Range evaluates e over a range of time: a log query gives KindStreams,
// another KindMatrix.
func (e *Engine) Range(ctx context.Context, expr Expr, p Params) (*Result, error) {
	return e.evaluate(ctx, expr, p, nil)
}

// evaluate is Range; it notes in plan, if there is one, what it does.
func (e *Engine) evaluate(ctx context.Context, expr Expr, p Params, plan *Plan) (*Result, error) {
	e = e.in(ctx)
	return e.run(ctx, func(ctx context.Context, r *Result) error {
		if l, ok := expr.(*LogExpr); ok {
			return e.logs(ctx, l, p, r, plan)
		}
		ev, err := e.evaluator(p, r)
		if err != nil {
			return err
		}
		ev.plan = plan
		v, err := ev.eval(ctx, expr)
		if err != nil {
			return err
		}
		r.Kind = KindMatrix
		r.Matrix = ev.results(byLabels(ev.series(v)))
		return nil
	})
}

// ErrInstantLog is the answer to a query for lines at one instant.
var ErrInstantLog error = &evalError{
	"log queries are not supported as an instant query type, please change your query to a range query type",
}

// Instant evaluates e at p.Start: KindVector, or KindScalar for a number.
func (e *Engine) Instant(ctx context.Context, expr Expr, p Params) (*Result, error) {
	e = e.in(ctx)
	if _, ok := expr.(*LogExpr); ok {
		return nil, ErrInstantLog
	}
	p.End, p.Step = p.Start, 0
	return e.run(ctx, func(ctx context.Context, r *Result) error {
		ev, err := e.evaluator(p, r)
		if err != nil {
			return err
		}
		v, err := ev.eval(ctx, expr)
		if err != nil {
			return err
		}
		r.Kind = KindVector
		if _, ok := v.(scalar); ok {
			r.Kind = KindScalar
		}
		m := ev.series(v)
		if !ordered(expr) {
			m = byLabels(m)
		}
		r.Matrix = ev.results(m)
		return nil
	})
}

// byLabels returns the series sorted by their labels.
func byLabels(m matrix) matrix {
	m = slices.Clone(m)
	slices.SortStableFunc(m, func(a, b *series) int { return labels.Compare(a.labels, b.labels) })
	return m
}

// ordered reports whether a vector is in order of its values.
func ordered(e Expr) bool {
	switch e := e.(type) {
	case *VectorAgg:
		return e.Op == OpSort || e.Op == OpSortDesc || ordered(e.Inner)
	case *LabelReplace:
		return ordered(e.Inner)
	case *BinaryExpr:
		return ordered(e.Left) || ordered(e.Right)
	}
	return false
}

// run adds the time limit and the statistics that all queries have.
func (e *Engine) run(ctx context.Context, f func(context.Context, *Result) error) (*Result, error) {
	outer := ctx
	if e.limits.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.limits.Timeout)
		defer cancel()
	}
	r := &Result{}
	began := time.Now()
	if err := f(ctx, r); err != nil {
		if errors.Is(err, context.DeadlineExceeded) && outer.Err() == nil {
			return nil, fmt.Errorf("query ran longer than the limit query.timeout of %v; "+
				"decrease the duration of the request or add more label matchers: %w", e.limits.Timeout, fault.ErrTimeout)
		}
		return nil, err
	}
	r.Stats.Elapsed = time.Since(began)
	return r, nil
}
