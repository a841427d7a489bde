package self

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

// A queue collects rows of one signal and writes them once a second.
type queue struct {
	signal  model.Signal
	maxRows int // between two writes; the rest is dropped
	events  ingest.EventWriter
	account *ingest.Account

	mu   sync.Mutex
	rows *model.Builder
	size int // bytes of text in rows
}

const writeInterval = time.Second

// protocol is what the account calls rows that came by no wire.
const protocol = "self"

func newQueue(s model.Signal, maxRows int, sinks Sinks) *queue {
	return &queue{signal: s, maxRows: maxRows, events: sinks.Events, account: sinks.Account, rows: model.NewBuilder(s, maxRows)}
}

// add calls f with a builder for one more row of size bytes of text, unless
// the queue is full.
func (q *queue) add(size int, f func(*model.Builder)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.rows.Len() >= q.maxRows {
		q.account.Reject(context.Background(), protocol, q.signal.String(), ingest.ReasonOverload, 1, fmt.Sprintf("more than %d %v in %v", q.maxRows, q.signal, writeInterval))
		return
	}
	f(q.rows)
	q.size += size
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
	b, size := q.rows.Batch(), q.size
	q.rows, q.size = model.NewBuilder(q.signal, min(q.maxRows, 2*n)), 0
	q.mu.Unlock()
	ctx = q.account.Arrive(ctx, protocol)
	if err := q.events.Append(ctx, b); err != nil {
		q.account.Reject(ctx, protocol, q.signal.String(), ingest.ReasonStorage, n, err.Error())
		return
	}
	q.account.Accept(ctx, protocol, q.signal.String(), n, size)
}
