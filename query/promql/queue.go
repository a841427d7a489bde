package promql

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/util/stats"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/query"
)

// A queue lets as many queries run at once as it has room for. Others wait
// until one is done or their time is up, and take turns by whose they are.
// Prometheus' own engine would wait before the query's timeout begins, and
// report a failure as a bad query.
type queue struct {
	room *fair.Gate
	wait time.Duration // most that a query waits
}

func newQueue(room int, wait time.Duration) queue { return queue{fair.New(room), wait} }

func (q queue) enter(ctx context.Context) error {
	waits, cancel := context.WithTimeout(ctx, q.wait)
	defer cancel()
	err := q.room.Enter(waits, auth.From(ctx).Payer())
	switch {
	case err == nil:
		return nil
	case ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return promql.ErrQueryTimeout("query queue")
	}
	return promql.ErrQueryCanceled("query queue")
}

func (q queue) leave(ctx context.Context) { q.room.Leave(ctx, auth.From(ctx).Payer()) }

// A queued query waits for its turn before it runs, and is in the file of
// active queries while it does.
type queued struct {
	promql.Query
	engine *Engine
	limits query.Limits
}

func (q queued) Exec(ctx context.Context) *promql.Result {
	e := q.engine
	if own := q.limits.Timeout; own < e.limits.Timeout {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, own)
		defer cancel()
	}
	t := q.Stats().Timers.GetTimer(stats.ExecQueueTime).Start()
	err := e.queue.enter(ctx)
	t.Stop()
	if err != nil {
		return &promql.Result{Err: err}
	}
	defer e.queue.leave(ctx)
	if e.tracker != nil {
		// There is a place for everyone whom the queue lets in.
		// It is not taken if the query's time is up, which Exec reports.
		if place, err := e.tracker.Insert(ctx, q.String()); err == nil {
			defer e.tracker.Delete(place)
		}
	}
	res := q.Query.Exec(ctx)
	if samples := q.Stats().Samples; samples != nil {
		q.limits.Used(query.Usage{Samples: int64(samples.PeakSamples)})
		costIn(ctx, func(s *Spent) { s.Samples += samples.TotalSamples })
	}
	return res
}
