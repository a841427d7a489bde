package fold

import (
	"context"
	"errors"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/oriel-obs/oriel/internal/fair"
)

// errUnfit says that an expression has to be evaluated by the engine after all.
var errUnfit = errors.New("not to be folded")

// A node is a part of an expression.
type node interface {
	// each calls yield with one series after the other. Their values are the
	// callee's until it returns, and it may write over them.
	each(ev *evaluation, yield func(*series) error) error

	// distinct says that no two series have the same labels, not even if the
	// names of the metrics are taken off.
	distinct() bool
}

// An evaluation is what the nodes of an expression share while they are evaluated.
type evaluation struct {
	ctx     context.Context
	querier promstorage.Querier
	stmt    *parser.EvalStmt
	grid    grid
	steps   int
	workers func() int // how many goroutines may be at work now

	builder *labels.Builder
	annos   annotations.Annotations
	made    []promstorage.Series // what has come out

	read int64 // samples looked at, once each
	seen int64 // the same, for each step anew, which is what the engine counts

	held, peak, max int // values in memory at once
}

// hold notes that n more values are in memory.
func (ev *evaluation) hold(n int) error {
	ev.held += n
	ev.peak = max(ev.peak, ev.held)
	if ev.held > ev.max {
		return promql.ErrTooManySamples("query execution")
	}
	return nil
}

func (ev *evaluation) release(n int) { ev.held -= n }

// empty returns values that are all absent.
func (ev *evaluation) empty() []float64 {
	values := make([]float64, ev.steps)
	clearValues(values)
	return values
}

func clearValues(values []float64) {
	for i := range values {
		values[i] = absent
	}
}

// stopEvery is after how many series it is looked whether the query is to go on,
// and others go first: a few milliseconds.
const stopEvery = 16

func (ev *evaluation) stopped(series int) error {
	if series%stopEvery != 0 {
		return nil
	}
	fair.Pause(ev.ctx)
	return ev.ctx.Err()
}
