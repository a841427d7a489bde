package promql

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oriel-obs/oriel/query"
)

// LookbackDelta is how old a sample may be to count as a series' current
// value, as in Prometheus.
const LookbackDelta = 5 * time.Minute

// subqueryStep is the resolution of a subquery that names none: Prometheus
// takes its evaluation interval, whose default this is.
const subqueryStep = time.Minute

// An Engine is Prometheus' engine with Oriel's limits. It implements
// promql.QueryEngine, and its Parser must parse whatever it is to run.
type Engine struct {
	*promql.Engine

	// Parser reads the dialect of the engine: Prometheus' without the
	// experimental functions.
	Parser parser.Parser

	queue queue
}

var _ promql.QueryEngine = (*Engine)(nil)

// New returns an engine; its metrics are registered with reg.
func New(limits query.Limits, log *slog.Logger, reg prometheus.Registerer) *Engine {
	e := &Engine{
		Parser: parser.NewParser(parser.Options{}),
		queue:  newQueue(limits.MaxConcurrent, limits.Timeout),
	}
	o := options(limits, e.Parser)
	o.Logger, o.Reg = log, reg
	e.Engine = promql.NewEngine(o)
	return e
}

// options are what decides how a query is evaluated.
func options(limits query.Limits, p parser.Parser) promql.EngineOpts {
	return promql.EngineOpts{
		MaxSamples:               limits.MaxSamples,
		Timeout:                  limits.Timeout,
		LookbackDelta:            LookbackDelta,
		NoStepSubqueryIntervalFn: func(int64) int64 { return subqueryStep.Milliseconds() },
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
		EnablePerStepStats:       true, // computed only for a query that asks with stats=all
		Parser:                   p,
	}
}
