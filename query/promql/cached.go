package promql

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/prometheus/promql"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/internal/auth"
)

// Data tells what became of the samples, for answers that are kept to be told
// from those that hold no more. metric.Store implements it.
type Data interface {
	// Version returns a number that grows with each change of the data. A
	// querier that is opened afterwards sees that version or a later one.
	Version() uint64

	// ChangedSince returns the time before which all samples are as they were
	// at version, in ms; math.MaxInt64 if nothing has changed.
	ChangedSince(version uint64) int64
}

// fresh is the key of WithoutCache in a context.
type fresh struct{}

// WithoutCache has queries under ctx computed anew. It is a request's wish, and
// between the request and the engine lies Prometheus' API, which passes nothing
// on but the context.
func WithoutCache(ctx context.Context) context.Context {
	return context.WithValue(ctx, fresh{}, true)
}

// elsewhere reports whether source also reads what Data knows no changes of.
func elsewhere(source promstorage.Queryable) bool {
	s, ok := source.(interface{ Elsewhere() bool })
	return ok && s.Elsewhere()
}

// A cachedRange is a range query that looks into the cache before it runs.
type cachedRange struct {
	queued
	source           promstorage.Queryable
	opts             promql.QueryOpts
	start, end, step int64 // ms
	reuse            reuse
	key              string

	mu   sync.Mutex
	rest promql.Query // of the steps that the cache had not; nil if it had all or none
}

// cached returns q, or a query that uses the cache if q is one that can.
func (e *Engine) cached(ctx context.Context, q queued, source promstorage.Queryable, opts promql.QueryOpts, start, end time.Time, step time.Duration) promql.Query {
	if e.results == nil {
		return q
	}
	r, ok := e.reusable(ctx, q, opts, start, step)
	if !ok || elsewhere(source) {
		e.results.asked(ctx, "bypass", 0, 0)
		return q
	}
	c := &cachedRange{
		queued: q, source: source, opts: opts, reuse: r,
		start: start.UnixMilli(), end: end.UnixMilli(), step: step.Milliseconds(),
	}
	c.end -= (c.end - c.start) % c.step // to the last step
	lookback := LookbackDelta
	if opts != nil && opts.LookbackDelta() > 0 {
		lookback = opts.LookbackDelta()
	}
	// Values are of the same steps if the ranges are of the same phase.
	c.key = fmt.Sprintf("%d %d %d %s", c.step, c.start%c.step, lookback, q.String())
	if view := auth.From(ctx).View(auth.Metrics); view != "" {
		c.key = view + " " + c.key // of others it has other samples
	}
	if !r.steps {
		c.key = fmt.Sprintf("%d-%d %s", c.start, c.end, c.key)
	}
	return c
}

// reusable tells whether answers to q may be kept, and what of them.
func (e *Engine) reusable(ctx context.Context, q queued, opts promql.QueryOpts, start time.Time, step time.Duration) (reuse, bool) {
	if ctx.Value(fresh{}) != nil || e.logging.Load() || opts != nil && opts.EnablePerStepStats() {
		return reuse{}, false // whoever counts what a query costs wants it to cost that
	}
	if step < time.Millisecond || step%time.Millisecond != 0 || start.Nanosecond()%int(time.Millisecond) != 0 {
		return reuse{}, false
	}
	expr, err := e.Parser.ParseExpr(q.String())
	if err != nil {
		return reuse{}, false
	}
	lookback := LookbackDelta
	if opts != nil && opts.LookbackDelta() > 0 {
		lookback = opts.LookbackDelta()
	}
	r := reuseOf(expr, lookback, e.delayedNameRemoval)
	return r, !r.none
}

// Exec answers from the cache what is in it, and evaluates the steps after
// that.
func (q *cachedRange) Exec(ctx context.Context) *promql.Result {
	c := q.engine.results
	version := c.data.Version()
	had, until := q.lookUp()
	if had == nil {
		c.asked(ctx, "miss", q.steps(q.end), 0)
		return q.keep(q.queued.Exec(ctx), version)
	}
	if until >= q.end {
		c.asked(ctx, "hit", q.steps(q.end), q.steps(q.end))
		return &promql.Result{Value: between(had.matrix, q.start, q.end)}
	}
	c.asked(ctx, "part", q.steps(q.end), q.steps(until))
	return q.extend(ctx, had, until, version)
}

// steps is the number of the query's steps up to last.
func (q *cachedRange) steps(last int64) int64 { return (last-q.start)/q.step + 1 }

// lookUp returns the answer in the cache, if it has the first step and that
// still holds, and the last step of it that does.
func (q *cachedRange) lookUp() (*answer, int64) {
	had := q.engine.results.get(q.key)
	if had == nil || had.start > q.start || had.end < q.start {
		return nil, 0
	}
	changed := q.engine.results.data.ChangedSince(had.version)
	holds := func(t int64) bool { return q.reuse.until(t) < changed }
	last := min(had.end, q.end)
	switch {
	case holds(last):
		return had, last
	case !q.reuse.steps || !holds(q.start):
		return nil, 0
	}
	// changed lies between the first and the last step, so nothing overflows.
	before := changed - q.reuse.ahead - 1
	return had, q.start + (before-q.start)/q.step*q.step
}

// extend evaluates the steps after until and joins them to those before.
func (q *cachedRange) extend(ctx context.Context, had *answer, until int64, version uint64) *promql.Result {
	rest, err := q.engine.newRangeQuery(ctx, q.source, q.opts, q.String(), time.UnixMilli(until+q.step), time.UnixMilli(q.end), time.Duration(q.step)*time.Millisecond)
	if err != nil {
		return &promql.Result{Err: err}
	}
	q.mu.Lock()
	q.rest = rest
	q.mu.Unlock()
	res := rest.Exec(ctx)
	m, ok := res.Value.(promql.Matrix)
	if res.Err != nil || !ok {
		return res
	}
	// What is kept begins where it did, for whoever looks back further, as
	// long as it is not mostly of the past.
	from := q.start
	if q.start-had.start <= q.end-q.start {
		from = had.start
	}
	all := join(between(had.matrix, from, until), m)
	if len(res.Warnings) == 0 {
		// The steps from before held at version too, or lookUp would not have
		// let them through.
		q.engine.results.put(&answer{key: q.key, version: version, start: from, end: q.end, matrix: all})
	}
	return &promql.Result{Value: between(all, q.start, q.end), Warnings: res.Warnings}
}

// keep puts a fresh result into the cache. What has annotations is not kept:
// it cannot be told which of the steps they are about.
func (q *cachedRange) keep(res *promql.Result, version uint64) *promql.Result {
	m, ok := res.Value.(promql.Matrix)
	if res.Err == nil && ok && len(res.Warnings) == 0 {
		q.engine.results.put(&answer{key: q.key, version: version, start: q.start, end: q.end, matrix: copied(m)})
	}
	return res
}

// Close recovers the memory of what was evaluated.
func (q *cachedRange) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.rest != nil {
		q.rest.Close()
	}
	q.queued.Close()
}

// Cancel signals the evaluation to end.
func (q *cachedRange) Cancel() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.rest != nil {
		q.rest.Cancel()
	}
	q.queued.Cancel()
}
