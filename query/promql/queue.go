package promql

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/prometheus/promql"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/stats"
)

// A queue lets as many queries run at once as it has room for. Others wait
// until one is done or their time is up. Prometheus' own query tracker would
// wait before the query's timeout begins, and report a failure as a bad query.
type queue struct {
	room chan struct{}
	wait time.Duration // most that a query waits
}

func newQueue(room int, wait time.Duration) queue {
	return queue{make(chan struct{}, room), wait}
}

func (q queue) enter(ctx context.Context) error {
	select {
	case q.room <- struct{}{}:
		return nil
	default:
	}
	t := time.NewTimer(q.wait)
	defer t.Stop()
	select {
	case q.room <- struct{}{}:
		return nil
	case <-t.C:
		return promql.ErrQueryTimeout("query queue")
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return promql.ErrQueryTimeout("query queue")
		}
		return promql.ErrQueryCanceled("query queue")
	}
}

func (q queue) leave() { <-q.room }

// NewInstantQuery prepares a query of one moment.
func (e *Engine) NewInstantQuery(ctx context.Context, q promstorage.Queryable, opts promql.QueryOpts, qs string, ts time.Time) (promql.Query, error) {
	x, err := e.Engine.NewInstantQuery(ctx, q, opts, qs, ts)
	if err != nil {
		return nil, err
	}
	return queued{x, e.queue}, nil
}

// NewRangeQuery prepares a query of a moment each interval, both ends included.
func (e *Engine) NewRangeQuery(ctx context.Context, q promstorage.Queryable, opts promql.QueryOpts, qs string, start, end time.Time, interval time.Duration) (promql.Query, error) {
	x, err := e.Engine.NewRangeQuery(ctx, q, opts, qs, start, end, interval)
	if err != nil {
		return nil, err
	}
	return queued{x, e.queue}, nil
}

// A queued query waits for its turn before it runs.
type queued struct {
	promql.Query
	queue queue
}

func (q queued) Exec(ctx context.Context) *promql.Result {
	t := q.Stats().Timers.GetTimer(stats.ExecQueueTime).Start()
	err := q.queue.enter(ctx)
	t.Stop()
	if err != nil {
		return &promql.Result{Err: err}
	}
	defer q.queue.leave()
	return q.Query.Exec(ctx)
}
