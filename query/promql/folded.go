package promql

import (
	"context"
	"sync"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/stats"

	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/promql/fold"
)

// A folded query is one of which package fold evaluates what it can before the
// engine evaluates the rest.
type folded struct {
	promql.Query
	source  *source
	limits  query.Limits
	metrics foldMetrics
	workers func() int

	mu     sync.Mutex
	begun  bool // its statement is as it was until then
	cancel context.CancelFunc
}

// folded returns x, which reads source, or a folded query of it. Those that count
// what a query costs at each step have it evaluated step by step, and a name that
// is removed at the end has to be known until then. What other servers add has to
// be selected at once for a whole query, or one that fails is in a part of it only.
func (e *Engine) folded(x promql.Query, s *source, l query.Limits) promql.Query {
	if e.noFolding || e.delayedNameRemoval || elsewhere(s.Queryable) || x.Stats().Samples.StepTrackingEnabled() {
		return x
	}
	return &folded{Query: x, source: s, limits: l, metrics: e.folds, workers: e.spare}
}

// spare is how many processors each of the queries that run now may use.
func (e *Engine) spare() int {
	return max(e.processors/max(e.queue.room.Taken(), 1), 1)
}

// Exec evaluates the query, once.
func (q *folded) Exec(ctx context.Context) *promql.Result {
	ctx, cancel := context.WithTimeout(ctx, q.limits.Timeout)
	defer cancel()
	f := q.begin(cancel)
	if f == nil || !f.Plan() {
		return q.Query.Exec(ctx)
	}
	timers := q.Stats().Timers
	for _, of := range []stats.QueryTiming{stats.ExecTotalTime, stats.EvalTotalTime, stats.InnerEvalTime} {
		timers.GetTimer(of).Start()
	}
	annos, err := f.Run(ctx, q.source)
	q.metrics.folded.Add(float64(f.Folded))
	q.metrics.unfit.Add(float64(f.Unfit))
	for _, of := range []stats.QueryTiming{stats.ExecTotalTime, stats.EvalTotalTime, stats.InnerEvalTime} {
		timers.GetTimer(of).Stop()
	}
	if err != nil {
		return &promql.Result{Err: err, Warnings: annos}
	}
	q.source.Queryable = f.Source(q.source.Queryable)
	res := q.Query.Exec(ctx)
	res.Warnings.Merge(annos)
	return res
}

// begin returns what there is to fold, nil if that was done already.
func (q *folded) begin(cancel context.CancelFunc) *fold.Query {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.cancel = cancel
	stmt, ok := q.Statement().(*parser.EvalStmt)
	if q.begun || !ok {
		return nil
	}
	q.begun = true
	return &fold.Query{Stmt: stmt, SubqueryStep: subqueryStep, MaxSamples: q.limits.MaxSamples, Samples: q.Stats().Samples, Workers: q.workers}
}

// Cancel signals the evaluation to end.
func (q *folded) Cancel() {
	q.mu.Lock()
	cancel := q.cancel
	q.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	q.Query.Cancel()
}
