package self

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

// A queue collects rows of one signal and writes them once a second.
type queue struct {
	signal  model.Signal
	maxRows int // between two writes; the rest is dropped
	events  ingest.EventWriter
	written prometheus.Counter
	dropped prometheus.Counter

	mu   sync.Mutex
	rows *model.Builder
}

const writeInterval = time.Second

func newQueue(s model.Signal, maxRows int, events ingest.EventWriter, rows *prometheus.CounterVec) *queue {
	return &queue{
		signal: s, maxRows: maxRows, events: events,
		written: rows.WithLabelValues(s.String(), "written"),
		dropped: rows.WithLabelValues(s.String(), "dropped"),
		rows:    model.NewBuilder(s, maxRows),
	}
}

// add calls f with a builder for one more row, unless the queue is full.
func (q *queue) add(f func(*model.Builder)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.rows.Len() >= q.maxRows {
		q.dropped.Inc()
		return
	}
	f(q.rows)
}

// run writes what has been added, until ctx ends and the rest is written.
func (q *queue) run(ctx context.Context) error {
	tick := time.NewTicker(writeInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			q.write(context.WithoutCancel(ctx))
			return nil
		case <-tick.C:
			q.write(ctx)
		}
	}
}

func (q *queue) write(ctx context.Context) {
	q.mu.Lock()
	n := q.rows.Len()
	if n == 0 {
		q.mu.Unlock()
		return
	}
	b := q.rows.Batch()
	q.rows = model.NewBuilder(q.signal, min(q.maxRows, 2*n))
	q.mu.Unlock()
	if err := q.events.Append(ctx, b); err != nil {
		q.dropped.Add(float64(n))
		return
	}
	q.written.Add(float64(n))
}
