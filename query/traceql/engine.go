package traceql

import (
	"context"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// An Engine evaluates TraceQL on an event source. It is safe for concurrent
// use.
type Engine struct {
	src        query.EventSource
	limits     query.Limits
	blockLists bool // see WithBlockLists
}

// NewEngine returns an Engine over src. Of limits it heeds Timeout, MaxRows,
// MaxSeries and MaxPoints.
func NewEngine(src query.EventSource, limits query.Limits) *Engine {
	return &Engine{src: src, limits: limits}
}

// in returns the engine within the limits of a query in ctx.
func (e *Engine) in(ctx context.Context) *Engine {
	own := *e
	own.limits = e.limits.In(ctx)
	return &own
}

// Source returns what the engine reads, for the catalogue requests of APIs.
func (e *Engine) Source() query.EventSource { return e.src }

// lookAround is how far from where a trace is looked for its spans may begin.
const lookAround = 24 * time.Hour

// Trace returns the whole trace with an id, every column of it, or
// fault.ErrNotFound. r narrows where to look for it; of a trace found, spans
// that begin up to a day outside of r are returned as well.
func (e *Engine) Trace(ctx context.Context, id model.TraceID, r model.Range) (*Trace, error) {
	e = e.in(ctx)
	ctx, cancel := e.deadline(ctx)
	defer cancel()
	traces, err := e.fetch(ctx, &assembler{}, []model.TraceID{id}, widen(r, lookAround), nil, &storage.Stats{})
	if err != nil {
		return nil, err
	}
	if len(traces) == 0 || !r.Overlaps(traces[0].Start, traces[0].End) {
		return nil, fmt.Errorf("trace %v: %w", id, fault.ErrNotFound)
	}
	return traces[0], nil
}

// Traces returns those of some traces that there are, whole, in no order. of
// names what is decoded of their spans; nil is all. r narrows where to look, as
// for Trace.
func (e *Engine) Traces(ctx context.Context, ids []model.TraceID, r model.Range, of *storage.Projection) ([]*Trace, error) {
	e = e.in(ctx)
	if len(ids) == 0 {
		return nil, nil
	}
	if of != nil {
		of = withStart(of)
	}
	ctx, cancel := e.deadline(ctx)
	defer cancel()
	return e.fetch(ctx, &assembler{}, ids, widen(r, lookAround), of, &storage.Stats{})
}

// deadline bounds a query's time; running over it is a fault.ErrTimeout by way
// of context.DeadlineExceeded.
func (e *Engine) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if e.limits.Timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, e.limits.Timeout)
}
