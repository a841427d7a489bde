package promql

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/features"

	"github.com/oriel-obs/oriel/query"
)

// LookbackDelta is how old a sample may be to count as a series' current
// value, as in Prometheus.
const LookbackDelta = 5 * time.Minute

// subqueryStep is the resolution of a subquery that names none: Prometheus
// takes its evaluation interval, whose default this is.
const subqueryStep = time.Minute

// Options are what an Engine needs.
type Options struct {
	Limits query.Limits
	Config Config

	// Dir gets the file queries.active, which names the queries being
	// evaluated: what it lists at the start, the process before did not
	// survive, and that is logged. "" keeps no such file.
	Dir string

	// Data tells which answers to range queries still hold; nil keeps none.
	Data Data

	Features   features.Collector // is told what the engine can do; nil for nobody
	Registerer prometheus.Registerer
	Log        *slog.Logger
}

// An Engine is Prometheus' engine with Oriel's limits. It implements
// promql.QueryEngine, and its Parser must parse whatever it is to run.
type Engine struct {
	*promql.Engine

	// Parser reads the dialect of the engine: Prometheus' with the
	// experimental parts that are on.
	Parser parser.Parser

	maxPoints          int
	processors         int // what their number was before threads were added
	delayedNameRemoval bool
	noFolding          bool
	folds              foldMetrics
	results            *resultCache // nil if nothing is kept
	logging            atomic.Bool  // there is a query log, which is to have every query
	queue              queue
	tracker            *promql.ActiveQueryTracker // nil if there is no file
	limits             query.Limits

	mu     sync.Mutex
	opts   promql.EngineOpts      // of narrow
	narrow map[int]*promql.Engine // by MaxSamples, as limits of tenants and tokens have it
	logger promql.QueryLogger     // nil without a query log
}

var _ promql.QueryEngine = (*Engine)(nil)

// New returns an engine, which the caller closes.
func New(o Options) (*Engine, error) {
	e := &Engine{
		limits:             o.Limits,
		narrow:             map[int]*promql.Engine{},
		Parser:             o.Config.Parser(),
		maxPoints:          o.Limits.MaxPoints,
		delayedNameRemoval: o.Config.DelayedNameRemoval,
		noFolding:          o.Config.NoFolding,
		folds:              newFoldMetrics(o.Registerer),
		processors:         runtime.GOMAXPROCS(0),
		queue:              newQueue(o.Limits.MaxConcurrent, o.Limits.Timeout),
	}
	if o.Data != nil && o.Config.ResultCache.MaxBytes > 0 {
		e.results = newResultCache(o.Data, int64(o.Config.ResultCache.MaxBytes), o.Registerer)
	}
	if o.Dir != "" {
		var err error
		if e.tracker, err = promql.NewActiveQueryTracker(o.Dir, o.Limits.MaxConcurrent, o.Log); err != nil {
			return nil, fmt.Errorf("open query tracker in %s: %w", o.Dir, err)
		}
	}
	opts := options(o.Limits, e.Parser)
	opts.EnableDelayedNameRemoval = o.Config.DelayedNameRemoval
	opts.Logger, opts.Reg, opts.FeatureRegistry = o.Log, o.Registerer, o.Features
	e.Engine = promql.NewEngine(opts)
	opts.Reg, opts.FeatureRegistry = nil, nil
	e.opts = opts
	return e, nil
}

// within returns the engine that holds queries to so many samples.
func (e *Engine) within(samples int) *promql.Engine {
	if samples == e.limits.MaxSamples {
		return e.Engine
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	own := e.narrow[samples]
	if own == nil {
		opts := e.opts
		opts.MaxSamples = samples
		own = promql.NewEngine(opts)
		if e.logger != nil {
			own.SetQueryLogger(lent{e.logger})
		}
		e.narrow[samples] = own
	}
	return own
}

// Close is called when no query runs any more.
func (e *Engine) Close() error {
	if err := e.tracker.Close(); err != nil {
		return fmt.Errorf("close query tracker: %w", err)
	}
	return e.Engine.Close()
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

// NewInstantQuery prepares a query of one moment.
func (e *Engine) NewInstantQuery(ctx context.Context, q promstorage.Queryable, opts promql.QueryOpts, qs string, ts time.Time) (promql.Query, error) {
	l := e.limits.In(ctx)
	s := &source{q}
	x, err := e.within(l.MaxSamples).NewInstantQuery(ctx, s, opts, qs, ts)
	if err != nil {
		return nil, err
	}
	return queued{e.folded(x, s, l), e, l}, nil
}

// NewRangeQuery prepares a query of a moment each interval, both ends
// included. Over Limits.MaxPoints moments it is refused.
func (e *Engine) NewRangeQuery(ctx context.Context, q promstorage.Queryable, opts promql.QueryOpts, qs string, start, end time.Time, interval time.Duration) (promql.Query, error) {
	if interval > 0 && end.Sub(start)/interval > time.Duration(e.maxPoints) {
		return nil, fmt.Errorf("exceeded maximum resolution of %d points per timeseries (query.max_points); try a longer step", e.maxPoints)
	}
	x, err := e.newRangeQuery(ctx, q, opts, qs, start, end, interval)
	if err != nil {
		return nil, err
	}
	return e.cached(ctx, x, q, opts, start, end, interval), nil
}

// newRangeQuery prepares a query that is evaluated as a whole.
func (e *Engine) newRangeQuery(ctx context.Context, q promstorage.Queryable, opts promql.QueryOpts, qs string, start, end time.Time, interval time.Duration) (queued, error) {
	l := e.limits.In(ctx)
	s := &source{q}
	x, err := e.within(l.MaxSamples).NewRangeQuery(ctx, s, opts, qs, start, end, interval)
	if err != nil {
		return queued{}, err
	}
	return queued{e.folded(x, s, l), e, l}, nil
}
